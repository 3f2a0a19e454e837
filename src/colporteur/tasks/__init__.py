"""Celery: the app of this process and its tasks, rung for with ids alone."""

from colporteur.tasks.application import (
    QUEUES,
    Runtime,
    app,
    configure,
    require_broker,
    ring,
    runtime,
    stopping,
)
from colporteur.tasks.jobs import (
    DELIVERIES_AT_ONCE,
    ELSEWHERE_AT_ONCE,
    POLLS_AT_ONCE,
    VERIFICATIONS_AT_ONCE,
    build_and_announce,
    build_feeds,
    deliver,
    poll,
    render,
    send,
    tick,
    verify,
)

__all__ = [
    "DELIVERIES_AT_ONCE",
    "ELSEWHERE_AT_ONCE",
    "POLLS_AT_ONCE",
    "QUEUES",
    "VERIFICATIONS_AT_ONCE",
    "Runtime",
    "app",
    "build_and_announce",
    "build_feeds",
    "configure",
    "deliver",
    "poll",
    "render",
    "require_broker",
    "ring",
    "runtime",
    "send",
    "stopping",
    "tick",
    "verify",
]
