"""An edition as its pages tell it, in the visitor's language."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException

from colporteur.delivery.braking import BY as DELIVERY
from colporteur.delivery.preflighting import BY as PREFLIGHT
from colporteur.editions import opening, store
from colporteur.editions.foresight import DRAFT
from colporteur.editions.foretelling import readers_per_cadence
from colporteur.editions.freezing.special import readers_meant
from colporteur.editions.freezing.special_readers import audience_of
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import Edition
from colporteur.exceptions import UnknownName
from colporteur.publication import Channel
from colporteur.publication.identities import channel_of
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.editions import words
from colporteur.web.newsroom.numbers import whole
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.states import STATES, reason_said
from colporteur.web.newsroom.visiting import Visit

MACHINES: Mapping[str, str] = {
    opening.BY: "The calendar",
    PREFLIGHT: "The check before sending",
    DELIVERY: "The sending",
}
DONE: Mapping[str, str] = {
    "arranged": "Arranged",
    "approved": "Approved",
    "confirmed": "Confirmed",
}
_MOVED = re.compile(r"moved from ([0-9-]{10} [0-9:]{5}) to ([0-9-]{10} [0-9:]{5}) UTC")


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
    channel, clock = home_of(desk, edition), clock_of(visit, desk)
    draft = edition.state is State.OPEN and edition.send_at is None
    state = DRAFT if draft else edition.state.value
    at = edition.hold_until or edition.send_at
    leaves = f"{clock.full_day(clock.there(at).date())}, {clock.time(at)}" if at else ""
    cadence = edition.cadence or ""
    named = channel.title if channel else room.say(visit, "A channel that is gone")
    moved = edition.slot is not None and edition.send_at not in {None, edition.slot}
    return Head(
        id=edition.id,
        title=f"{named}{' – ' if leaves else ''}{leaves}",
        kind=room.say(visit, words.KINDS[edition.kind]),
        channel=named,
        channel_language=channel.language if channel else visit.tag,
        cadence=channel.called(cadence, visit.tag) if channel else cadence,
        state=state,
        said=room.say(visit, STATES[state]),
        sentence=room.say(visit, words.IN_SENTENCES[state]),
        strength=strength(state),
        reason=why_said(room, visit, desk, edition.reason),
        leaves=leaves,
        slot=clock.moment(edition.slot) if moved and edition.slot else "",
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


def clock_of(visit: Visit, desk: Desk) -> Clockface:
    """The publication's clock, read in the visitor's language."""
    return Clockface(visit.tag, desk.publication.timezone, desk.now)


def told(room: Room, visit: Visit, desk: Desk, rows: Sequence[Any]) -> list[Told]:
    """Changes of an edition in words."""
    clock = clock_of(visit, desk)
    return [
        Told(
            by_said(room, visit, row.by),
            clock.moment(row.at),
            _what(room, visit, row),
            why_said(room, visit, desk, row.why) if row.why not in DONE else "",
        )
        for row in rows
    ]


def changed_since(
    room: Room, visit: Visit, desk: Desk, edition: Edition, seen: str
) -> list[Changed]:
    """What happened to an edition since a page of it was made."""
    last = whole(seen) or 0
    since = [row for row in store.history(desk.connection, edition.id) if row.id > last]
    return [
        Changed(one.by, one.at, one.what + (f" ({one.why})" if one.why else ""))
        for one in told(room, visit, desk, since)
    ]


def by_said(room: Room, visit: Visit, by: str) -> str:
    """Who did something, by their address; the house's own parts by their names."""
    return room.say(visit, MACHINES[by]) if by in MACHINES else by


def why_said(room: Room, visit: Visit, desk: Desk, why: str) -> str:
    """Why something is as it is; what a person wrote stays as they wrote it."""
    gettext = room.runtime.templates.catalogue(visit.tag).gettext
    if not (moved := _MOVED.fullmatch(why)):
        return reason_said(gettext, why)
    clock = clock_of(visit, desk)
    before, after = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in moved.groups())
    said = gettext("from %(before)s to %(after)s")
    return said % {"before": clock.moment(before), "after": clock.moment(after)}


def _what(room: Room, visit: Visit, row: Any) -> str:
    if row.from_state is None:
        return room.say(visit, "Opened")
    if row.from_state == row.to_state:
        moved = _MOVED.fullmatch(row.why) is not None
        return room.say(visit, "Moved" if moved else DONE.get(row.why, "Changed"))
    return room.say(visit, STATES[row.to_state])
