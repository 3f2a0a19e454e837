"""An edition as its pages tell it, in the visitor's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.numbers import format_decimal
from starlette.exceptions import HTTPException

from colporteur.delivery.braking import BY as DELIVERY
from colporteur.delivery.preflighting import BY as PREFLIGHT
from colporteur.editions import opening, scheduling, store
from colporteur.editions.foresight import DRAFT
from colporteur.editions.foretelling import readers_per_cadence
from colporteur.editions.freezing.special import readers_meant
from colporteur.editions.freezing.special_readers import audience_of
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import Edition
from colporteur.exceptions import UnknownName
from colporteur.publication import Channel
from colporteur.publication.identities import channel_of
from colporteur.templating import language
from colporteur.web.desk import Desk
from colporteur.web.newsroom.editions import words
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.visiting import Visit

_DIGITS_AT_MOST = 18
MACHINES: Mapping[str, str] = {
    opening.BY: "The calendar",
    PREFLIGHT: "The check before sending",
    DELIVERY: "The sending",
}
REASONS: Mapping[str, str] = {
    "arranged": "Arranged",
    "approved": "Approved",
    "confirmed": "Confirmed",
    "approved too late": "Approved too late",
    opening.CAUGHT_UP: "A later edition brings what it would have brought.",
    opening.TOO_LATE: "It was too late to be of use.",
    opening.NOTHING_NEW: "There was nothing new.",
    opening.NO_READERS: "It had no readers.",
    scheduling.NOT_APPROVED: "Nobody approved it in time.",
    scheduling.NOT_OFFERED: "The calendar does not have it any more.",
    scheduling.NOBODY_LEFT: "Nobody was left to send it to.",
    "sent too late to be of use": "It was too late to be of use.",
    "the clock was ahead": "The clock had been ahead.",
}


@dataclass(frozen=True)
class Head:
    """What every page of an edition says first. ``leaves`` is None for a draft.

    ``slot`` is when the calendar had it, where it was moved since.
    """

    id: int
    title: str
    kind: str
    channel: str
    channel_language: str
    cadence: str
    state: str
    said: str
    sentence: str
    strength: str
    reason: str
    leaves: str
    slot: str
    zone: str
    ended: bool


@dataclass(frozen=True)
class Told:
    """A change of an edition: who, when, what became of it and why."""

    by: str
    at: str
    what: str
    why: str


def edition_of(desk: Desk, visit: Visit, *, to_change: bool = False) -> Edition:
    """The edition of the address.

    Raises:
        HTTPException: 404, there is none.
    """
    load = store.load_in_turn if to_change else store.load
    try:
        return load(desk.connection, visit.number())
    except UnknownName:
        raise HTTPException(404) from None


def home_of(desk: Desk, edition: Edition) -> Channel | None:
    """The channel of an edition; None once it was removed."""
    return channel_of(desk.publication, desk.names, edition.channel_id)


def head(room: Room, visit: Visit, desk: Desk, edition: Edition) -> Head:
    """What every page of an edition says first."""
    channel, zone = home_of(desk, edition), desk.publication.timezone
    draft = edition.state is State.OPEN and edition.send_at is None
    state = DRAFT if draft else edition.state.value
    at = edition.hold_until or edition.send_at
    leaves = words.moment(at, zone, visit.tag) if at else ""
    named = channel.title if channel else room.say(visit, "A channel that is gone")
    moved = edition.slot is not None and edition.send_at not in {None, edition.slot}
    return Head(
        id=edition.id,
        title=f"{named}{' – ' if leaves else ''}{leaves}",
        kind=room.say(visit, words.KINDS[edition.kind]),
        channel=named,
        channel_language=channel.language if channel else visit.tag,
        cadence=edition.cadence or "",
        state=state,
        said=room.say(visit, words.STATES[state]),
        sentence=room.say(visit, words.IN_SENTENCES[state]),
        strength=strength(state),
        reason=reason_said(room, visit, edition.reason),
        leaves=leaves,
        slot=words.moment(edition.slot, zone, visit.tag) if moved and edition.slot else "",
        zone=zone,
        ended=edition.state in ENDED,
    )


def strength(state: str) -> str:
    """How a state is shown: none, strong or alarming."""
    return "alarm" if state in words.ALARMING else "strong" if state in words.STRONG else ""


def readers_of(desk: Desk, edition: Edition) -> int:
    """To how many it was fixed; before, how many it is meant for."""
    if edition.frozen_at is not None or edition.state in ENDED:
        return store.readers(desk.connection, [edition.id]).get(edition.id, 0)
    if not edition.regular:
        return readers_meant(desk.connection, audience_of(edition), desk.whom)
    per_cadence = readers_per_cadence(desk.connection, desk.whom)
    return per_cadence.get((edition.channel_id, edition.cadence or ""), 0)


def number(visit: Visit, count: int) -> str:
    """A count as the visitor's language writes it."""
    return format_decimal(count, locale=language(visit.tag).locale)


def told(room: Room, visit: Visit, desk: Desk, rows: Sequence[Any]) -> list[Told]:
    """Changes of an edition in words."""
    return [
        Told(
            by_said(room, visit, row.by),
            words.moment(row.at, desk.publication.timezone, visit.tag),
            _what(room, visit, row),
            "" if row.why in {"arranged", "confirmed"} else reason_said(room, visit, row.why),
        )
        for row in rows
    ]


def changed_since(
    room: Room, visit: Visit, desk: Desk, edition: Edition, seen: str
) -> list[Changed]:
    """What happened to an edition since a page of it was made."""
    last = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) <= _DIGITS_AT_MOST else 0
    since = [row for row in store.history(desk.connection, edition.id) if row.id > last]
    return [
        Changed(one.by, one.at, one.what + (f" ({one.why})" if one.why else ""))
        for one in told(room, visit, desk, since)
    ]


def by_said(room: Room, visit: Visit, by: str) -> str:
    """Who did something, by their address; the house's own parts by their names."""
    return room.say(visit, MACHINES[by]) if by in MACHINES else by


def reason_said(room: Room, visit: Visit, reason: str) -> str:
    """Why something is as it is; what a person wrote stays as they wrote it."""
    return room.say(visit, REASONS[reason]) if reason in REASONS else reason


def _what(room: Room, visit: Visit, row: Any) -> str:
    if row.from_state is None:
        return room.say(visit, "Opened")
    if row.from_state == row.to_state:
        return room.say(visit, REASONS.get(row.why, "Changed"))
    return room.say(visit, words.STATES[row.to_state])
