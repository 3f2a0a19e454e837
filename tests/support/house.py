"""A small publication and a house around it, for tests that need one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete

from colporteur.articles.intake import Taken, take_in
from colporteur.articles.submission import Submission
from colporteur.audience.addresses import parse_address
from colporteur.audience.subscribing import Choice, Subscribed, subscribe
from colporteur.config import Settings
from colporteur.db import reading, writing
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.publication import facts
from colporteur.editions import brakes
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, apply, require
from colporteur.syndication.building import build_stale
from colporteur.syndication.documents import Document, document, touch_all
from colporteur.templating import Templates

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
SITE = "https://relais.example"
TEMPLATES = Templates(Settings().template_folders)


def publication(**changes: Any) -> Publication:
    """A publication with a French and an Arabic channel, and three topics."""
    values: dict[str, Any] = {
        "title": "Le Relais",
        "languages": ["fr", "ar"],
        "timezone": "Europe/Paris",
        "base_url": SITE,
        "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
        "reply_to": "redaction@relais.example",
        "postal_address": {"fr": "1 rue du Test\n75001 Paris", "ar": "باريس"},
        "topics": {
            name: {"name": {"fr": name.title(), "ar": name}}
            for name in ("health", "law", "schools")
        },
        "channels": [
            channel("actualites", "fr"),
            channel("nashra", "ar"),
        ],
    }
    return Publication.model_validate(values | changes)


def channel(slug: str, language: str, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "slug": slug,
        "title": slug.title(),
        "language": language,
        "topics": ["health", "law"],
        "digest": digest(),
    }
    return values | changes


def digest(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "max_age": "7d",
        "cadences": {"matin": {"rule": "daily", "at": ["07:00"]}},
    }
    return values | changes


@dataclass
class House:
    """A database with a publication in force; each call is a transaction at ``now``."""

    engine: Engine
    now: datetime = NOW

    @contextmanager
    def open(self) -> Iterator[tuple[Connection, Revision, Ids]]:
        with writing(self.engine) as connection:
            revision = require(connection)
            yield connection, revision, ids(connection, revision.publication)

    def apply(self, wanted: Publication, **options: Any) -> Revision | None:
        with writing(self.engine) as connection:
            return apply(
                connection, wanted, **({"by": "test", "why": "test", "now": self.now} | options)
            )

    def go_live(self) -> None:
        """End the rehearsal: readers get mail through a real relay."""
        with self.open() as (connection, revision, names):
            brakes.go_live(connection, revision.publication, names, self.now, "test")

    def rehearse(self) -> None:
        """As if it had never gone live."""
        with writing(self.engine) as connection:
            connection.execute(delete(facts).where(facts.c.name == brakes.LIVE))

    def take(self, title: str = "", *, significant: bool = True, **said: Any) -> Taken:
        submission = Submission(title, **said)
        with self.open() as (connection, revision, names):
            return take_in(
                connection,
                submission,
                revision.publication,
                names,
                self.now,
                significant=significant,
            )

    def build(self, *, anew: bool = False, site: str = SITE) -> list[str]:
        """Build the feeds that changed, or ``anew`` all of them; the paths written."""
        with self.open() as (connection, revision, names):
            if anew:
                touch_all(connection)
            return build_stale(connection, revision, names, TEMPLATES, site, self.now)

    def document(self, path: str) -> Document:
        """A stored document."""
        with reading(self.engine) as connection:
            found = document(connection, path)
        assert found is not None
        return found

    def subscribe(
        self,
        address: str,
        *,
        channel: str = "actualites",
        topics_in: tuple[str, ...] = (),
        topics_out: tuple[str, ...] = (),
        back: timedelta = timedelta(days=1),
        minute: int | None = None,
    ) -> Subscribed:
        with self.open() as (connection, _revision, names):
            return subscribe(
                connection,
                parse_address(address),
                Choice(
                    names.channels[channel],
                    "matin",
                    tuple(names.topics[one] for one in topics_in),
                    tuple(names.topics[one] for one in topics_out),
                    minute=minute,
                ),
                language="fr",
                start_number=last_number_at(connection, self.now - back),
                by="test",
                now=self.now,
            )
