"""An edition of many readers, and what the database says became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select

from bench.faults.verdict import Delivery
from colporteur.articles.intake import take_in
from colporteur.articles.submission import Submission
from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.subscribing import subscribe
from colporteur.clock import use_shipped_zones
from colporteur.db import database_now, make_engine, reading, writing
from colporteur.db.migrate import migrate
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions
from colporteur.editions import brakes, scheduling
from colporteur.publication import Publication
from colporteur.publication.identities import ids
from colporteur.publication.revisions import apply, require

_DOMAINS = 40  # so that none is so large as to have limits of its own
_AT_ONCE = 5000
_BODY = f"<p>{'Du texte qui dit ce qui a été mesuré, et encore un peu. ' * 10}</p>"
SLUG, CADENCE = "actualites", "matin"
SITE = "https://relais.example"


@dataclass
class House:
    """A database with one channel and one edition."""

    engine: Engine
    readers: int
    edition: int = 0

    def make(self) -> None:
        """The tables, a publication that is live, and its readers."""
        use_shipped_zones()
        migrate(self.engine)
        with writing(self.engine) as connection:
            now = database_now(connection)
            apply(connection, publication(), by="faults", why="faults", now=now)
            revision = require(connection)
            names = ids(connection, revision.publication)
            brakes.go_live(connection, revision.publication, names, now, "faults")
            first = subscribe(
                connection,
                parse_address(address_of(1)),
                Choice(names.channels[SLUG], CADENCE),
                language="fr",
                start_number=0,
                by="faults",
                now=now,
            )
            _like(connection, first.subscriber_id, first.subscription_id, self.readers)

    def publish(self, articles: int) -> None:
        """Articles that no edition has brought yet."""
        with writing(self.engine) as connection:
            revision = require(connection)
            names = ids(connection, revision.publication)
            now = database_now(connection)
            for number in range(articles):
                title = f"Un article, le {number} de {now:%H:%M:%S.%f}"
                article = Submission(title, body_html=_BODY)
                take_in(connection, article, revision.publication, names, now)

    def send(self) -> None:
        """Have an edition leave now: workers begin with it at the next tick."""
        with writing(self.engine) as connection:
            now = database_now(connection)
            revision = require(connection)
            names = ids(connection, revision.publication)
            channel = revision.publication.channel(SLUG)
            edition, readers = scheduling.send_now(
                connection, revision, names, channel, CADENCE, by="faults", now=now
            )
        if readers != self.readers:
            raise RuntimeError(f"{readers} readers were frozen, not {self.readers}")
        self.edition = edition.id

    def expected(self) -> set[str]:
        """The addresses that are owed a message."""
        return {address_of(number) for number in range(1, self.readers + 1)}

    def counts(self) -> Mapping[str, int]:
        """Deliveries of the edition by their status."""
        with reading(self.engine) as connection:
            return scheduling.counts(connection, self.edition)

    def state(self) -> str:
        """The state of the edition."""
        with reading(self.engine) as connection:
            found = select(editions.c.state).where(editions.c.id == self.edition)
            return str(connection.scalar(found))

    def deliveries(self) -> list[Delivery]:
        """What the ledger says of each reader."""
        query = (
            select(subscribers.c.address, deliveries.c.status, deliveries.c.possible_duplicates)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(deliveries.c.edition_id == self.edition)
        )
        with reading(self.engine) as connection:
            return [Delivery(*row) for row in connection.execute(query)]

    def seconds(self) -> float:
        """From the first message in flight until the last answer was recorded."""
        query = select(
            func.min(deliveries.c.inflight_at, type_=deliveries.c.inflight_at.type),
            func.max(deliveries.c.ended_at, type_=deliveries.c.ended_at.type),
        ).where(deliveries.c.edition_id == self.edition)
        with reading(self.engine) as connection:
            began, ended = connection.execute(query).one()
        return float((ended - began).total_seconds())


def house_at(url: str, readers: int) -> House:
    """A house that is not made yet."""
    return House(make_engine(url), readers)


def address_of(number: int) -> str:
    """The address of a reader, from 1."""
    return f"r{number}@d{number % _DOMAINS}.example.org"


def publication() -> Publication:
    """One channel with one cadence; a slot that falls into a run finds nothing new to bring."""
    channel = {
        "slug": SLUG,
        "title": "Actualités",
        "language": "fr",
        "digest": {
            "max_age": "7d",
            "cadences": {CADENCE: {"rule": "monthly", "day": 28, "at": ["03:00"]}},
        },
    }
    return Publication.model_validate(
        {
            "title": "Le Relais",
            "languages": ["fr"],
            "timezone": "Europe/Paris",
            "base_url": SITE,
            "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
            "postal_address": {"fr": "1 rue du Test, 75001 Paris"},
            "channels": [channel],
        }
    )


def _like(connection: Connection, subscriber: int, subscription: int, readers: int) -> None:
    """Readers who are what the first one is, whatever columns a reader has."""
    model = _row(connection, subscribers, subscriber)
    chosen = _row(connection, subscriptions, subscription)
    for start in range(2, readers + 1, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, readers + 1))
        added = [model | _named(address_of(number)) for number in numbers]
        connection.execute(insert(subscribers), added)
    own = connection.scalars(select(subscribers.c.id).where(subscribers.c.id != subscriber))
    rows = [chosen | {"subscriber_id": one} for one in own]
    for at in range(0, len(rows), _AT_ONCE):
        connection.execute(insert(subscriptions), rows[at : at + _AT_ONCE])


def _row(connection: Connection, table: Table, number: int) -> dict[str, Any]:
    found = connection.execute(select(table).where(table.c.id == number)).mappings().one()
    return {name: value for name, value in found.items() if name != "id"}


def _named(address: str) -> dict[str, str]:
    domain = address.rpartition("@")[2]
    return {"address": address, "address_key": address, "domain": domain}
