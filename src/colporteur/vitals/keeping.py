"""Sums in the database what this process counted, and says that it lives, each ten seconds.

What a process counted in its last seconds is lost where it is killed; nothing is counted twice.
"""

import json
import logging
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, Engine, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from colporteur import __version__
from colporteur.counting import REGISTRY
from colporteur.db import database_now, writing
from colporteur.db.tables.vitals import delivery_outcomes, metric_totals, processes
from colporteur.exceptions import ServiceUnavailable
from colporteur.vitals.figures import LATER, REFUSED, TAKEN

KEPT_EVERY_S = 10.0
OUTCOMES_SAMPLE = "colporteur_deliveries_total"
_BUCKET = timedelta(minutes=5)
_OUTCOMES_KEPT = timedelta(days=2)
_PROCESSES_KEPT = timedelta(days=1)
_CREATED = "_created"  # when each was first counted: of no use once they are summed
_OF_HISTOGRAMS = ("_bucket", "_sum", "_count")
_log = logging.getLogger(__name__)

Sample = tuple[str, str]
"""A sample's name, and its labels as JSON in order of their names."""
Counts = Mapping[Sample, float]


def counted(registry: CollectorRegistry = REGISTRY) -> dict[Sample, float]:
    """What this process has counted since it began."""
    return {
        (sample.name, json.dumps(sample.labels, sort_keys=True, ensure_ascii=False)): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if not sample.name.endswith(_CREATED)
    }


class Keeping:
    """What one process has counted and not yet written. ``kind`` is web, worker, bounces or up.

    Made anew after a fork: what the parent counted is the parent's.
    """

    def __init__(self, engine: Engine, kind: str, process: int | None = None) -> None:
        self._engine = engine
        self._kind = kind
        self._name = f"{socket.gethostname()}:{process or os.getpid()}"[:200]
        self._written: Counts = counted()
        self._turn = threading.Lock()

    def keep(self) -> None:
        """Write what was counted since the last time, and that the process lives.

        Raises:
            ServiceUnavailable, DBAPIError: the database is away; it is all written the next time.
        """
        with self._turn:
            found = counted()
            grown = _grown(found, self._written)
            with writing(self._engine) as connection:
                now = database_now(connection)
                _say_alive(connection, self._name, self._kind, now)
                _add(connection, grown)
                _add_outcomes(connection, grown, now)
            self._written = found

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Keep each ten seconds, in a thread, and once more at the end."""
        done = threading.Event()
        thread = threading.Thread(target=self.go_on, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def go_on(self, done: threading.Event) -> None:
        """Keep until ``done``, and then once more."""
        while True:
            ends = done.is_set()
            self.try_to_keep()
            if ends:
                return
            done.wait(KEPT_EVERY_S)

    def try_to_keep(self) -> None:
        """Keep; if the database is away, it is counted on."""
        try:
            self.keep()
        except (ServiceUnavailable, DBAPIError) as error:
            _log.warning("What was counted is not kept yet: %s", type(error).__name__)
        except Exception:  # noqa: BLE001 - figures are never worth a process
            _log.exception("What was counted is not kept.")


def _grown(found: Counts, before: Counts) -> dict[Sample, float]:
    """By how much samples grew; all of a histogram's, if one did, for the sums to be whole."""
    changed = {_whose(one) for one, value in found.items() if value != before.get(one, 0.0)}
    return {
        one: value - before.get(one, 0.0) for one, value in found.items() if _whose(one) in changed
    }


def _whose(sample: Sample) -> Sample:
    """The metric and the labels that a histogram's samples share."""
    name, labels = sample
    if not name.endswith(_OF_HISTOGRAMS):
        return sample
    said = {label: value for label, value in json.loads(labels).items() if label != "le"}
    return name.rpartition("_")[0], json.dumps(said, sort_keys=True, ensure_ascii=False)


def _say_alive(connection: Connection, name: str, kind: str, now: datetime) -> None:
    row = {"name": name, "kind": kind, "release": __version__, "started_at": now, "seen_at": now}
    adding = _insert(connection, processes).values(row)
    connection.execute(
        adding.on_conflict_do_update(index_elements=["name"], set_={"kind": kind, "seen_at": now})
    )


def _add(connection: Connection, grown: Counts) -> None:
    """Add to the sums; in one order, so that two processes never wait for each other's rows."""
    rows = [
        {"sample": sample, "labels": labels, "value": value}
        for (sample, labels), value in sorted(grown.items())
    ]
    if rows:
        adding = _insert(connection, metric_totals)
        more = {"value": metric_totals.c.value + adding.excluded.value}
        added = adding.on_conflict_do_update(index_elements=["sample", "labels"], set_=more)
        connection.execute(added, rows)


def _add_outcomes(connection: Connection, grown: Counts, now: datetime) -> None:
    """Count relays' answers by stretches of five minutes, and forget those of long ago."""
    starts_at = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % _BUCKET
    found: dict[tuple[str, str], int] = {}
    for (sample, labels), value in grown.items():
        said = json.loads(labels)
        if sample == OUTCOMES_SAMPLE and said["outcome"] in {TAKEN, LATER, REFUSED}:
            key = said["domain_group"], said["outcome"]
            found[key] = found.get(key, 0) + int(value)
    if not found:
        return
    rows = [
        {"starts_at": starts_at, "domain_group": group, "outcome": outcome, "count": count}
        for (group, outcome), count in sorted(found.items())
    ]
    adding = _insert(connection, delivery_outcomes)
    both = delivery_outcomes.c.count + adding.excluded.count
    keys = ["starts_at", "domain_group", "outcome"]
    connection.execute(
        adding.on_conflict_do_update(index_elements=keys, set_={"count": both}), rows
    )


@contextmanager
def counts_kept(engine: Engine) -> Iterator[None]:
    """Write what is counted within: by a command that ends, which nobody keeps for."""
    before = counted()
    try:
        yield
    finally:
        if grown := _grown(counted(), before):
            try:
                with writing(engine) as connection:
                    _add(connection, grown)
                    _add_outcomes(connection, grown, database_now(connection))
            except (ServiceUnavailable, DBAPIError) as error:
                _log.warning("What was counted is not kept: %s", type(error).__name__)


def forget_past(connection: Connection, now: datetime) -> None:
    """Forget relays' answers, and processes, that no figure is read from any more."""
    old = delivery_outcomes.c.starts_at < now - _OUTCOMES_KEPT
    connection.execute(delete(delivery_outcomes).where(old))
    connection.execute(delete(processes).where(processes.c.seen_at < now - _PROCESSES_KEPT))


def _insert(connection: Connection, table: Any) -> Any:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
