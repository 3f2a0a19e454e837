"""A house to measure: a database with channels of two sizes, their feeds built."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from colporteur.articles.intake import take_in
from colporteur.articles.submission import Submission
from colporteur.config import Settings
from colporteur.db import make_engine, writing
from colporteur.db.migrate import migrate
from colporteur.publication import Publication
from colporteur.publication.identities import ids
from colporteur.publication.revisions import apply
from colporteur.syndication.building import build_stale
from colporteur.templating import Templates

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
SITE = "https://relais.example"
SIZES: dict[str, int] = {"small": 0, "large": 0}  # of the gzipped documents, once they are known
_ENTRIES = {"small": 30, "large": 500}
_WORDS = [
    "le",
    "port",
    "mesure",
    "ses",
    "capteurs",
    "et",
    "publie",
    "chaque",
    "mois",
    "un",
    "bilan",
    "que",
    "la",
    "ville",
    "relit",
]


def publication(slugs: list[str], limit: int = 500) -> Publication:
    """A publication with these channels, without digests."""
    said: dict[str, Any] = {
        "title": "Le Relais",
        "languages": ["fr"],
        "timezone": "Europe/Paris",
        "base_url": SITE,
        "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
        "postal_address": {"fr": "1 rue du Test, 75001 Paris"},
        "channels": [
            {"slug": slug, "title": slug.title(), "language": "fr", "feed": {"limit": limit}}
            for slug in slugs
        ],
    }
    return Publication.model_validate(said)


def make_house(folder: Path) -> dict[str, str]:
    """A database in a folder; the environment of a web process on it."""
    url = f"sqlite:///{folder}/colporteur.db"
    engine = make_engine(url)
    migrate(engine)
    said = publication(list(_ENTRIES))
    chance = random.Random(1)
    with writing(engine) as connection:
        revision = apply(connection, said, by="bench", why="bench", now=NOW)
        names = ids(connection, said)
        for slug, count in _ENTRIES.items():
            for number in range(count):
                submission = article(chance, f"{slug} {number}", slug, number)
                take_in(connection, submission, said, names, NOW)
        templates = Templates(Settings().template_folders)
        assert revision is not None
        build_stale(connection, revision, names, templates, SITE, NOW)
    engine.dispose()
    return {
        "COLPORTEUR_DATABASE_URL": url,
        "COLPORTEUR_BROKER_URL": "redis://127.0.0.1:1/0",  # the web needs none to serve feeds
        "COLPORTEUR_SECRET_KEY": "k" * 32,
        "COLPORTEUR_BASE_URL": SITE,
    }


def article(chance: random.Random, title: str, channel: str, hours: int) -> Submission:
    """An article of about 600 characters that no other is like."""
    body = " ".join(chance.choices(_WORDS, k=80))
    return Submission(
        f"Article {title} {chance.randrange(10**6)}",
        body_html=f"<p>{body}</p>",
        teaser=" ".join(chance.choices(_WORDS, k=20)),
        channels=(channel,),
        dated_at=NOW - timedelta(hours=hours),
    )
