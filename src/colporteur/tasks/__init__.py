"""Celery: the app of this process and its tasks, rung for with ids alone."""

from colporteur.tasks import measuring
from colporteur.tasks.alerting import TELLING_AT_ONCE, tell_operators
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
from colporteur.tasks.caring import care
from colporteur.tasks.elsewhere import (
    DELIVERIES_AT_ONCE,
    ELSEWHERE_AT_ONCE,
    POLLS_AT_ONCE,
    VERIFICATIONS_AT_ONCE,
    WEBHOOKS_AT_ONCE,
    deliver,
    picture,
    poll,
    tell,
    verify,
)
from colporteur.tasks.feedback import FETCHES_AT_ONCE, fetch_feedback
from colporteur.tasks.feeds import build_and_announce, build_feeds
from colporteur.tasks.lists import LISTS_AT_ONCE, read_list
from colporteur.tasks.mail import preflight, render, send
from colporteur.tasks.ticking import tick

__all__ = [
    "DELIVERIES_AT_ONCE",
    "ELSEWHERE_AT_ONCE",
    "FETCHES_AT_ONCE",
    "LISTS_AT_ONCE",
    "POLLS_AT_ONCE",
    "QUEUES",
    "TELLING_AT_ONCE",
    "VERIFICATIONS_AT_ONCE",
    "WEBHOOKS_AT_ONCE",
    "Runtime",
    "app",
    "build_and_announce",
    "build_feeds",
    "care",
    "configure",
    "deliver",
    "fetch_feedback",
    "measuring",
    "picture",
    "poll",
    "preflight",
    "read_list",
    "render",
    "require_broker",
    "ring",
    "runtime",
    "send",
    "stopping",
    "tell",
    "tell_operators",
    "tick",
    "verify",
]
