"""Reads what foresight tells of: the calendar of every cadence, and the editions with numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import edition_articles, editions
from colporteur.editions.calendar import slots
from colporteur.editions.foresight import DRAFT, NEVER_LEFT, Outing, Slots, caught_up, merged
from colporteur.editions.freezing.candidates import channel_candidates
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.special import readers_meant
from colporteur.editions.freezing.special_readers import audience_of
from colporteur.editions.opening import CHANNEL_PAUSED, Place, places
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import REGULAR, Edition, between, in_state, of_slot
from colporteur.publication.identities import Ids, channel_of
from colporteur.publication.revisions import Revision

_UNFINISHED = [state for state in State if state not in ENDED]
_NO_END = 2**62  # above any article's number


def foretell(
    connection: Connection,
    revision: Revision,
    names: Ids,
    *,
    now: datetime,
    ahead: timedelta,
    back: timedelta,
    whom: Whom,
) -> list[Outing]:
    """What will go out in the time ``ahead``, and what did not in the time ``back``, and why."""
    known = places(connection, revision, names)
    per_cadence = readers_per_cadence(connection, whom)
    coming = [_slots(connection, place, per_cadence, now, now + ahead) for place in known]
    there = [
        _outing(connection, revision, names, one, per_cadence, whom)
        for one in _editions(connection, now, now + ahead, now - back)
    ]
    return merged(coming, there)


def _editions(
    connection: Connection, now: datetime, until: datetime, since: datetime
) -> list[Edition]:
    """The unfinished ones up to the end, and those that never left though they were due."""
    unfinished = [
        one
        for one in in_state(connection, *_UNFINISHED)
        if one.send_at is None or min(one.send_at, one.slot or one.send_at) <= until
    ]
    lately = [one for one in between(connection, since, now) if one.state in NEVER_LEFT]
    ahead = [
        one
        for one in between(connection, now, until)
        if one.state in ENDED and one.slot is not None and one.slot > now
    ]
    return [*unfinished, *lately, *ahead]


def _slots(
    connection: Connection,
    place: Place,
    per_cadence: dict[tuple[int, str], int],
    now: datetime,
    until: datetime,
) -> Slots:
    rules, skip = place.rules, frozenset(place.rules.skip)
    passed = slots(place.cadence, place.zone, place.checked_until, now, skip)
    mine = (place.channel_id, place.name)
    overdue = [slot for slot in passed if of_slot(connection, *mine, slot) is None]
    coming = slots(place.cadence, place.zone, now, until, skip)
    rests = "" if place.channel.sends else CHANNEL_PAUSED
    found = (*(() if rests else caught_up(overdue, now - rules.catch_up)), *coming)
    return Slots(
        place.channel.slug,
        place.zone,
        place.name,
        found,
        per_cadence.get((place.channel_id, place.name), 0),
        len(_waiting(connection, place, found[0] if found else now)),
        rests,
    )


def _waiting(connection: Connection, place: Place, slot: datetime) -> Sequence[int]:
    """The articles above the last edition of the cadence that brought something."""
    seen = brought_up_to(connection, place.channel_id, place.name)
    oldest = slot - place.rules.max_age
    language = place.channel.language
    found = channel_candidates(connection, place.channel_id, language, oldest, _NO_END)
    return [one.id for one in found.candidates if one.number > seen]


def brought_up_to(connection: Connection, channel_id: int, cadence: str) -> int:
    """The number up to which editions of a cadence have brought articles; 0 before the first."""
    brought = editions.c.state.not_in(NEVER_LEFT) & editions.c.frozen_at.is_not(None)
    seen = select(func.max(editions.c.number_to)).where(
        editions.c.channel_id == channel_id, editions.c.cadence == cadence, brought
    )
    return connection.scalar(seen) or 0


def _outing(
    connection: Connection,
    revision: Revision,
    names: Ids,
    edition: Edition,
    per_cadence: dict[tuple[int, str], int],
    whom: Whom,
) -> Outing:
    channel = channel_of(revision.publication, names, edition.channel_id)
    offered = channel.digest.cadences if channel and channel.digest else {}
    rule = offered.get(edition.cadence or "")
    zone = revision.publication.zone_of(rule) if rule else revision.publication.timezone
    draft = edition.state is State.OPEN and edition.send_at is None
    return Outing(
        channel=channel.slug if channel else f"({edition.channel_id})",
        zone=zone,
        leaves=edition.hold_until or edition.send_at,
        slot=edition.slot,
        kind=edition.kind,
        cadence=edition.cadence,
        state=DRAFT if draft else edition.state,
        reason=edition.reason,
        readers=_meant(connection, edition, per_cadence, whom),
        articles=_articles(connection, edition),
        edition=edition.id,
        arranged_by=edition.arranged_by,
    )


def readers_per_cadence(connection: Connection, whom: Whom) -> dict[tuple[int, str], int]:
    """How many readers each cadence of a channel has."""
    mine = (subscriptions.c.channel_id, subscriptions.c.cadence)
    rows = connection.execute(
        select(*mine, func.count())
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.state == "active", subscribers.c.state == "active")
        .where(*whom.narrowed())
        .group_by(*mine)
    )
    return {(channel_id, cadence): count for channel_id, cadence, count in rows}


def _meant(
    connection: Connection,
    edition: Edition,
    per_cadence: dict[tuple[int, str], int],
    whom: Whom,
) -> int:
    """The deliveries once they are fixed; until then those whom it would be fixed for."""
    if edition.frozen_at is not None or edition.state in ENDED:
        mine = deliveries.c.edition_id == edition.id
        return int(connection.scalar(select(func.count()).where(mine)) or 0)
    if edition.kind == REGULAR:
        return per_cadence.get((edition.channel_id, edition.cadence or ""), 0)
    return readers_meant(connection, audience_of(edition), whom)


def _articles(connection: Connection, edition: Edition) -> int | None:
    """What it brings, once that is fixed; a special says it beforehand."""
    if edition.frozen_at is None:
        return None if edition.regular else len(edition.arrangement.order)
    brought = select(func.count()).where(
        edition_articles.c.edition_id == edition.id, edition_articles.c.taken_out_at.is_(None)
    )
    return int(connection.scalar(brought) or 0)
