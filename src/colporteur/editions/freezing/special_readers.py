"""Whom a special edition is for: each subscriber once, through one of their subscriptions.

They are chosen through the first of its channels, in the publication's order, that they have;
unsubscribing leaves that one. Paused readers never get it, nor those who declined specials.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    func,
    insert,
    literal,
    select,
)

from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.editions.choosing import Profile
from colporteur.editions.freezing import tables
from colporteur.editions.freezing.readers import Whom, note_claimed
from colporteur.editions.store import Edition


@dataclass(frozen=True)
class Audience:
    """Channels in the publication's order and topics (ids); or the edition that is corrected."""

    channels: tuple[int, ...] = ()
    topics: frozenset[int] = frozenset()
    corrects: int | None = None

    def as_json(self) -> dict[str, object]:
        """What is stored."""
        if self.corrects is not None:
            return {"edition": self.corrects}
        return {"channels": list(self.channels), "topics": sorted(self.topics)}

    def wanted_by(self, profile: Profile) -> bool:
        """Whether a reader's filter lets something of these topics pass; where none is said, all.

        As with an article of them all (docs/rules.md, 6): one wanted, and none unwanted.
        """
        return not self.topics or profile.wants(self.topics)


def audience_of(edition: Edition) -> Audience:
    """The audience of a special edition."""
    stored = edition.audience or {}
    return Audience(
        tuple(stored.get("channels", ())),
        frozenset(stored.get("topics", ())),
        stored.get("edition"),
    )


def note_profiles(connection: Connection, wanted: Sequence[int]) -> None:
    """Note the profiles whose readers are meant, in the temporary tables of a freeze."""
    if wanted:
        noted = [{"profile_id": one} for one in wanted]
        connection.execute(insert(tables.profiles), noted)


def chosen_through(audience: Audience, whom: Whom) -> Select[tuple[int, int]]:
    """Subscription and subscriber of each reader meant, once."""
    if audience.corrects is not None:
        return _received(audience.corrects, whom)
    place = func.row_number().over(
        partition_by=subscriptions.c.subscriber_id, order_by=_rank(audience.channels)
    )
    meant = (
        select(
            subscriptions.c.id.label("subscription_id"),
            subscriptions.c.subscriber_id,
            place.label("place"),
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .join(tables.profiles, tables.profiles.c.profile_id == subscriptions.c.profile_id)
        .where(
            subscriptions.c.channel_id.in_(audience.channels),
            subscriptions.c.state == "active",
            subscriptions.c.specials,
            subscribers.c.state == "active",
            *whom.narrowed(),
        )
        .subquery()
    )
    return select(meant.c.subscription_id, meant.c.subscriber_id).where(meant.c.place == 1)


def count(connection: Connection, audience: Audience, whom: Whom) -> int:
    """How many people are meant; asks for the temporary tables and the profiles in them."""
    meant = chosen_through(audience, whom).subquery()
    return int(connection.scalar(select(func.count()).select_from(meant)) or 0)


def note_meant(connection: Connection, audience: Audience, whom: Whom) -> ColumnElement[bool]:
    """Note the subscriptions meant; a condition on ``deliveries.subscriber_id``."""
    meant = chosen_through(audience, whom).subquery()
    connection.execute(
        insert(tables.others).from_select(["subscription_id"], select(meant.c.subscription_id))
    )
    noted = select(subscriptions.c.subscriber_id).join(
        tables.others, tables.others.c.subscription_id == subscriptions.c.id
    )
    return deliveries.c.subscriber_id.in_(noted)


def gather_meant(connection: Connection, *, claiming: bool) -> None:
    """Turn the subscriptions noted into readers, with what others bring them already."""
    if claiming:
        note_claimed(connection)
    by_others = tables.claimed.c.subscriber_id == subscriptions.c.subscriber_id
    columns = (
        select(
            subscriptions.c.id,
            subscriptions.c.subscriber_id,
            subscriptions.c.profile_id,
            literal(0),
            literal(0),
            literal(""),
            func.coalesce(tables.claimed.c.claims, ""),
            literal(tables.NO_NUMBER),
            literal(tables.NO_NUMBER),
            literal(tables.NO_ZONE),
            func.coalesce(subscribers.c.domain, ""),
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .join(tables.others, tables.others.c.subscription_id == subscriptions.c.id)
        .outerjoin(tables.claimed, by_others)
    )
    connection.execute(insert(tables.readers).from_select(list(tables.readers.c), columns))


def _rank(channels: Sequence[int]) -> ColumnElement[int]:
    places = {channel: place for place, channel in enumerate(channels)}
    return case(places, value=subscriptions.c.channel_id, else_=len(places))


def _received(edition_id: int, whom: Whom) -> Select[tuple[int, int]]:
    """Who received an edition, or may have or will, and has not left since.

    A correction is no special to decline: it concerns what they were told.
    """
    return (
        select(deliveries.c.subscription_id, deliveries.c.subscriber_id)
        .join(subscriptions, subscriptions.c.id == deliveries.c.subscription_id)
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.status.in_(["sent", "inflight", "deferred"]),
            subscriptions.c.state == "active",
            subscribers.c.state == "active",
            *whom.narrowed(),
        )
    )
