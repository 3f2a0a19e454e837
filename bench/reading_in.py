"""One list read in, or as many bare rows, in a process of its own: its memory is what is measured."""

import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from bench.freezing import NOW
from colporteur.audience.importing.opening import look_at
from colporteur.audience.importing.running import run
from colporteur.audience.importing.terms import Terms
from colporteur.clock import use_shipped_zones
from colporteur.db import make_engine, writing
from colporteur.db.bulk import add_rows
from colporteur.db.tables.audience import (
    consents,
    profiles,
    subscriber_events,
    subscribers,
    subscriptions,
)
from colporteur.editions.offering import offer
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require

_AT_ONCE = 5000
_FIRST = 10  # the house has a reader already


def _import(url: str, file: Path) -> int:
    engine = make_engine(url)
    terms = Terms(channel="actualites", consent="Paper form at the 2025 meeting")
    with writing(engine) as connection:
        publication = require(connection).publication
        found = offer(connection, publication, ids(connection, publication), NOW)
    beside = file.with_name("refused.csv")
    report = run(engine, look_at(file, terms), terms, found, by="bench", refused=beside)
    return report.counts["subscribed"]


def _limit(url: str, readers: int) -> int:
    """As many rows as the import makes, ready made, in transactions of the same size."""
    engine = make_engine(url)
    with writing(engine) as connection:
        values = {"key": "bench", "topics_in": [], "topics_out": [], "layout": ""}
        made = profiles.insert().values(values).returning(profiles.c.id)
        profile = connection.execute(made).scalar_one()
        ready = {table: _bare(table.name, readers, profile) for table in _COLUMNS}
    for _ in range(0, readers, _AT_ONCE):
        with writing(engine) as connection:
            for table, columns in _COLUMNS.items():
                add_rows(connection, table, columns, list(islice(ready[table], _AT_ONCE)))
    return readers


_COLUMNS = {
    subscribers: (
        [
            "id",
            "address",
            "address_key",
            "domain",
            "name",
            "language",
            "state",
            "created_at",
            "confirmed_at",
        ]
    ),
    subscriptions: (
        [
            "subscriber_id",
            "channel_id",
            "profile_id",
            "cadence",
            "specials",
            "state",
            "start_number",
            "created_at",
        ]
    ),
    subscriber_events: ["subscriber_id", "channel_id", "at", "kind", "detail"],
    consents: ["subscriber_id", "method", "channels", "form_url", "at", "confirmed_at"],
}


def _bare(name: str, readers: int, profile: int) -> Iterator[Sequence[Any]]:
    detail = json.dumps({"by": "bench", "cadence": "matin", "topics_in": [], "topics_out": []})
    for n in range(_FIRST, _FIRST + readers):
        address = f"prenom.nom{n}@example.org"
        yield {
            "subscribers": (n, address, address, "example.org", "Léa", "fr", "active", NOW, NOW),
            "subscriptions": (n, 1, profile, "matin", True, "active", 0, NOW),
            "subscriber_events": (n, 1, NOW, "subscribed", detail),
            "consents": (n, "import", "[1]", "", NOW, NOW),
        }[name]


def _count(connection: Connection) -> int:
    return int(connection.scalar(select(func.count()).select_from(subscribers)) or 0)


def _main(what: str, url: str, path: str, rows: str) -> None:
    use_shipped_zones()
    with writing(make_engine(url)) as connection:
        before = _count(connection)
    start = time.perf_counter()
    made = _import(url, Path(path)) if what == "import" else _limit(url, int(rows))
    seconds, own = time.perf_counter() - start, time.process_time()
    with writing(make_engine(url)) as connection:
        assert _count(connection) == before + made
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "own": own, "mb": mb}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
