"""The publication of a soak, its steady readers, and which articles they are owed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Table, insert, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.subscribing import subscribe
from colporteur.db import database_now, writing
from colporteur.db.migrate import migrate
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.editions import brakes
from colporteur.publication import Publication
from colporteur.publication.identities import ids
from colporteur.publication.revisions import apply, require

SITE = "https://relais.example"
CHANNEL = "actualites"
TOPIC = "sante"
GONE = "gone.example.org"  # the relay says of all its addresses that they do not exist
CADENCES = ("pairs", "impairs", "instant")
_ZONE = "Europe/Paris"
_DOMAINS = 40
_AT_ONCE = 5000
_BY = "soak"


@dataclass(frozen=True)
class Group:
    """Readers who chose the same: so many, named ``<name>-<number>@…``."""

    name: str
    size: int
    cadence: str
    topic: bool = False  # only what is of TOPIC
    domain: str = ""
    leaves: bool = False  # by and by, while the soak lasts

    def addresses(self) -> list[str]:
        """Each reader's, from 1."""
        found = (self.domain or f"d{n % _DOMAINS}.example.org" for n in range(1, self.size + 1))
        return [f"{self.name}-{n}@{domain}" for n, domain in enumerate(found, 1)]


def groups(readers: int) -> tuple[Group, ...]:
    """The steady readers of a soak, about ``readers`` in all."""
    fifth = max(readers // 5, 1)
    return (
        Group("even", fifth, "pairs"),
        Group("odd", fifth, "impairs"),
        Group("instant", fifth, "instant"),
        Group("topic", fifth, "pairs", topic=True),
        Group("leaving", max(fifth // 5, 1), "impairs", leaves=True),
        Group("gone", max(fifth // 20, 1), "impairs", domain=GONE),
    )


def publication(began: datetime, minutes: float) -> Publication:
    """One channel whose digests come each minute from the third on, by turns of two cadences."""
    local = began.astimezone(ZoneInfo(_ZONE)).replace(second=0, microsecond=0)
    slots = [local + timedelta(minutes=after) for after in range(2, int(minutes) + 3)]
    hours = [f"{one:%H:%M}" for one in slots]
    turns = {
        name: {"rule": "daily", "at": hours[turn::2]} for turn, name in enumerate(CADENCES[:2])
    }
    channel = {
        "slug": CHANNEL,
        "title": "Actualités",
        "language": "fr",
        "topics": [TOPIC, "villes"],
        "digest": {
            "max_age": "7d",
            "freeze": "0m",
            "max_items": 50,
            "cadences": {**turns, "instant": {"rule": "instant"}},
        },
    }
    limits = dict.fromkeys(("ip", "subnet", "domain", "all"), "100000/hour")
    return Publication.model_validate(
        {
            "title": "Le Relais",
            "languages": ["fr"],
            "timezone": _ZONE,
            "base_url": SITE,
            "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
            "postal_address": {"fr": "1 rue du Test, 75001 Paris"},
            "topics": {TOPIC: {"name": {"fr": "Santé"}}, "villes": {"name": {"fr": "Villes"}}},
            "subscribing": {"at_most": limits},
            "specials": {"hold": "1m"},
            "channels": [channel],
        }
    )


def settle(engine: Engine, made: Publication, who: Sequence[Group]) -> None:
    """The tables, the publication, live, and its steady readers."""
    migrate(engine)
    with writing(engine) as connection:
        now = database_now(connection)
        apply(connection, made, by=_BY, why=_BY, now=now)
        names = ids(connection, require(connection).publication)
        brakes.go_live(connection, made, names, now, _BY)
        for group in who:
            topics = (names.topics[TOPIC],) if group.topic else ()
            choice = Choice(names.channels[CHANNEL], group.cadence, topics_in=topics)
            _subscribe(connection, group.addresses(), choice, now)


def _subscribe(
    connection: Connection, addresses: Sequence[str], choice: Choice, now: datetime
) -> None:
    """The first as anybody is; the others are what the first is, whatever columns that has."""
    first = subscribe(
        connection,
        parse_address(addresses[0]),
        choice,
        language="fr",
        start_number=0,
        by=_BY,
        now=now,
    )
    model = _row(connection, subscribers, first.subscriber_id)
    chosen = _row(connection, subscriptions, first.subscription_id)
    for some in _parts(addresses[1:]):
        connection.execute(insert(subscribers), [model | _named(one) for one in some])
        query = select(subscribers.c.id).where(subscribers.c.address.in_(some))
        rows = [chosen | {"subscriber_id": one} for one in connection.scalars(query)]
        connection.execute(insert(subscriptions), rows)


def _parts(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(addresses), _AT_ONCE):
        yield addresses[at : at + _AT_ONCE]


def _row(connection: Connection, table: Table, number: int) -> dict[str, Any]:
    found = connection.execute(select(table).where(table.c.id == number)).mappings().one()
    return {name: value for name, value in found.items() if name != "id"}


def _named(address: str) -> dict[str, str]:
    return {"address": address, "address_key": address, "domain": address.rpartition("@")[2]}


@dataclass(frozen=True)
class Article:
    """One that was published at ``at`` (seconds of this machine's monotonic clock)."""

    slug: str
    at: float
    topic: str
    withdrawn: bool = False

    def taken_back(self) -> "Article":
        """The same, withdrawn."""
        return replace(self, withdrawn=True)


def owed(group: Group, articles: Sequence[Article]) -> set[str]:
    """The slugs that each steady reader of a group must have got, once; none if nobody could."""
    if group.domain == GONE:
        return set()
    wanted = (one for one in articles if not one.withdrawn)
    return {one.slug for one in wanted if not group.topic or one.topic == TOPIC}
