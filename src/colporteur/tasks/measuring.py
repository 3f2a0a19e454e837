"""Counts tasks, and has each process of a worker's pool keep what it counted."""

import logging
import os
import threading
import time
from typing import Any

from celery import signals

from colporteur.counting import TASK_FAILURES, TASKS
from colporteur.tasks.application import runtime
from colporteur.vitals.keeping import Keeping

_LAST_S = 5.0  # of a process that ends, for the last of its counts
_began: dict[str, float] = {}
_done = threading.Event()
_threads: list[threading.Thread] = []


@signals.setup_logging.connect
def _as_ours(loglevel: int | str | None = None, **_: Any) -> None:
    """The log is set up when the app is; ``--loglevel`` may only ask for more of it.

    Celery sets up none where somebody hears this.
    """
    root = logging.getLogger()
    wanted = logging.getLevelName(loglevel.upper()) if isinstance(loglevel, str) else loglevel
    if isinstance(wanted, int) and wanted < root.level:
        root.setLevel(wanted)


@signals.task_prerun.connect
def _begin(task_id: str, **_: Any) -> None:
    _began[task_id] = time.monotonic()


@signals.task_postrun.connect
def _end(task_id: str, task: Any, **_: Any) -> None:
    began = _began.pop(task_id, None)
    if began is not None:
        TASKS.labels(task.name).observe(time.monotonic() - began)


@signals.task_failure.connect
def _fail(sender: Any, **_: Any) -> None:
    TASK_FAILURES.labels(sender.name).inc()


@signals.worker_process_init.connect
def _keep(**_: Any) -> None:
    """In a process of a pool: all of them keep under the name of the worker that is their parent."""
    _began.clear()
    _done.clear()
    keeping = Keeping(runtime().engine, "worker", os.getppid())
    thread = threading.Thread(target=keeping.go_on, args=(_done,), daemon=True)
    thread.start()
    _threads[:] = [thread]


@signals.worker_process_shutdown.connect
def _keep_the_last(**_: Any) -> None:
    _done.set()
    for thread in _threads:
        thread.join(_LAST_S)
