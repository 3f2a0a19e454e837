"""A publication as one frozen value. ``publication.toml`` and one file a channel spell it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator

from colporteur.exceptions import UnknownName
from colporteur.publication.cadences import Cadence
from colporteur.publication.domains import groups_in_force
from colporteur.publication.look import Look
from colporteur.publication.retention import Retention
from colporteur.publication.sending import Domain, DomainGroup, OwnGroup, Quiet, QuietHours, WarmUp
from colporteur.publication.subscribing import Subscribing
from colporteur.publication.values import (
    Address,
    BaseUrl,
    Day,
    Duration,
    Frozen,
    LanguageTag,
    OwnAddress,
    Picture,
    Slug,
    WebAddress,
    Words,
    Zone,
)

Layout = Literal["briefing", "headlines", "text-first"]
ChannelState = Literal["open", "paused", "archived"]
LAYOUTS: tuple[Layout, ...] = ("briefing", "headlines", "text-first")
RESERVED_SLUGS = frozenset(
    [
        "all",
        "api",
        "archive",
        "articles",
        "confirm",
        "editions",
        "feedback",
        "feeds",
        "go",
        "healthz",
        "hub",
        "images",
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
_FOOTER = "Publié par l’association Le Relais."
_WORDS = {"fr": "Santé", "en": "Health"}
_ORANGE = {"orange": {"connections": 2, "limits": ["5000/hour"]}}
_WARM_UP = {"news.example.org": {"start": "2026-11-23", "days": [50, 100, 200]}}
_QUIET = "22:00-07:00"
_MORNING = {"matin": {"rule": "daily", "at": ["07:00"]}}
_DAY = timedelta(days=1)
OFTEN, SELDOM = timedelta(minutes=5), timedelta(days=7)


class Sender(Frozen):
    """Who a mail is from."""

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["Le Relais"])]
    address: Annotated[OwnAddress, Field(examples=["bonjour@news.example.org"])]


class Topic(Frozen):
    """What articles are about and readers choose by; ``formerly`` are names it had."""

    name: Annotated[Words, Field(examples=[_WORDS])]
    formerly: Annotated[tuple[Slug, ...], Field(examples=[["care"]])] = ()


class FeedRules(Frozen):
    """What a channel's feeds hold: at most ``limit`` entries, whole texts or teasers."""

    limit: Annotated[int, Field(ge=1, le=500, examples=[30])] = 30
    full_text: Annotated[bool, Field(examples=[True])] = True


class Source(Frozen):
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


class SpecialRules(Frozen):
    """What a special edition must pass: ``hold`` to take it back, a second person, a typed number.

    One that goes to more than ``confirm_above`` readers asks for their number.
    """

    hold: Annotated[Duration, Field(examples=["5m"])] = timedelta(minutes=5)
    approval: Annotated[bool, Field(examples=[False])] = False
    confirm_above: Annotated[int, Field(ge=0, examples=[1000])] = 1000

    @field_validator("hold")
    @classmethod
    def _ends_within_a_day(cls, hold: timedelta) -> timedelta:
        if hold > _DAY:
            raise ValueError('is longer than a day; shorten it, such as "5m"')
        return hold


class DigestRules(Frozen):
    """How a channel's digests are made. ``min_items`` and ``max_items`` count per reader.

    Nothing is due on the dates of ``skip``. ``max_errors`` messages refused in a row pause an
    edition. ``quiet_hours`` are the channel's own, where the publication's are not.
    """

    cadences: Annotated[
        dict[Slug, Cadence],
        Field(min_length=1, examples=[_MORNING]),
    ]
    max_age: Annotated[Duration, Field(examples=["7d"])]
    freeze: Annotated[Duration, Field(examples=["10m"])] = timedelta(minutes=10)
    catch_up: Annotated[Duration, Field(examples=["6h"])] = timedelta(hours=6)
    min_items: Annotated[int, Field(ge=1, le=50, examples=[1])] = 1
    max_items: Annotated[int, Field(ge=1, le=100, examples=[12])] = 12
    max_errors: Annotated[int, Field(ge=1, le=100_000, examples=[100])] = 100
    give_up: Annotated[Duration, Field(examples=["4d"])] = timedelta(days=4)
    approval: Annotated[bool, Field(examples=[False])] = False
    skip: Annotated[tuple[Day, ...], Field(examples=[["2026-12-25"]])] = ()
    layout: Annotated[Layout, Field(examples=["briefing"])] = "briefing"
    quiet_hours: Annotated[Quiet | None, Field(examples=[_QUIET])] = None


class Channel(Frozen):
    """A feed and its digests, in one language.

    No edition of a channel that is ``paused`` opens; its feeds go on. One that is ``archived``
    can be read, but takes no readers and no sources any more.
    """

    slug: Slug
    title: Annotated[str, Field(min_length=1, max_length=100, examples=["Actualités"])]
    language: Annotated[LanguageTag, Field(examples=["fr"])]
    description: Annotated[str, Field(examples=["What changes, every day."])] = ""
    topics: Annotated[tuple[Slug, ...], Field(examples=[["health"]])] = ()
    formerly: Annotated[tuple[Slug, ...], Field(examples=[["news"]])] = ()
    state: Annotated[ChannelState, Field(examples=["paused"])] = "open"
    sender: Annotated[Sender | None, Field(examples=[_SENDER])] = None
    postal_address: Annotated[str, Field(examples=["1 rue X, 75001 Paris"])] = ""
    footer: Annotated[str, Field(max_length=1000, examples=[_FOOTER])] = ""
    feed: Annotated[FeedRules, Field(examples=[{"limit": 30}])] = FeedRules()
    sources: Annotated[
        tuple[Source, ...], Field(examples=[[{"url": "https://news.example.org/feed"}]])
    ] = ()
    digest: Annotated[DigestRules | None, Field(examples=[{"max_age": "7d"}])] = None

    @property
    def sends(self) -> bool:
        """Whether its calendar's editions leave."""
        return self.digest is not None and self.state == "open"

    @property
    def takes_readers(self) -> bool:
        """Whether one can subscribe to its digests."""
        return self.digest is not None and self.state != "archived"

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

    def called(self, cadence: str, tag: str) -> str:
        """What people call a cadence: its name in ``tag``, in the channel's language, or ``cadence``.

        Also of one that the channel offers no more.
        """
        rule = self.digest.cadences.get(cadence) if self.digest else None
        names = rule.name if rule else {}
        return names.get(tag) or names.get(self.language) or cadence


class Publication(Frozen):
    """All that is decided about a publication; ``languages[0]`` is its main one.

    ``serve_images``: mails and pages show our own, resized copies of articles' pictures.
    ``index_editions``: search engines may list editions. ``count_clicks``: how often each link
    of an edition was followed is counted, never by whom. With ``four_eyes`` nobody approves what
    they themselves wrote or arranged. ``domain_groups`` say what differs from the shipped ones,
    ``warm_up`` how a sending domain begins, ``quiet_hours`` when regular digests wait,
    ``subscribing`` how readers sign up, ``retention`` how long what is known of them is kept.
    """

    title: Annotated[str, Field(min_length=1, max_length=100, examples=["Le Relais"])]
    languages: Annotated[tuple[LanguageTag, ...], Field(min_length=1, examples=[["fr", "en"]])]
    timezone: Annotated[Zone, Field(examples=["Europe/Paris"])]
    base_url: Annotated[BaseUrl, Field(examples=["https://news.example.org"])]
    sender: Annotated[Sender, Field(examples=[_SENDER])]
    postal_address: Annotated[Words, Field(examples=[{"fr": "1 rue X, 75001 Paris"}])]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, examples=[["news"]])]
    titles: Annotated[Words, Field(examples=[{"ar": "لو رولي"}])] = {}
    senders: Annotated[dict[LanguageTag, Sender], Field(examples=[{"ar": _SENDER}])] = {}
    footer: Annotated[Words, Field(examples=[{"fr": _FOOTER}])] = {}
    tagline: Annotated[Words, Field(examples=[{"en": "What changes, every day"}])] = {}
    reply_to: Annotated[OwnAddress | None, Field(examples=["desk@news.example.org"])] = None
    alerts_to: Annotated[tuple[Address, ...], Field(examples=[["it@news.example.org"]])] = ()
    topics: Annotated[dict[Slug, Topic], Field(examples=[{"health": {"name": _WORDS}}])] = {}
    specials: Annotated[SpecialRules, Field(examples=[{"hold": "5m"}])] = SpecialRules()
    retention: Annotated[Retention, Field(examples=[{"ips": "30d"}])] = Retention()
    subscribing: Annotated[Subscribing, Field(examples=[{"remind": False}])] = Subscribing()
    four_eyes: Annotated[bool, Field(examples=[False])] = False
    icon: Annotated[Picture | None, Field(examples=["/static/icon.png"])] = None
    logo: Annotated[Picture | None, Field(examples=["/static/logo.png"])] = None
    look: Annotated[Look, Field(examples=[{"size": 18}])] = Look()
    serve_images: Annotated[bool, Field(examples=[True])] = True
    index_editions: Annotated[bool, Field(examples=[False])] = False
    count_clicks: Annotated[bool, Field(examples=[False])] = False
    domain_groups: Annotated[dict[Slug, OwnGroup], Field(examples=[_ORANGE])] = {}
    warm_up: Annotated[dict[Domain, WarmUp], Field(examples=[_WARM_UP])] = {}
    quiet_hours: Annotated[Quiet | None, Field(examples=[_QUIET])] = None

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

    def title_in(self, language: str) -> str:
        """Its name as mails in a language write it."""
        return self.titles.get(language, self.title)

    def sender_in(self, language: str) -> Sender:
        """Who mails in a language are from."""
        return self.senders.get(language, self.sender)

    def sender_of(self, channel: Channel) -> Sender:
        """The channel's own sender, else that of its language."""
        return channel.sender or self.sender_in(channel.language)

    def postal_address_of(self, channel: Channel) -> str:
        """The channel's own postal address, else that of its language."""
        return channel.postal_address or self.postal_address.get(channel.language, "")

    def footer_of(self, channel: Channel) -> str:
        """What the channel's mails say at their end, beside what every mail must."""
        return channel.footer or self.footer.get(channel.language, "")

    def zone_of(self, cadence: Cadence) -> str:
        """The zone that a cadence's hours are told in."""
        return cadence.timezone or self.timezone

    def groups_in_force(self) -> Mapping[str, DomainGroup]:
        """The groups of domains that share limits, by name: the shipped ones and its own."""
        return groups_in_force(self.domain_groups)

    def quiet_hours_of(self, channel: Channel) -> QuietHours | None:
        """When a channel's regular digests wait; None where they never do."""
        own = channel.digest.quiet_hours if channel.digest else None
        found = self.quiet_hours if own is None else own
        return found or None
