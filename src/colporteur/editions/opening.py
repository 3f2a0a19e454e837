"""Opens editions: the slots that the calendar has reached, and the instants of new articles.

Of several slots that were missed only the last is caught up, and it brings what all of them would
have brought; one missed for longer than ``catch_up`` is recorded as missed (rule 8).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from colporteur.db.numbering import last_number
from colporteur.db.tables.articles import article_channels, articles
from colporteur.db.tables.editions import editions
from colporteur.db.tables.publication import cadences
from colporteur.editions.calendar import slots
from colporteur.editions.states import Event, State
from colporteur.editions.store import Edition, happen, of_slot, open_edition
from colporteur.publication import Cadence, Channel, DigestRules
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

BY = "calendar"
INSTANT_WAITS = timedelta(minutes=5)
"""How long an instant edition gathers from its first article on (issue 4)."""
CAUGHT_UP = "caught up by a later edition"
TOO_LATE = "older than catch_up"
NOTHING_NEW = "nothing new"
NO_READERS = "no readers"
CHANNEL_PAUSED = "its channel is paused"
SINCE_BACKUP = "it may have left after the backup"
PASSED_OVER = (CAUGHT_UP, TOO_LATE, NOTHING_NEW, NO_READERS)
"""Why the calendar, and no person, ended an edition before it had readers."""
_PASSED_OVER_EVERY = timedelta(minutes=1)
_CLOCK_IS_RIGHT_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """A cadence and where the calendar stands with it."""

    channel: Channel
    channel_id: int
    name: str
    zone: str
    checked_until: datetime

    @property
    def rules(self) -> DigestRules:
        """The digest rules of its channel."""
        assert self.channel.digest is not None
        return self.channel.digest

    @property
    def cadence(self) -> Cadence:
        """Its rule."""
        return self.rules.cadences[self.name]


def places(connection: Connection, revision: Revision, names: Ids) -> list[Place]:
    """Every cadence of the publication in force, but for archived channels."""
    known = {
        (row.channel_id, row.name): row.checked_until
        for row in connection.execute(select(cadences))
    }
    return [
        Place(
            channel,
            names.channels[channel.slug],
            name,
            revision.publication.zone_of(rule),
            known[names.channels[channel.slug], name],
        )
        for channel in revision.publication.channels
        if channel.digest and channel.state != "archived"
        for name, rule in channel.digest.cadences.items()
    ]


def open_due(connection: Connection, place: Place, now: datetime) -> None:
    """Open what is due of a cadence; record what was missed.

    While its channel is paused nothing is, and none of it is caught up afterwards.
    """
    if not place.channel.sends:
        if place.checked_until + _PASSED_OVER_EVERY <= now:
            _check_until(connection, place, now)
        return
    if place.cadence.rule == "instant":
        _open_instant(connection, place, now)
        return
    until = now + place.rules.freeze
    if place.checked_until > until + _CLOCK_IS_RIGHT_WITHIN:
        place = _rewound(connection, place, now)
    due = slots(place.cadence, place.zone, place.checked_until, until, frozenset(place.rules.skip))
    opened = [_at_slot(connection, place, slot, now) for slot in due]
    _miss(connection, place, [one for one in opened if one.state is State.OPEN], now)
    if due:
        _check_until(connection, place, due[-1])


def pass_over(connection: Connection, place: Place, now: datetime, why: str) -> None:
    """Leave out what was due of a cadence until now, and say why."""
    if place.cadence.rule != "instant":
        skip = frozenset(place.rules.skip)
        for slot in slots(place.cadence, place.zone, place.checked_until, now, skip):
            edition = _at_slot(connection, place, slot, now)
            leaves_later = edition.send_at is not None and edition.send_at > now  # somebody's wish
            if edition.state is State.OPEN and not leaves_later:
                happen(connection, edition.id, Event.MISS, by=BY, now=now, why=why)
    if place.checked_until < now:
        _check_until(connection, place, now)


def _rewound(connection: Connection, place: Place, now: datetime) -> Place:
    """Take back what a clock that was ahead made of coming slots: they are to come again."""
    mine = (editions.c.channel_id == place.channel_id, editions.c.cadence == place.name)
    passed_over = select(editions.c.id).where(
        *mine, editions.c.slot > now, editions.c.reason.in_(PASSED_OVER)
    )
    anew = {"frozen_at": None, "number_to": None, "revision": None, "ended_at": None}
    ended = passed_over.where(editions.c.state.in_([State.MISSED, State.SKIPPED]))
    for edition_id in list(connection.scalars(ended)):
        why = "the clock was ahead"
        happen(connection, edition_id, Event.REOPEN, by=BY, now=now, why=why, fixed=anew)
    _check_until(connection, place, now)
    return replace(place, checked_until=now)


def _check_until(connection: Connection, place: Place, moment: datetime) -> None:
    mine = (cadences.c.channel_id == place.channel_id, cadences.c.name == place.name)
    connection.execute(update(cadences).where(*mine).values(checked_until=moment))


def _at_slot(connection: Connection, place: Place, slot: datetime, now: datetime) -> Edition:
    """The edition of a slot: newly opened, or opened before by an editor who arranged it."""
    opened = open_edition(connection, place.channel_id, place.name, slot, by=BY, now=now)
    known = opened or of_slot(connection, place.channel_id, place.name, slot)
    assert known is not None
    return known


def _miss(connection: Connection, place: Place, due: Sequence[Edition], now: datetime) -> None:
    for edition in due:
        assert edition.send_at is not None
        if edition is not due[-1] and edition.send_at < now:
            happen(connection, edition.id, Event.MISS, by=BY, now=now, why=CAUGHT_UP)
        elif edition.send_at < now - place.rules.catch_up:
            happen(connection, edition.id, Event.MISS, by=BY, now=now, why=TOO_LATE)


def _open_instant(connection: Connection, place: Place, now: datetime) -> None:
    """An edition five minutes after the first article that is in none yet."""
    first = _first_new(connection, place, now)
    if first is None or first + INSTANT_WAITS > now:
        return
    slot = first + INSTANT_WAITS
    edition = _at_slot(connection, place, slot, now)
    if edition.state is State.OPEN and slot < now - place.rules.catch_up:
        fixed = {"number_to": last_number(connection)}
        happen(connection, edition.id, Event.MISS, by=BY, now=now, why=TOO_LATE, fixed=fixed)


def _first_new(connection: Connection, place: Place, now: datetime) -> datetime | None:
    """When the first article came that may open an instant edition and is in none yet.

    One that came to the channel after its publication counts from now.
    """
    mine = (editions.c.channel_id == place.channel_id, editions.c.cadence == place.name)
    unfinished = select(editions.c.id).where(*mine, editions.c.number_to.is_(None))
    if connection.scalar(unfinished.where(editions.c.state.in_([State.OPEN, State.HELD]))):
        return None  # it brings the new one too
    seen = connection.scalar(select(func.max(editions.c.number_to)).where(*mine)) or 0
    place_number = func.coalesce(article_channels.c.number, articles.c.number)
    row = connection.execute(
        select(articles.c.numbered_at, article_channels.c.number)
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(
            article_channels.c.channel_id == place.channel_id,
            article_channels.c.in_digests,
            articles.c.state == "published",
            articles.c.language == place.channel.language,
            articles.c.in_digests,
            articles.c.instant,
            articles.c.numbered_at > place.checked_until,
            place_number > seen,
        )
        .order_by(place_number)
        .limit(1)
    ).first()
    if row is None or row.number is None:
        return row.numbered_at if row else None
    return now - INSTANT_WAITS
