"""Lists of readers that the newsroom was given: tried, and read in, by a worker.

A worker that dies leaves a lease that runs out; the next one goes on where its last chunk ended.
"""

import logging
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from colporteur.audience.importing import holding, lists, running
from colporteur.audience.importing.chunks import chunks
from colporteur.audience.importing.holding import Held
from colporteur.audience.importing.lists import GIVEN_PARTS, Step
from colporteur.audience.importing.opening import ListFile, look_at
from colporteur.audience.importing.refusing import RefusedFile
from colporteur.audience.importing.terms import Offer
from colporteur.db import database_now, reading, writing
from colporteur.editions.offering import offer
from colporteur.exceptions import ColporteurError, ServiceUnavailable
from colporteur.publication import revisions
from colporteur.publication.identities import ids
from colporteur.tasks.application import Runtime, app, runtime, stopping
from colporteur.tasks.manners import calmly, in_a

LISTS_AT_ONCE = 1
_TURN_S = 300.0  # then another worker may go on: no task holds a process for long
_lists = threading.BoundedSemaphore(LISTS_AT_ONCE)
_UNFORESEEN = "Something unforeseen happened; the log of the worker says what."
_log = logging.getLogger(__name__)


class _Leave(Exception):  # noqa: N818 - it is no error
    """This process shall end, has had its turn, or lost the list: the rest is another's."""


@dataclass
class _Turn:
    """A worker's turn with a list."""

    run: Runtime
    held: Held
    until: float

    def tell(self, rows: int) -> None:
        """Say how far it is, and whether to go on."""
        with writing(self.run.engine) as connection:
            kept = holding.go_on(connection, self.held, rows, database_now(connection))
        if not kept or stopping.is_set() or time.monotonic() > self.until:
            raise _Leave


@app.task(name="colporteur.audience.read_list")
@in_a(_lists)
@calmly
def read_list(list_id: int) -> None:
    """Try a list, or read it in, as far as a turn goes."""
    run = runtime()
    with writing(run.engine) as connection:
        held = holding.take(connection, list_id, database_now(connection))
    if held is None:
        return
    turn = _Turn(run, held, time.monotonic() + _TURN_S)
    try:
        with tempfile.TemporaryDirectory(prefix="colporteur-") as folder:
            _work(turn, Path(folder))
    except _Leave:
        with writing(run.engine) as connection:
            holding.leave(connection, held)
    except (ServiceUnavailable, DBAPIError):
        raise  # its lease runs out, and another goes on
    except ColporteurError as error:
        _fail(turn, f"{error.message} {error.cure}".strip())
    except Exception:  # noqa: BLE001 - whatever it is, somebody waits to be told
        _log.exception("List %s could not be read in.", list_id)
        _fail(turn, _UNFORESEEN)


def forget_lists(run: Runtime) -> None:
    """Forget lists that nobody started, and refused rows that nobody fetched, after a week."""
    with writing(run.engine) as connection:
        lists.forget(connection, database_now(connection))


def _work(turn: _Turn, folder: Path) -> None:
    path = folder / (Path(turn.held.list.name).name or "list")
    with reading(turn.run.engine) as connection, path.open("wb") as file:
        for part in lists.parts(connection, turn.held.list.id, GIVEN_PARTS):
            file.write(part)
        revision = revisions.require(connection)
        names = ids(connection, revision.publication)
        found = offer(connection, revision.publication, names, database_now(connection))
    file_ = look_at(path, turn.held.list.terms)
    if turn.held.list.state is Step.TRYING:
        _try(turn, file_, found)
    else:
        _read_in(turn, file_, found, folder)


def _try(turn: _Turn, file: ListFile, found: Offer) -> None:
    held = turn.held
    seen = running.preview(turn.run.engine, file, held.list.terms, found, turn.tell)
    slugs = {one.id: one.channel.slug for one in found.channels.values()}
    first = [
        {
            "address": one.row.address.text,
            "name": one.row.name,
            "channel": slugs[one.row.channel_id],
            "cadence": one.row.choice.cadence,
            "becomes": one.fate.value,
        }
        for one in seen.first
    ]
    refused = [
        {"line": one.place, "reason": one.reason, "row": ", ".join(one.cells)[:300]}
        for one in seen.refused
    ]
    told: Mapping[str, Any] = {"counts": dict(seen.counts), "first": first, "refused": refused}
    with writing(turn.run.engine) as connection:
        holding.tried(connection, held, seen.rows, told, database_now(connection))


def _read_in(turn: _Turn, file: ListFile, found: Offer, folder: Path) -> None:
    held, terms = turn.held, turn.held.list.terms
    beside = folder / "refused"
    done = running.run(
        turn.run.engine,
        file,
        terms,
        found,
        by=held.list.by,
        refused=beside,
        known_as=lists.known_as(held.list.id),
        tell=turn.tell,
    )
    if done.resumed_at:  # those that an earlier turn refused, it took with it
        beside.unlink(missing_ok=True)
        with RefusedFile(beside, file.columns, 0, objects=file.is_jsonl) as again:
            for chunk in chunks(file, terms, found):
                again.add(chunk.refused)
    refused = beside.read_bytes() if beside.exists() else b""
    told = {"counts": dict(done.counts), "jsonl": file.is_jsonl}
    with writing(turn.run.engine) as connection:
        holding.finished(connection, held, done.rows, told, refused, database_now(connection))


def _fail(turn: _Turn, problem: str) -> None:
    with writing(turn.run.engine) as connection:
        holding.failed(connection, turn.held, problem, database_now(connection))
