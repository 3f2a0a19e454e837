"""The engine of an embedded run: Celery's worker and beat as threads of this process.

The broker is memory, so only this process hears it; a lock on the data folder makes it the only
engine there. Other commands write the database, and the next tick picks that up.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import celery.beat
import celery.worker.state
from celery import Celery
from celery.worker import WorkController

from colporteur import tasks
from colporteur.config import Settings
from colporteur.exceptions import EngineBusy, ServiceUnavailable

_THREADS = (
    tasks.ELSEWHERE_AT_ONCE + tasks.FETCHES_AT_ONCE + tasks.LISTS_AT_ONCE + 2
)  # strangers never hold those of tick and mail
_WATCH_S = 1.0
_STOP_WITHIN_S = 25.0
_log = logging.getLogger(__name__)


@contextmanager
def sole_engine(settings: Settings, address: str) -> Iterator[None]:
    """Hold the data; ``address`` is told to whoever else wants it.

    The lock lies beside the SQLite file, wherever that is: two engines must not share it.

    Raises:
        EngineBusy: another process holds it.
        ServiceUnavailable: the folder cannot be written.
    """
    data = _data(settings)
    path = data.parent / f"{data.name}.lock"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise ServiceUnavailable(
            f"The data folder {path.parent} cannot be written: {error.strerror}.",
            cure="Start in a folder you may write to, or set COLPORTEUR_DATA_DIR.",
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(file, data) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}, serving {address}")
        file.flush()
        yield


@contextmanager
def engine_running(app: Celery) -> Iterator[None]:
    """Run worker and beat as threads, started again should one end; stop both at the end."""
    celery.worker.state.should_stop = None
    tasks.stopping.clear()
    done = threading.Event()
    worker = threading.Thread(target=_keep, args=(lambda: _work(app), done), daemon=True)
    beat = threading.Thread(target=_keep, args=(lambda: _beat(app, done), done), daemon=True)
    worker.start()
    beat.start()
    try:
        yield
    finally:
        done.set()
        beat.join(_STOP_WITHIN_S)
        tasks.stopping.set()
        celery.worker.state.should_stop = 0  # type: ignore[assignment] # an exit code
        _wake()
        worker.join(_STOP_WITHIN_S)
        celery.worker.state.should_stop = None
        if not worker.is_alive():
            tasks.stopping.clear()


def _wake() -> None:
    """Have the worker see that it shall stop: it looks once for each message, else for 2 s.

    Two, since it takes one more before it leaves; they expire at once and do nothing.
    """
    for _ in range(2):
        tasks.tick.apply_async(expires=0)


def _data(settings: Settings) -> Path:
    """The SQLite file, else the data folder's engine."""
    if settings.database.startswith("sqlite:///"):
        return Path(settings.database.removeprefix("sqlite:///")).absolute()
    return settings.data_dir.absolute() / "engine"


def _busy(file: IO[str], data: Path) -> EngineBusy:
    file.seek(0)
    holder = file.read().strip() or "another process"
    return EngineBusy(
        f"{data} is in use by {holder}.",
        cure="Stop that one first, or set COLPORTEUR_DATA_DIR and COLPORTEUR_PORT for a second one.",
    )


def _keep(run: Callable[[], None], done: threading.Event) -> None:
    while not done.is_set():
        try:
            run()
        except Exception:  # noqa: BLE001 - whatever it was, readers wait
            _log.exception("The engine stumbled and starts again.")
        if not done.is_set():
            time.sleep(_WATCH_S)


def _work(app: Celery) -> None:
    WorkController(
        app=app,
        pool_cls="threads",
        concurrency=_THREADS,
        prefetch_multiplier=4,
        loglevel=logging.WARNING,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    ).start()


def _beat(app: Celery, done: threading.Event) -> None:
    """Celery's own scheduler, ticked here so that it ends when asked to."""
    scheduler = celery.beat.Scheduler(app=app)
    while not done.is_set():
        done.wait(min(scheduler.tick(), _WATCH_S))
    scheduler.close()
