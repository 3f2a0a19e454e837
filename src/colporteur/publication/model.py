"""A publication as one frozen value. ``publication.toml`` and one file a channel spell it."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from colporteur.exceptions import UnknownName
from colporteur.publication.values import (
    Address,
    BaseUrl,
    Duration,
    LanguageTag,
    Picture,
    Slug,
    TimeOfDay,
    WebAddress,
    Zone,
)

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RESERVED_SLUGS = frozenset(
    [
        "all",
        "api",
        "archive",
        "articles",
        "confirm",
        "editions",
        "feeds",
        "healthz",
        "hub",
        "metrics",
        "newsroom",
        "outbox",
        "preferences",
        "private",
        "readyz",
        "static",
        "subscribe",
        "unsubscribe",
    ]
)
RESERVED_TOPICS = frozenset(["archive"])
_SENDER = {"name": "Le Relais", "address": "bonjour@news.example.org"}
_WORDS = {"fr": "Santé", "en": "Health"}
OFTEN, SELDOM = timedelta(minutes=5), timedelta(days=7)
Words = dict[LanguageTag, Annotated[str, Field(min_length=1)]]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sender(_Frozen):
    """Who a mail is from."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["Le Relais"])]
    address: Annotated[Address, Field(examples=["bonjour@news.example.org"])]


class Topic(_Frozen):
    """What articles are about and readers choose by; ``formerly`` are names it had."""

    name: Annotated[Words, Field(examples=[_WORDS])]
    formerly: Annotated[tuple[Slug, ...], Field(examples=[["care"]])] = ()


class Cadence(_Frozen):
    """A named rule that a channel offers: ``matin``, every weekday at 07:00."""

    rule: Annotated[Literal["daily", "weekly", "monthly"], Field(examples=["daily"])]
    at: Annotated[tuple[TimeOfDay, ...], Field(min_length=1, examples=[["07:00"]])]
    weekdays: Annotated[tuple[Weekday, ...], Field(examples=[["mon"]])] = ()
    day: Annotated[int | None, Field(ge=1, le=31, examples=[1])] = None
    timezone: Annotated[Zone | None, Field(examples=["Europe/Paris"])] = None
    name: Annotated[Words, Field(examples=[{"fr": "Le matin", "en": "In the morning"}])] = {}

    @model_validator(mode="after")
    def _rule_has_its_days(self) -> Self:
        if self.rule == "weekly" and len(self.weekdays) != 1:
            raise ValueError('a weekly cadence needs one day, such as weekdays = ["mon"]')
        if self.rule == "monthly" and self.day is None:
            raise ValueError("a monthly cadence needs a day, such as day = 1 (31: the last)")
        if self.rule != "monthly" and self.day is not None:
            raise ValueError("day belongs to a monthly cadence; remove it")
        if self.rule == "monthly" and self.weekdays:
            raise ValueError("weekdays belong to a daily or weekly cadence; remove them")
        if len(set(self.at)) != len(self.at):
            raise ValueError("the same hour stands twice in at; remove one")
        return self


class FeedRules(_Frozen):
    """What a channel's feeds hold: at most ``limit`` entries, whole texts or teasers."""

    limit: Annotated[int, Field(ge=1, le=500, examples=[30])] = 30
    full_text: Annotated[bool, Field(examples=[True])] = True


class Source(_Frozen):
    """Where a channel's articles are fetched from. ``keep_ids`` publishes the entries' own ids."""

    url: Annotated[WebAddress, Field(examples=["https://news.example.org/feed"])]
    kind: Annotated[Literal["feed", "sitemap", "wordpress"], Field(examples=["feed"])] = "feed"
    every: Annotated[Duration, Field(examples=["30m"])] = timedelta(minutes=30)
    keep_ids: Annotated[bool, Field(examples=[False])] = False
    topics: Annotated[tuple[Slug, ...], Field(examples=[["health"]])] = ()

    @field_validator("every")
    @classmethod
    def _polls_politely(cls, every: timedelta) -> timedelta:
        if not OFTEN <= every <= SELDOM:
            raise ValueError('must lie between "5m" and "7d"; a source is not asked more often')
        return every


class DigestRules(_Frozen):
    """How a channel's digests are made. ``min_items`` and ``max_items`` count per reader."""

    cadences: Annotated[
        dict[Slug, Cadence],
        Field(min_length=1, examples=[{"matin": {"rule": "daily", "at": ["07:00"]}}]),
    ]
    max_age: Annotated[Duration, Field(examples=["7d"])]
    freeze: Annotated[Duration, Field(examples=["10m"])] = timedelta(minutes=10)
    catch_up: Annotated[Duration, Field(examples=["6h"])] = timedelta(hours=6)
    min_items: Annotated[int, Field(ge=1, le=50, examples=[1])] = 1
    max_items: Annotated[int, Field(ge=1, le=100, examples=[12])] = 12
    approval: Annotated[bool, Field(examples=[False])] = False
    template: Annotated[Literal["briefing"], Field(examples=["briefing"])] = "briefing"


class Channel(_Frozen):
    """A feed and its digests, in one language."""

    slug: Slug
    title: Annotated[str, Field(min_length=1, max_length=100, examples=["Actualités"])]
    language: Annotated[LanguageTag, Field(examples=["fr"])]
    description: Annotated[str, Field(examples=["What changes, every day."])] = ""
    topics: Annotated[tuple[Slug, ...], Field(examples=[["health"]])] = ()
    formerly: Annotated[tuple[Slug, ...], Field(examples=[["news"]])] = ()
    sender: Annotated[Sender | None, Field(examples=[_SENDER])] = None
    feed: Annotated[FeedRules, Field(examples=[{"limit": 30}])] = FeedRules()
    sources: Annotated[
        tuple[Source, ...], Field(examples=[[{"url": "https://news.example.org/feed"}]])
    ] = ()
    digest: Annotated[DigestRules | None, Field(examples=[{"max_age": "7d"}])] = None

    def cadence(self, name: str) -> Cadence:
        """The cadence of that name.

        Raises:
            UnknownName: the channel offers none of that name.
        """
        offered = self.digest.cadences if self.digest else {}
        if name not in offered:
            raise UnknownName(
                f"The channel {self.slug} has no cadence {name!r}.",
                cure=f"It offers: {', '.join(offered) or 'none'}.",
            )
        return offered[name]


class Publication(_Frozen):
    """All that is decided about a publication; ``languages[0]`` is its main one."""

    title: Annotated[str, Field(min_length=1, max_length=100, examples=["Le Relais"])]
    languages: Annotated[tuple[LanguageTag, ...], Field(min_length=1, examples=[["fr", "en"]])]
    timezone: Annotated[Zone, Field(examples=["Europe/Paris"])]
    base_url: Annotated[BaseUrl, Field(examples=["https://news.example.org"])]
    sender: Annotated[Sender, Field(examples=[_SENDER])]
    postal_address: Annotated[Words, Field(examples=[{"fr": "1 rue X, 75001 Paris"}])]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, examples=[["news"]])]
    tagline: Annotated[Words, Field(examples=[{"en": "What changes, every day"}])] = {}
    reply_to: Annotated[Address | None, Field(examples=["desk@news.example.org"])] = None
    alerts_to: Annotated[tuple[Address, ...], Field(examples=[["it@news.example.org"]])] = ()
    topics: Annotated[dict[Slug, Topic], Field(examples=[{"health": {"name": _WORDS}}])] = {}
    icon: Annotated[Picture | None, Field(examples=["/static/icon.png"])] = None
    logo: Annotated[Picture | None, Field(examples=["/static/logo.png"])] = None

    def channel(self, slug: str) -> Channel:
        """The channel of that slug, or that had it formerly.

        Raises:
            UnknownName: there is none.
        """
        for channel in self.channels:
            if slug == channel.slug or slug in channel.formerly:
                return channel
        names = ", ".join(channel.slug for channel in self.channels)
        raise UnknownName(f"There is no channel {slug!r}.", cure=f"The channels are: {names}.")

    def sender_of(self, channel: Channel) -> Sender:
        """The channel's own sender, else the publication's."""
        return channel.sender or self.sender

    def zone_of(self, cadence: Cadence) -> str:
        """The zone that a cadence's hours are told in."""
        return cadence.timezone or self.timezone
