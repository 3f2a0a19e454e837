"""When an edition will have left: read from the ledger, or foreseen before its freeze.

Before the freeze it counts everybody whom the edition is meant for; who has nothing to get makes
it end earlier.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, case, func, literal, select

from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries, limit_use
from colporteur.delivery.limits.finishing import Bounds, Finish, Pace, RelayLimits, Wave, finishing
from colporteur.delivery.limits.keeping import Limited, quota_of, warm_up_name
from colporteur.delivery.outcomes import Status
from colporteur.editions.calendar import next_slot
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import due_by_hour
from colporteur.editions.freezing.special import meant_through
from colporteur.editions.freezing.special_readers import audience_of
from colporteur.editions.hours import Hour
from colporteur.editions.store import Edition
from colporteur.publication import Channel, DigestRules, Publication
from colporteur.publication.domains import REST, group_by_domain
from colporteur.publication.identities import Ids, channel_of
from colporteur.publication.revisions import Revision

_WAITING = (Status.PENDING, Status.INFLIGHT, Status.DEFERRED)
_LOOKED_AT = 20_000  # of the newest deliveries, for the pace of those that left
_ENOUGH = 200
_IDLE_S = 5.0  # a longer silence between two messages is no work


@dataclass(frozen=True)
class Forecast:
    """What to expect of an edition: how many readers at most, from when, until when.

    ``following`` is the next edition of its cadence, if there is one. ``cut_short``: some will
    not get it, since it lasts longer than the channel's ``catch_up``.
    """

    readers: int
    begins: datetime
    finish: Finish
    following: datetime | None = None
    cut_short: bool = False

    @property
    def overtaken(self) -> bool:
        """Whether the next edition comes before this one has left."""
        return self.following is not None and _after(self.finish.at, self.following)


def forecast(
    connection: Connection,
    revision: Revision,
    names: Ids,
    relays: Sequence[Limited],
    edition: Edition,
    now: datetime,
    whom: Whom,
) -> Forecast | None:
    """What to expect of an edition that has not left; None where nobody would get it.

    It looks through all readers of the edition: for a person who asks, not for each page. On a
    special that is not frozen it asks for a writing transaction.
    """
    publication = revision.publication
    channel = channel_of(publication, names, edition.channel_id)
    waves = _waves(connection, revision, channel, edition, now, whom)
    if not waves or channel is None:
        return None
    bounds = _bounds(connection, publication, channel, relays, now)
    pace = lately(connection)
    return Forecast(
        sum(_size(one) for one in waves),
        min(one.due for one in waves),
        finishing(waves, bounds, pace),
        _following(publication, channel, edition, now),
        edition.regular and _is_cut_short(waves, bounds, pace, channel.digest),
    )


def lately(connection: Connection) -> Pace:
    """The pace of what left last; the usual one where that was too little to tell."""
    newest = connection.scalar(select(func.max(deliveries.c.id))) or 0
    ended = connection.scalars(
        select(deliveries.c.ended_at).where(
            deliveries.c.id > newest - _LOOKED_AT, deliveries.c.status == Status.SENT
        )
    )
    times = sorted(one for one in ended if one is not None)
    gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
    busy = [gap for gap in gaps if gap <= _IDLE_S]
    if len(busy) < _ENOUGH or not sum(busy):
        return Pace()
    return Pace(messages=len(busy) / sum(busy))


def _waves(
    connection: Connection,
    revision: Revision,
    channel: Channel | None,
    edition: Edition,
    now: datetime,
    whom: Whom,
) -> list[Wave]:
    by_domain = group_by_domain(revision.publication.groups_in_force())
    domain = case(
        (subscribers.c.domain.in_(list(by_domain)), subscribers.c.domain), else_=literal("")
    )
    found: Iterable[tuple[datetime, str, int]]
    if edition.frozen_at is not None:
        found = _frozen(connection, edition, domain)
    elif not edition.regular:
        found = _special(connection, edition, domain, revision, now, whom)
    elif channel is not None and channel.digest is not None:
        due = due_by_hour(edition, revision, channel, now)
        found = _regular(connection, edition, domain, due, whom)
    else:
        found = ()
    waves: dict[datetime, dict[str, int]] = {}
    for due_at, name, count in found:
        wave = waves.setdefault(max(due_at, now), {})
        group = by_domain.get(name, REST)
        wave[group] = wave.get(group, 0) + count
    return [Wave(due_at, readers) for due_at, readers in waves.items()]


def _frozen(
    connection: Connection, edition: Edition, domain: ColumnElement[str]
) -> list[tuple[datetime, str, int]]:
    rows = connection.execute(
        select(deliveries.c.due_at, domain, func.count())
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.edition_id == edition.id, deliveries.c.status.in_(_WAITING))
        .group_by(deliveries.c.due_at, domain)
    )
    return [(due_at, name, count) for due_at, name, count in rows]


def _special(
    connection: Connection,
    edition: Edition,
    domain: ColumnElement[str],
    revision: Revision,
    now: datetime,
    whom: Whom,
) -> list[tuple[datetime, str, int]]:
    begins = max(edition.send_at or now, now + revision.publication.specials.hold)
    with meant_through(connection, audience_of(edition), whom) as meant:
        chosen = meant.subquery()
        rows = connection.execute(
            select(domain, func.count())
            .join(chosen, chosen.c.subscriber_id == subscribers.c.id)
            .group_by(domain)
        ).all()
    return [(begins, name, count) for name, count in rows]


def _regular(
    connection: Connection,
    edition: Edition,
    domain: ColumnElement[str],
    due: Callable[[Hour], datetime],
    whom: Whom,
) -> list[tuple[datetime, str, int]]:
    hour = (subscriptions.c.weekday, subscriptions.c.minute, subscriptions.c.timezone)
    rows = connection.execute(
        select(*hour, domain, func.count())
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.channel_id == edition.channel_id,
            subscriptions.c.cadence == edition.cadence,
            subscriptions.c.state == "active",
            subscribers.c.state == "active",
            *whom.narrowed(),
        )
        .group_by(*hour, domain)
    )
    return [
        (due(Hour(weekday, minute, timezone)), name, count)
        for weekday, minute, timezone, name, count in rows
    ]


def _bounds(
    connection: Connection,
    publication: Publication,
    channel: Channel,
    relays: Sequence[Limited],
    now: datetime,
) -> Bounds:
    used: dict[str, dict[datetime, int]] = {}
    for row in connection.execute(select(limit_use)):
        used.setdefault(row.name, {})[row.starts_at] = row.used
    groups = publication.groups_in_force()
    spans = [(name, limit) for name, group in groups.items() for limit in group.limits]
    domain = publication.sender_of(channel).address.rpartition("@")[2].lower()
    plan, zone = publication.warm_up.get(domain), ZoneInfo(publication.timezone)
    warmed = used.get(warm_up_name(domain), {})
    return Bounds(
        groups=groups,
        used={
            (name, limit.seconds): used.get(quota_of(f"group:{name}", limit, now).name, {})
            for name, limit in spans
        },
        relays=[
            RelayLimits(
                relay.name,
                relay.limits,
                relay.connections,
                {
                    limit.seconds: used.get(quota_of(f"relay:{relay.name}", limit, now).name, {})
                    for limit in relay.limits
                },
            )
            for relay in relays
        ],
        warm_up=(domain, plan) if plan else None,
        warmed={at.astimezone(zone).date(): count for at, count in warmed.items()},
        zone=publication.timezone,
    )


def _following(
    publication: Publication, channel: Channel, edition: Edition, now: datetime
) -> datetime | None:
    """When the next edition of its cadence comes."""
    rules = channel.digest.cadences if channel.digest else {}
    rule = rules.get(edition.cadence or "")
    if rule is None or edition.slot is None or channel.digest is None:
        return None
    zone = publication.zone_of(rule)
    return next_slot(rule, zone, max(edition.slot, now), channel.digest.skip)


def _is_cut_short(
    waves: Sequence[Wave], bounds: Bounds, pace: Pace, rules: DigestRules | None
) -> bool:
    """Whether what is due with the most, or last of all, is too late before it leaves."""
    if rules is None:
        return False
    largest, last = max(waves, key=_size).due, max(one.due for one in waves)
    for due in {largest, last}:
        upto = [one for one in waves if one.due <= due]
        if _after(finishing(upto, bounds, pace).at, due + rules.catch_up):
            return True
    return False


def _size(wave: Wave) -> int:
    return sum(wave.readers.values())


def _after(one: datetime | None, other: datetime) -> bool:
    """Whether the first, None being never, comes after the second."""
    return one is None or one > other
