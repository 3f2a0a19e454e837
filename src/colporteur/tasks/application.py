"""The Celery app of this process: its settings, what tasks need, and how they are rung for."""

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from celery import Celery, signals
from kombu import Queue
from kombu.exceptions import OperationalError
from sqlalchemy import Engine

from colporteur.clock import use_shipped_zones
from colporteur.config import Settings
from colporteur.db import make_engine
from colporteur.delivery.limits import Limits
from colporteur.delivery.sending import GROUP, SMALL_GROUP, Dispatch
from colporteur.exceptions import ConfigurationError, ServiceUnavailable
from colporteur.tasks.ending import Stopping
from colporteur.templating import Templates

TICK = "colporteur.editions.tick"
TICK_SECONDS = 1.0
BY_HAND = "by_hand"
CARE = "colporteur.audience.care"
CARE_SECONDS = 60.0
FETCH = "colporteur.feedback.fetch"
ALERT = "colporteur.vitals.tell"
HINT_EXPIRES_S = 10
MEMORY_AT_MOST_KB = 400_000
"""A child of a worker that holds more is replaced after its task."""
TASK_LASTS_S = 900
"""Longer than a relay may take for its answer to a message (RFC 5321 section 4.5.3.2.6)."""
QUEUES = ("urgent", "deliver", "render", "feeds", "default")
_log = logging.getLogger(__name__)

app = Celery("colporteur")
stopping = Stopping()
"""Set when this process shall end: a batch then gives back what it has not begun."""


@dataclass(frozen=True)
class Runtime:
    """What a task needs and a message must not carry."""

    settings: Settings
    engine: Engine
    templates: Templates

    @cached_property
    def limits(self) -> Limits:
        """How much of anything but messages was let pass: by all processes, or by this one."""
        return Limits(self.settings)

    @cached_property
    def dispatch(self) -> Dispatch:
        """What sending keeps from batch to batch."""
        group = SMALL_GROUP if self.engine.dialect.name == "sqlite" else GROUP
        return Dispatch(self.engine, self.settings, self.templates, group, ending=stopping.is_set)


_runtime: Runtime | None = None


def configure(settings: Settings) -> Celery:
    """Give the app its settings; called once in each process before anything is rung or run."""
    global _runtime  # noqa: PLW0603 - one app in a process, as Celery has it
    use_shipped_zones()
    engine = make_engine(settings.database)
    _runtime = Runtime(settings, engine, Templates(settings.template_folders))
    app.conf.update(_celery_settings(settings))
    return app


def runtime() -> Runtime:
    """What ``configure`` made.

    Raises:
        ConfigurationError: it was not called in this process.
    """
    if _runtime is None:
        raise ConfigurationError(
            "The tasks have no settings.", cure="Start with `celery -A worker worker`."
        )
    return _runtime


def ring(task: Any, *ids: int, queue: str | None = None, expires: float = HINT_EXPIRES_S) -> None:
    """Publish a hint, on the task's own queue if no other; a later tick rings again if need be.

    It ``expires`` in so many seconds: about when the next would come. The tick is told that it was
    not beat who rang.
    """
    headers = {BY_HAND: True} if task.name == TICK else None
    try:
        task.apply_async(args=ids, expires=expires, queue=queue, headers=headers)
    except OperationalError as error:
        _log.warning("The broker does not answer (%s); the next tick rings again.", error)


def require_broker() -> None:
    """Check that the broker answers.

    Raises:
        ServiceUnavailable: it does not; the message names it without its password.
    """
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
            where = connection.as_uri()
    except (OperationalError, OSError) as error:
        where = app.connection_for_write().as_uri()
        raise ServiceUnavailable(
            f"The broker {where} does not answer: {error}",
            cure="Start Redis, or correct COLPORTEUR_BROKER_URL.",
        ) from None


def _celery_settings(settings: Settings) -> dict[str, Any]:
    return {
        "broker_url": "memory://localhost" if settings.embedded else settings.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # 100 by default, and then it gives up
        "broker_transport_options": _transport_options(settings),
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_max_memory_per_child": MEMORY_AT_MOST_KB,
        "task_time_limit": TASK_LASTS_S,
        "task_soft_time_limit": TASK_LASTS_S - 60,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_soft_shutdown_timeout": 20,  # it waits as long as this, busy or not
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        "enable_utc": True,
        "task_default_queue": "default",
        "task_routes": {
            # Specials have the queue ``urgent`` to themselves, and the tick begins them.
            TICK: {"queue": "default"},
            CARE: {"queue": "default"},
            # What waits for servers elsewhere stays apart from all that readers wait for.
            FETCH: {"queue": "feeds"},
            ALERT: {"queue": "feeds"},
            "colporteur.articles.poll": {"queue": "feeds"},
            "colporteur.articles.picture": {"queue": "feeds"},
            "colporteur.syndication.verify": {"queue": "feeds"},
            "colporteur.syndication.deliver": {"queue": "feeds"},
            "colporteur.webhooks.tell": {"queue": "feeds"},
            "colporteur.audience.read_list": {"queue": "feeds"},
            "colporteur.syndication.build": {"queue": "render"},
            "colporteur.digests.render": {"queue": "render"},
            "colporteur.digests.preflight": {"queue": "render"},
            "colporteur.delivery.send": {"queue": "deliver"},
        },
        "task_queues": [Queue(name) for name in QUEUES],
        "beat_scheduler": "celery.beat:Scheduler",  # nothing to remember between starts
        "beat_schedule": {
            "tick": {
                "task": TICK,
                "schedule": TICK_SECONDS,
                "options": {"expires": HINT_EXPIRES_S},
            },
            "care": {
                "task": CARE,
                "schedule": CARE_SECONDS,
                "options": {"expires": CARE_SECONDS},
            },
        },
    }


def _transport_options(settings: Settings) -> dict[str, Any]:
    if settings.embedded:
        return {"polling_interval": 0.05}
    # A worker that ends may wait once more for Redis on each of its connections, and has 25 s
    # for all of them.
    return {"socket_timeout": 3, "socket_connect_timeout": 5, "visibility_timeout": 600}


@signals.worker_process_init.connect
def _after_fork(**_: Any) -> None:
    """A child must not share its parent's connections: they would read each other's rows."""
    if _runtime is not None:
        _runtime.engine.dispose(close=False)


@signals.worker_shutting_down.connect
def _stop_soon(**_: Any) -> None:
    stopping.set()
