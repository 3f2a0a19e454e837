"""Readers and subscriptions as the API tells them."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field

from colporteur.audience.rosters import Chosen, Listed
from colporteur.publication import Publication
from colporteur.publication.cadences import WEEKDAYS
from colporteur.publication.identities import Ids


class SubscriptionView(BaseModel):
    """What a reader gets of a channel; null where they left it to the cadence or the channel."""

    id: int
    subscriber: int
    channel: str | None = Field(description="null where it was removed since")
    state: str = Field(description="pending, active, paused or unsubscribed")
    cadence: str
    weekday: str | None = Field(description="mon to sun")
    hour: str | None = Field(description="Such as 19:30.")
    timezone: str | None
    topics: list[str] = Field(description="Only articles of these; empty: all.")
    without: list[str] = Field(description="No article of these.")
    layout: str | None
    specials: bool
    created_at: datetime
    paused_until: datetime | None
    backlog: bool = Field(description="After the pause, also what came meanwhile.")
    ended_at: datetime | None


class SubscriberView(BaseModel):
    """A reader. ``state`` is what they are as a whole; nothing is sent unless it is active."""

    id: int
    address: str
    name: str
    language: str
    state: str = Field(
        description="pending, active, paused, unsubscribed, bounced, complained or suppressed"
    )
    created_at: datetime
    confirmed_at: datetime | None
    subscriptions: list[SubscriptionView]


class SubscribersView(BaseModel):
    """Some readers, the newest first; ``next`` leads to those before them."""

    subscribers: list[SubscriberView]
    next: str | None


class SubscriptionsView(BaseModel):
    """Some subscriptions, the newest first; ``next`` leads to those before them."""

    subscriptions: list[SubscriptionView]
    next: str | None


@dataclass(frozen=True)
class Naming:
    """The names that channels and topics have now."""

    publication: Publication
    names: Ids

    def reader(self, one: Listed) -> SubscriberView:
        """A reader with all their subscriptions."""
        return SubscriberView(
            id=one.id,
            address=one.address,
            name=one.name,
            language=one.language,
            state=one.state,
            created_at=one.created_at,
            confirmed_at=one.confirmed_at,
            subscriptions=[self.subscription(held) for held in one.subscriptions],
        )

    def subscription(self, one: Chosen) -> SubscriptionView:
        """A subscription."""
        channels = {self.names.channels[it.slug]: it.slug for it in self.publication.channels}
        topics = {self.names.topics[slug]: slug for slug in self.publication.topics}
        minute = one.minute
        return SubscriptionView(
            id=one.id,
            subscriber=one.subscriber_id,
            channel=channels.get(one.channel_id),
            state=one.state,
            cadence=one.cadence,
            weekday=None if one.weekday is None else WEEKDAYS[one.weekday],
            hour=None if minute is None else f"{minute // 60:02}:{minute % 60:02}",
            timezone=one.timezone,
            topics=sorted(topics[it] for it in one.topics_in if it in topics),
            without=sorted(topics[it] for it in one.topics_out if it in topics),
            layout=one.layout or None,
            specials=one.specials,
            created_at=one.created_at,
            paused_until=one.paused_until,
            backlog=one.keeps_backlog,
            ended_at=one.ended_at,
        )
