"""Whom a special edition would reach by now, counted as its freeze would, before there is one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Select,
    Table,
    case,
    delete,
    func,
    insert,
    or_,
    select,
)

from colporteur.audience.states import State
from colporteur.db.numbering import last_number
from colporteur.db.tables.articles import article_channels, article_topics, articles
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.types import Id
from colporteur.editions.freezing.readers import Whom, read_claims
from colporteur.editions.freezing.regular import all_profiles
from colporteur.editions.freezing.special import gathered
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.freezing.tables import profiles, readers
from colporteur.editions.specials import Special
from colporteur.editions.store import SPECIAL, insert_edition
from colporteur.publication import Publication
from colporteur.publication.identities import Ids

BARRED, REHEARSAL, TOPICS, DECLINED, PAUSED, UNCONFIRMED, LEFT = (
    "barred",
    "rehearsal",
    "topics",
    "declined",
    "paused",
    "unconfirmed",
    "left",
)
_WHYS = (LEFT, UNCONFIRMED, PAUSED, DECLINED, TOPICS, REHEARSAL, BARRED)
_ENDED = (State.BOUNCED, State.COMPLAINED, State.SUPPRESSED, State.ERASED)
_temporary = MetaData()
_wanting = Table(
    "reach_wanting",
    _temporary,
    Column("profile_id", Id, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)
_instead = Table(
    "reach_instead",
    _temporary,
    Column("subscriber_id", Id, primary_key=True, autoincrement=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True)
class Reached:
    """Of one channel: who gets something new, and who has had all the articles already."""

    new: int = 0
    had_all: int = 0


@dataclass(frozen=True)
class Reach:
    """Whom a special edition is for: people, each counted once.

    ``channels`` by id, each reader with the one through which they get it. ``had_some`` get it
    without what they had. ``instead`` get an article here that a digest to come would have had
    for them. ``left_out`` are readers of these channels (of a correction: who got what it
    corrects) who do not get it, by the reason.
    """

    note: bool
    channels: Mapping[int, Reached] = field(default_factory=dict)
    had_some: int = 0
    instead: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def had_all(self) -> int:
        """How many have had all the articles: they get the note alone, or nothing."""
        return sum(one.had_all for one in self.channels.values())

    @property
    def meant(self) -> int:
        """How many it is meant for: the number that is typed to confirm."""
        return sum(one.new + one.had_all for one in self.channels.values())

    @property
    def get(self) -> int:
        """How many get a message."""
        return self.meant if self.note else self.meant - self.had_all


def reach(
    connection: Connection,
    publication: Publication,
    names: Ids,
    special: Special,
    whom: Whom,
    now: datetime,
) -> Reach:
    """Whom a special would reach if it were confirmed now.

    For a transaction that is undone: digests that have not left make way for it.
    """
    note = bool(special.note.strip())
    if special.audience.corrects is None and not special.audience.channels:
        return Reach(note)
    last_number(connection)  # as the freeze: those that run at this moment are done first
    edition = insert_edition(
        connection,
        {
            "channel_id": names.channels[special.home.slug],
            "kind": SPECIAL,
            "arrangement": special.arrangement.as_json(),
            "audience": special.audience.as_json(),
        },
        by="preview",
        now=now,
    )
    assert edition is not None
    with gathered(connection, edition, whom, now) as (brought, distinct):
        had = _had(connection, brought, distinct)
        channels, had_some = _by_channel(connection, had, len(brought))
        left_out = _left_out(connection, special.audience)
        with _temporary_tables(connection):
            _note_instead(connection, _digests_of(publication, names, special), brought, had)
            instead = connection.scalar(select(func.count()).select_from(_instead)) or 0
    return Reach(note, channels, had_some, int(instead), left_out)


def _had(
    connection: Connection, brought: Sequence[int], distinct: list[frozenset[int]]
) -> dict[str, frozenset[int]]:
    """What readers had of the articles, by what they claim."""
    claimed = connection.scalars(select(readers.c.claimed).distinct())
    return {one: read_claims(one, distinct) & frozenset(brought) for one in claimed}


def _by_channel(
    connection: Connection, had: Mapping[str, frozenset[int]], articles_in_it: int
) -> tuple[dict[int, Reached], int]:
    """Each channel's readers, and how many had some of it."""
    rows = connection.execute(
        select(subscriptions.c.channel_id, readers.c.claimed, func.count())
        .join(readers, readers.c.subscription_id == subscriptions.c.id)
        .group_by(subscriptions.c.channel_id, readers.c.claimed)
        .order_by(subscriptions.c.channel_id)
    )
    found: dict[int, Reached] = {}
    some = 0
    for channel_id, claimed, count in rows:
        so_far = found.get(channel_id, Reached())
        if articles_in_it and len(had[claimed]) == articles_in_it:
            found[channel_id] = Reached(so_far.new, so_far.had_all + count)
        else:
            found[channel_id] = Reached(so_far.new + count, so_far.had_all)
            some += count if had[claimed] else 0
    return found, some


def _left_out(connection: Connection, audience: Audience) -> dict[str, int]:
    """Who is not reached, by what comes nearest to being the only reason."""
    ended = subscribers.c.state.in_(_ENDED)
    why = case(
        (ended, _WHYS.index(BARRED)),
        (subscriptions.c.state == State.UNSUBSCRIBED, _WHYS.index(LEFT)),
        (
            or_(subscribers.c.state == State.PENDING, subscriptions.c.state == State.PENDING),
            _WHYS.index(UNCONFIRMED),
        ),
        (subscriptions.c.state == State.PAUSED, _WHYS.index(PAUSED)),
        *(_declined() if audience.corrects is None else ()),
        else_=_WHYS.index(REHEARSAL),
    )
    concerned, which = _concerned(audience)
    each = (
        select(func.max(why).label("why"))
        .select_from(concerned)
        .where(*which, subscriptions.c.subscriber_id.not_in(select(readers.c.subscriber_id)))
        .group_by(subscriptions.c.subscriber_id)
        .subquery()
    )
    rows = connection.execute(select(each.c.why, func.count()).group_by(each.c.why))
    found = {_WHYS[place]: int(count) for place, count in rows}
    if audience.corrects is None:
        found.pop(LEFT, None)  # they are readers of these channels no more
    return {name: found[name] for name in reversed(_WHYS) if name in found}


def _declined() -> list[tuple[ColumnElement[bool], int]]:
    """What nobody is asked whom a correction concerns: no specials, or none of these topics."""
    filtered = subscriptions.c.profile_id.not_in(select(profiles.c.profile_id))
    return [
        (~subscriptions.c.specials, _WHYS.index(DECLINED)),
        (filtered, _WHYS.index(TOPICS)),
    ]


def _concerned(audience: Audience) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """The subscriptions that a special is about, reached or not: where they are, and which."""
    both = subscriptions.join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
    if audience.corrects is None:
        return both, [subscriptions.c.channel_id.in_(audience.channels)]
    got = both.join(deliveries, deliveries.c.subscription_id == subscriptions.c.id)
    return got, [
        deliveries.c.edition_id == audience.corrects,
        deliveries.c.status.in_(["sent", "inflight", "deferred"]),
    ]


def _digests_of(publication: Publication, names: Ids, special: Special) -> list[int]:
    """The channels whose digests could have the articles."""
    return [
        names.channels[one.slug]
        for one in publication.channels
        if one.digest is not None and one.language == special.home.language
    ]


def _note_instead(
    connection: Connection,
    channels: Collection[int],
    brought: Sequence[int],
    had: Mapping[str, frozenset[int]],
) -> None:
    """Note the readers for whom a digest to come would have one of the articles.

    It is new in a channel that they read, later than they began there, and their filter lets it
    pass. Age, and what editors will leave out by then, is not looked at.
    """
    by_id = all_profiles(connection)
    for topics, alike in _by_topics(connection, brought).items():
        connection.execute(delete(_wanting))
        wanting = [{"profile_id": one} for one, profile in by_id.items() if profile.wants(topics)]
        if wanting:
            connection.execute(insert(_wanting), wanting)
        for claimed, theirs in had.items():
            left = [one for one in alike if one not in theirs]
            if left:
                found = _waiting_for(left, channels, claimed)
                connection.execute(insert(_instead).from_select(["subscriber_id"], found))


def _waiting_for(
    left: Collection[int], channels: Collection[int], claimed: str
) -> Select[tuple[int]]:
    place = func.coalesce(article_channels.c.number, articles.c.number)
    return (
        select(readers.c.subscriber_id)
        .join(subscriptions, subscriptions.c.subscriber_id == readers.c.subscriber_id)
        .join(_wanting, _wanting.c.profile_id == subscriptions.c.profile_id)
        .join(article_channels, article_channels.c.channel_id == subscriptions.c.channel_id)
        .join(articles, articles.c.id == article_channels.c.article_id)
        .where(
            readers.c.claimed == claimed,
            readers.c.subscriber_id.not_in(select(_instead.c.subscriber_id)),
            subscriptions.c.state == State.ACTIVE,
            subscriptions.c.channel_id.in_(channels),
            subscriptions.c.start_number < place,
            article_channels.c.in_digests,
            articles.c.in_digests,
            articles.c.id.in_(left),
        )
        .distinct()
    )


def _by_topics(connection: Connection, brought: Sequence[int]) -> dict[frozenset[int], list[int]]:
    """The articles by their topics: those of the same are wanted by the same readers."""
    found: dict[int, set[int]] = {one: set() for one in brought}
    rows = connection.execute(
        select(article_topics).where(article_topics.c.article_id.in_(brought))
    )
    for row in rows:
        found[row.article_id].add(row.topic_id)
    alike: dict[frozenset[int], list[int]] = {}
    for number, topics in found.items():
        alike.setdefault(frozenset(topics), []).append(number)
    return alike


@contextmanager
def _temporary_tables(connection: Connection) -> Iterator[None]:
    _temporary.create_all(connection)
    yield
    _temporary.drop_all(connection)
