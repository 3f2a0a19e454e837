"""A grown installation for a soak: PostgreSQL, Redis, a relay, two web processes, two workers, beat."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from servers import free_port
from sqlalchemy import ColumnElement, Engine, case, func, select, update

from bench.faults import workers
from bench.faults.servers import PostgreSQL, Redis, Sink, environment_for, folder_for
from bench.faults.stage import ready, wait_until
from bench.faults.workers import Supervisor, children
from bench.soak.figures import resident
from bench.soak.world import SITE, Group, publication, settle
from colporteur.clock import use_shipped_zones, utcnow
from colporteur.db import database_now, make_engine, reading, writing
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import batches, deliveries, letters

WEBS = WORKERS = 2


@dataclass
class Stage:
    """What a soak plays on."""

    folder: Path
    engine: Engine
    sink: Sink
    processes: Supervisor
    webs: list[str]
    token: str

    def memory(self) -> dict[str, int]:
        """Bytes that each process holds, with its children."""
        found = {}
        for name, one in self.processes.kept.items():
            found[name] = resident([one.process.pid, *children(one.process.pid)])
        return found

    def statuses(self) -> dict[str, int]:
        """All deliveries by their status."""
        query = select(deliveries.c.status, func.count()).group_by(deliveries.c.status)
        with reading(self.engine) as connection:
            return {str(status): int(number) for status, number in connection.execute(query)}

    def sent(self) -> dict[str, int]:
        """How many messages the ledger calls sent, by address."""
        address, reader = _whom()
        query = (
            select(address, func.count())
            .select_from(deliveries)
            .outerjoin(letters, letters.c.id == deliveries.c.letter_id)
            .outerjoin(subscribers, subscribers.c.id == reader)
            .where(deliveries.c.status == "sent")
            .group_by(address)
        )
        with reading(self.engine) as connection:
            return {str(who): int(number) for who, number in connection.execute(query)}

    def suspected(self) -> set[str]:
        """Addresses with a message that the ledger counts as possibly doubled."""
        address, reader = _whom()
        query = (
            select(address)
            .select_from(deliveries)
            .outerjoin(letters, letters.c.id == deliveries.c.letter_id)
            .outerjoin(subscribers, subscribers.c.id == reader)
            .where(deliveries.c.possible_duplicates > 0)
        )
        with reading(self.engine) as connection:
            return {str(one) for one in connection.scalars(query)}

    def hurry(self) -> None:
        """Have what was put off be tried now: a soak does not wait for the quarters of an hour."""
        with writing(self.engine) as connection:
            now = database_now(connection)
            put_off = deliveries.c.status == "deferred"
            later = update(deliveries).where(put_off, deliveries.c.next_attempt_at > now)
            moved = later.values(next_attempt_at=now).returning(deliveries.c.batch_id)
            found = set(connection.scalars(moved))
            if found:
                connection.execute(
                    update(batches)
                    .where(batches.c.id.in_(found), batches.c.status != "leased")
                    .values(due_at=case((batches.c.due_at > now, now), else_=batches.c.due_at))
                )

    def drain(self, within: float) -> bool:
        """Wait until nothing waits any more; whether that came."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self.hurry()
            open_ = {name for name in self.statuses() if name not in {"sent", "failed", "skipped"}}
            if not open_:
                return True
            time.sleep(2)
        return False

    def complaints(self) -> list[str]:
        """Lines of the processes' logs that say that something went wrong."""
        found = []
        for name in self.processes.kept:
            lines = self.processes.log(name).splitlines()
            signs = ("Traceback", "[error", "[critical")
            found += [f"{name}: {one[:300]}" for one in lines if any(sign in one for sign in signs)]
        return found


def _whom() -> tuple[ColumnElement[str], ColumnElement[int]]:
    """The address of a delivery's or a letter's reader, and the reader's id."""
    return (
        func.coalesce(letters.c.address, subscribers.c.address),
        func.coalesce(deliveries.c.subscriber_id, letters.c.subscriber_id),
    )


@contextlib.contextmanager
def grown(who: tuple[Group, ...], minutes: float) -> Iterator[Stage]:
    """The servers and processes, at work, with an editor's token."""
    use_shipped_zones()
    with folder_for(postgresql=True) as folder, contextlib.ExitStack() as ends:
        (folder / "relay").mkdir()
        postgresql, redis, sink = PostgreSQL(folder), Redis(folder), Sink(folder / "relay")
        for server in (redis, sink, postgresql):
            ends.callback(server.kill)
            server.start()
        engine = make_engine(postgresql.url)
        ends.callback(engine.dispose)
        settle(engine, publication(utcnow(), minutes), who)
        own = environment_for(
            folder,
            postgresql.url,
            redis.url,
            sink.url,
            COLPORTEUR_TRUSTED_PROXIES="127.0.0.1",
            COLPORTEUR_LEASE_SECONDS="30",
            COLPORTEUR_BASE_URL=SITE,
        )
        processes = Supervisor(folder, own)
        ends.callback(processes.close)
        webs = _start(processes)
        token = _token(folder, own)
        yield Stage(folder, engine, sink, processes, webs, token)


def _start(processes: Supervisor) -> list[str]:
    """Two web processes, two workers and beat; the addresses of the web processes."""
    webs = []
    for number in range(WEBS):
        port = free_port()
        web = [sys.executable, "-m", "colporteur.cli", "web"]
        processes.start(f"web{number}", ["env", f"COLPORTEUR_PORT={port}", *web])
        webs.append(f"http://127.0.0.1:{port}")
    for number in range(WORKERS):
        processes.start(f"worker{number}", workers.worker(number))
    processes.start("beat", workers.beat())
    for number in range(WORKERS):
        ready(processes, f"worker{number}")
    for web in webs:
        wait_until(partial(_serves, web), 60, f"{web} at work")
    return webs


def _serves(web: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{web}/readyz").is_success
    return False


def _token(folder: Path, own: Mapping[str, str]) -> str:
    """What an approver's program shows the API."""
    inherited = os.environ.items()  # noqa: TID251 - handed on
    kept = {k: v for k, v in inherited if not k.startswith("COLPORTEUR_")}
    scopes = ("articles:read", "articles:write", "editions:read", "editions:write", "signups")
    commands = (
        ("users", "add", "leila@relais.example", "--name", "Leïla", "--role", "approver"),
        (
            *("users", "token", "leila@relais.example", "--name", "soak", "--days", "1"),
            *(word for scope in scopes for word in ("--scope", scope)),
        ),
    )
    said = ""
    for words in commands:
        done = subprocess.run(
            [sys.executable, "-m", "colporteur.cli", *words],
            cwd=folder,
            env=kept | dict(own),
            capture_output=True,
            text=True,
            check=True,
        )
        said = done.stdout
    return said.split()[-1]
