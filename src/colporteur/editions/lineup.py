"""The articles that an edition could bring, as an editor's desk lists them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from colporteur.articles.article import Article
from colporteur.articles.store import at_versions, by_ids
from colporteur.db.tables.articles import article_channels, articles
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.editions import edition_articles
from colporteur.editions.choosing import Profile
from colporteur.editions.foretelling import brought_up_to
from colporteur.editions.freezing.candidates import channel_candidates, named_candidates
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import all_profiles
from colporteur.editions.store import Edition
from colporteur.publication import Channel

_NO_END = 2**62  # above any article's number


@dataclass(frozen=True)
class Listed:
    """An article of an edition, and how many of its readers want its topics.

    ``readers`` is None where they are fixed. ``brought``: an earlier edition of the cadence had
    it, so only who missed that one gets it.
    """

    article: Article
    dated_at: datetime
    readers: int | None
    brought: bool = False

    @property
    def id(self) -> int:
        """The article's."""
        return self.article.id

    @property
    def scheduled(self) -> bool:
        """Whether it is published only by the time the edition is fixed."""
        return self.article.state == "scheduled"


def lineup(
    connection: Connection, edition: Edition, channel: Channel | None, whom: Whom
) -> list[Listed]:
    """What an edition brings, or could as things stand, the newest first.

    What an editor named is among them as long as the channel has it.
    """
    if edition.frozen_at is not None:
        return _fixed(connection, edition.id)
    if not edition.regular:
        return _named(connection, edition.arrangement.order)
    if channel is None or channel.digest is None or edition.slot is None:
        return []
    return _coming(connection, edition, channel, edition.slot, whom)


def _coming(
    connection: Connection, edition: Edition, channel: Channel, slot: datetime, whom: Whom
) -> list[Listed]:
    assert channel.digest is not None
    assert edition.cadence is not None
    seen = brought_up_to(connection, edition.channel_id, edition.cadence)
    upto = edition.approved_to or _NO_END
    oldest = slot - channel.digest.max_age
    there = channel_candidates(
        connection, edition.channel_id, channel.language, oldest, upto
    ).candidates
    dated = {one.id: (one.dated_at, one.number) for one in there if one.number > seen}
    if edition.approved_to is None:
        until = slot - channel.digest.freeze
        dated |= _scheduled(connection, edition.channel_id, channel.language, oldest, until)
    pinned = {*edition.arrangement.pinned, *edition.arrangement.left_out}
    earlier = pinned - dated.keys()
    dated |= {one.id: (one.dated_at, one.number) for one in there if one.id in earlier}
    known = by_ids(connection, list(dated))
    wanting = _profiles(connection, edition.channel_id, edition.cadence, whom)
    ordered = sorted(dated, key=lambda one: dated[one], reverse=True)
    return [
        Listed(known[one], dated[one][0], _readers(known[one], wanting), brought=one in earlier)
        for one in ordered
    ]


def _scheduled(
    connection: Connection, channel_id: int, language: str, oldest: datetime, until: datetime
) -> dict[int, tuple[datetime, int]]:
    """What appears by the freeze, with its date and its place after all that is there."""
    rows = connection.execute(
        select(articles.c.id, articles.c.dated_at, articles.c.publish_at)
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(
            article_channels.c.channel_id == channel_id,
            article_channels.c.in_digests,
            articles.c.state == "scheduled",
            articles.c.language == language,
            articles.c.in_digests,
            articles.c.publish_at <= until,
        )
    )
    dated = {row.id: row.dated_at or row.publish_at for row in rows}
    return {one: (at, _NO_END) for one, at in dated.items() if at >= oldest}


def _profiles(
    connection: Connection, channel_id: int, cadence: str, whom: Whom
) -> list[tuple[Profile, int]]:
    """The choices of a cadence's readers, with how many made each."""
    rows = connection.execute(
        select(subscriptions.c.profile_id, func.count())
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.channel_id == channel_id,
            subscriptions.c.cadence == cadence,
            subscriptions.c.state == "active",
            subscribers.c.state == "active",
            *whom.narrowed(),
        )
        .group_by(subscriptions.c.profile_id)
    ).all()
    known = all_profiles(connection)
    return [(known[profile], count) for profile, count in rows]


def _readers(article: Article, wanting: Iterable[tuple[Profile, int]]) -> int:
    topics = frozenset(article.topics)
    return sum(count for profile, count in wanting if profile.wants(topics))


def _fixed(connection: Connection, edition_id: int) -> list[Listed]:
    rows = connection.execute(
        select(edition_articles.c.article_id, edition_articles.c.version).where(
            edition_articles.c.edition_id == edition_id,
            edition_articles.c.taken_out_at.is_(None),
        )
    )
    found = at_versions(connection, {row.article_id: row.version for row in rows})
    return _in_order(connection, found.values())


def _named(connection: Connection, ids: Sequence[int]) -> list[Listed]:
    return _in_order(connection, by_ids(connection, ids).values())


def _in_order(connection: Connection, found: Collection[Article]) -> list[Listed]:
    """The newest first, as choosing orders them."""
    dated = {
        one.id: (one.dated_at, one.number)
        for one in named_candidates(connection, [one.id for one in found])
    }
    there = [one for one in found if one.id in dated]
    ordered = sorted(there, key=lambda one: dated[one.id], reverse=True)
    return [Listed(one, dated[one.id][0], None) for one in ordered]
