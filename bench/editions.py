"""Section editions: freezing one for up to a million readers, in seconds and megabytes."""

import json
import random
import subprocess
import sys
import tempfile
from datetime import timedelta

from servers import postgresql_server
from sqlalchemy import Connection, Engine, insert, text, update

from bench.freezing import NOW
from bench.readers import TOPICS, make_readers
from colporteur.clock import use_shipped_zones
from colporteur.db import make_engine, writing
from colporteur.db.migrate import migrate
from colporteur.db.tables.articles import article_channels, article_versions, articles, sequences
from colporteur.db.tables.publication import cadences
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import apply, require

_SIZES = {"sqlite": (10_000, 100_000), "postgresql": (10_000, 100_000, 1_000_000)}
_AIM_S, _AIM_MB = 60.0, 250.0
_PRIOR, _EACH, _NEW = 10, 4, 40


def section() -> None:
    """Freeze an edition of 40 articles for readers of 12,288 choices in 30 zones."""
    print("\nFreezing an edition: 40 new articles, 4,096 topic sets, 3 layouts, 30 zones,")
    print("5 % hold a special, 10 editions before it, 1 in 200 of the last one failed")
    print(
        f"  {'database':<12}{'readers':>10}{'seconds':>9}{'readers/s':>11}{'variants':>10}{'MB':>7}"
    )
    with postgresql_server() as server:
        for dialect, sizes in _SIZES.items():
            for size in sizes:
                _run(dialect, size, server)
    print(
        f"  aim: a million within {_AIM_S:.0f} s, under {_AIM_MB:.0f} MB, memory flat, cost linear"
    )


def _run(dialect: str, size: int, server: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db" if dialect == "sqlite" else _fresh(server)
        engine = make_engine(url)
        make_house(engine, size)
        engine.dispose()
        done = subprocess.run(
            [sys.executable, "-m", "bench.freezing", url],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout)
    rate = found["readers"] / found["seconds"]
    ratio = f"{_AIM_S * size / 1_000_000 / found['seconds']:.1f} x the aim's speed"
    print(
        f"  {dialect:<12}{found['readers']:>10,}{found['seconds']:>9.1f}{rate:>11,.0f}"
        f"{found['variants']:>10,}{found['mb']:>7.0f}   {ratio}",
        flush=True,
    )


def _fresh(server: str) -> str:
    """An empty database on the server."""
    with make_engine(server).connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("DROP DATABASE IF EXISTS bench WITH (FORCE)"))
        plain.execute(text("CREATE DATABASE bench"))
    return f"{server.rpartition('/')[0]}/bench"


def make_house(engine: Engine, readers: int) -> None:
    """A publication with readers, what they got before, and 40 articles that nobody has."""
    use_shipped_zones()
    migrate(engine)
    with writing(engine) as connection:
        apply(connection, _publication(), by="bench", why="bench", now=NOW - timedelta(days=30))
        connection.execute(update(cadences).values(checked_until=NOW))
        names = ids(connection, require(connection).publication)
        _make_articles(connection, names)
    make_readers(engine, readers, names, editions=_PRIOR, each=_EACH, now=NOW)


def _publication() -> Publication:
    """One channel, every morning, in twelve topics."""
    topics = [f"sujet-{number}" for number in range(TOPICS)]
    daily = {"matin": {"rule": "daily", "at": ["07:00"]}}
    channel = {
        "slug": "actualites",
        "title": "Actualités",
        "language": "fr",
        "topics": topics,
        "digest": {"max_age": "7d", "max_items": 12, "cadences": daily},
    }
    return Publication.model_validate(
        {
            "title": "Le Relais",
            "languages": ["fr"],
            "timezone": "Europe/Paris",
            "base_url": "https://relais.example",
            "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
            "postal_address": {"fr": "1 rue du Test, 75001 Paris"},
            "topics": {slug: {"name": {"fr": slug}} for slug in topics},
            "channels": [channel],
        }
    )


def _make_articles(connection: Connection, names: Ids) -> None:
    chance = random.Random(1)
    topics = sorted(set(names.topics.values()))
    total = _PRIOR * _EACH + _NEW
    for number in range(1, total + 1):
        at = NOW - timedelta(hours=total - number)
        row = {
            "feed_id": f"tag:bench:{number}",
            "slug": f"article-{number}",
            "title_key": f"article {number}",
            "language": "fr",
            "listed": False,
            "state": "published",
            "number": number,
            "version": 1,
            "numbered_at": at,
            "published_at": at,
            "changed_at": at,
            "instant": True,
            "in_digests": True,
            "body_public": True,
            "created_at": at,
        }
        connection.execute(insert(articles).values(id=number, **row))
        connection.execute(
            insert(article_versions).values(
                article_id=number,
                version=1,
                made_at=at,
                content_hash=str(number),
                title=f"Article {number}",
                teaser="Un texte.",
                teaser_given=True,
                body_html="",
                authors=[],
                topics=chance.sample(topics, chance.randint(1, 3)),
            )
        )
        connection.execute(
            insert(article_channels).values(
                article_id=number, channel_id=names.channels["actualites"]
            )
        )
    connection.execute(sequences.update().values(value=total))
