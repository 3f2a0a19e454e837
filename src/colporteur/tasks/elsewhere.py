"""What waits for servers elsewhere: sources, pictures, the hub's subscribers, webhooks.

Each kind has places of its own in a process, so that none holds up another; an embedded run has
more threads than all of them together.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy import Connection, Engine

from colporteur.articles.pictures import store as picture_rows
from colporteur.articles.pictures.fetching import fetch_picture
from colporteur.articles.sources.fetching import poll as poll_source
from colporteur.db import database_now, reading, writing
from colporteur.delivery import preflighting
from colporteur.fetch import Fetcher
from colporteur.logs import about
from colporteur.publication import revisions
from colporteur.publication.site import site_in_force
from colporteur.syndication.hub import distributing, verifying
from colporteur.syndication.hub import store as hub
from colporteur.tasks.application import TICK_SECONDS, app, ring, runtime, stopping
from colporteur.tasks.feeds import build_feeds
from colporteur.tasks.manners import calmly, in_a
from colporteur.webhooks import delivering
from colporteur.webhooks.delivering import Sending

POLLS_AT_ONCE = 2
VERIFICATIONS_AT_ONCE = 1
DELIVERIES_AT_ONCE = 2
PICTURES_AT_ONCE = 1
WEBHOOKS_AT_ONCE = 2
ELSEWHERE_AT_ONCE = (
    POLLS_AT_ONCE
    + VERIFICATIONS_AT_ONCE
    + DELIVERIES_AT_ONCE
    + PICTURES_AT_ONCE
    + WEBHOOKS_AT_ONCE
    + preflighting.AT_ONCE
)
HUB_ASKS_S = 10.0
PICTURE_ASKS_S = 15.0
_polls = threading.BoundedSemaphore(POLLS_AT_ONCE)
_verifications = threading.BoundedSemaphore(VERIFICATIONS_AT_ONCE)
_deliveries = threading.BoundedSemaphore(DELIVERIES_AT_ONCE)
_pictures = threading.BoundedSemaphore(PICTURES_AT_ONCE)
_webhooks = threading.BoundedSemaphore(WEBHOOKS_AT_ONCE)


@app.task(name="colporteur.articles.poll")
@in_a(_polls)
@calmly
def poll(source_id: int) -> None:
    """Ask a source for what is new, take it in, and have the feeds built."""
    run = runtime()
    fetcher = Fetcher(loopback=run.settings.fetch_loopback)
    with about(source=source_id):
        report = poll_source(run.engine, fetcher, source_id, stopping=stopping.is_set)
    if report is not None and (report.counts.added or report.counts.updated):
        ring(build_feeds)


@app.task(name="colporteur.articles.picture")
@in_a(_pictures)
@calmly
def picture(picture_id: int) -> None:
    """Fetch a picture, and whatever others are due until the next tick."""
    run = runtime()
    fetcher = Fetcher(loopback=run.settings.fetch_loopback, seconds=PICTURE_ASKS_S)
    with reading(run.engine) as connection:
        site = site_in_force(connection, run.settings, revisions.require(connection).publication)
    static = f"{site}/static/"

    def at_hand(url: str) -> bytes | None:
        path = url.removeprefix(static)
        return run.templates.static(unquote(path)) if path != url else None

    until = time.monotonic() + TICK_SECONDS
    waiting = [picture_id]
    while waiting and not stopping.is_set():
        fetch_picture(run.engine, fetcher, waiting.pop(0), at_hand)
        if not waiting and time.monotonic() < until:
            with writing(run.engine) as connection:
                waiting = picture_rows.ring_due(connection, database_now(connection))


@app.task(name="colporteur.syndication.verify")
@in_a(_verifications)
@calmly
def verify(subscription_id: int) -> None:
    """Ask a subscriber of the hub whether it wants what was asked in its name."""
    _as_hub(verifying.verify, hub.to_verify, subscription_id)


@app.task(name="colporteur.syndication.deliver")
@in_a(_deliveries)
@calmly
def deliver(subscription_id: int) -> None:
    """Send a subscriber of the hub the feed that changed."""
    _as_hub(distributing.deliver, hub.to_deliver, subscription_id)


@app.task(name="colporteur.webhooks.tell")
@in_a(_webhooks)
@calmly
def tell(webhook_id: int) -> None:
    """Send a program what it is to be told, and then others theirs, until the next tick."""
    run = runtime()
    with reading(run.engine) as connection:
        site = site_in_force(connection, run.settings, revisions.require(connection).publication)
    fetcher = Fetcher(loopback=run.settings.fetch_loopback, seconds=delivering.ASKS_S)
    sending = Sending(run.engine, fetcher, run.settings.secret_keys, site)
    until = time.monotonic() + TICK_SECONDS
    waiting = [webhook_id]
    while waiting and time.monotonic() < until and not stopping.is_set():
        one = waiting.pop(0)
        delivering.tell_program(sending, one, until=until, stopping=stopping.is_set)
        if not waiting:
            with reading(run.engine) as connection:
                waiting = delivering.to_tell(connection, database_now(connection))


def _as_hub(
    work: Callable[[Engine, Fetcher, int, str], None],
    due: Callable[[Connection, datetime], list[int]],
    subscription_id: int,
) -> None:
    """Do one, and whatever else is due until the next tick: other hints find no place."""
    run = runtime()
    with reading(run.engine) as connection:
        publication = revisions.require(connection).publication
        site = site_in_force(connection, run.settings, publication)
    fetcher = Fetcher(loopback=run.settings.fetch_loopback, seconds=HUB_ASKS_S)
    until = time.monotonic() + TICK_SECONDS
    waiting = [subscription_id]
    while waiting and time.monotonic() < until and not stopping.is_set():
        work(run.engine, fetcher, waiting.pop(0), site)
        if not waiting:
            with reading(run.engine) as connection:
                waiting = due(connection, database_now(connection))
