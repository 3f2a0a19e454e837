"""The tasks: thin, with ids only. A message is a hint and may be lost.

Beat rings ``tick`` each second; what is due stands in the database, and a batch that nobody
took is rung for again after ten seconds. So any number of beats, or none for a while, does no
harm (docs/rules.md, 1).
"""

import functools
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from colporteur.articles.pictures import store as picture_rows
from colporteur.articles.pictures.fetching import fetch_picture
from colporteur.articles.publishing import publish_due
from colporteur.articles.sources import store as source_rows
from colporteur.articles.sources.fetching import poll as poll_source
from colporteur.db import alone, database_now, reading, writing
from colporteur.db.tables.editions import editions, variants
from colporteur.delivery import ledger, preflighting
from colporteur.delivery.alerts import tell_of_failing_sources
from colporteur.delivery.braking import close_lost, skip_too_late
from colporteur.delivery.sending import send_batch
from colporteur.delivery.set_back import stay_due
from colporteur.delivery.stopping import stop
from colporteur.digests.variants import render_variant
from colporteur.editions import scheduling
from colporteur.editions.brakes import in_force
from colporteur.editions.states import State
from colporteur.exceptions import ServiceUnavailable, TemplateBroken
from colporteur.fetch import Fetcher
from colporteur.publication import revisions
from colporteur.publication.domains import connections_by_group
from colporteur.publication.identities import ids
from colporteur.publication.site import site_in_force
from colporteur.syndication.building import build_stale, lock_stale
from colporteur.syndication.documents import stale
from colporteur.syndication.hub import distributing, verifying
from colporteur.syndication.hub import store as hub
from colporteur.tasks.application import TICK_SECONDS, Runtime, app, ring, runtime, stopping

BUILT_AT_ONCE = 4  # channels in a transaction
HUB_ASKS_S = 10.0
SENDING_TURN_S = (
    2.0  # of a process on one batch: a slow relay must hold up neither tick nor specials
)
SPECIALS_QUEUE = "urgent"
# Places in a process for what waits for servers elsewhere. Each kind has its own, so that none
# holds up another; an embedded run has more threads than all of them together.
POLLS_AT_ONCE = 2
VERIFICATIONS_AT_ONCE = 1
DELIVERIES_AT_ONCE = 2
RENDERED_A_TICK = 20
PICTURES_AT_ONCE = 1
PICTURE_ASKS_S = 15.0
ELSEWHERE_AT_ONCE = (
    POLLS_AT_ONCE
    + VERIFICATIONS_AT_ONCE
    + DELIVERIES_AT_ONCE
    + PICTURES_AT_ONCE
    + preflighting.AT_ONCE
)
_log = logging.getLogger(__name__)
_polls = threading.BoundedSemaphore(POLLS_AT_ONCE)
_verifications = threading.BoundedSemaphore(VERIFICATIONS_AT_ONCE)
_deliveries = threading.BoundedSemaphore(DELIVERIES_AT_ONCE)
_pictures = threading.BoundedSemaphore(PICTURES_AT_ONCE)
_builds = threading.BoundedSemaphore()  # a build is rung for each second until it is done


def _calmly(work: Callable[..., None]) -> Callable[..., None]:
    """A task that says in a line that a server is away: the next tick rings again."""

    @functools.wraps(work)
    def attempt(*ids: int) -> None:
        try:
            work(*ids)
        except ServiceUnavailable as error:
            _log.warning("%s %s", error.message, error.cure)
        except DBAPIError as error:
            _log.warning("The database refused: %s", str(error.orig).strip().partition("\n")[0])

    return attempt


def _in_a(places: threading.BoundedSemaphore) -> Callable[..., Callable[..., None]]:
    """A task that returns at once where no place is free: a later tick rings again."""

    def bounded(work: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(work)
        def attempt(*ids: int) -> None:
            if places.acquire(blocking=False):
                try:
                    work(*ids)
                finally:
                    places.release()

        return attempt

    return bounded


@app.task(name="colporteur.editions.tick")
@_calmly
def tick() -> None:
    """Do what the calendar says, then ring for what is due."""
    run = runtime()
    with writing(run.engine) as connection:
        revision = revisions.current(connection)
        if revision is None or not alone(connection, "tick"):
            return
        now = database_now(connection)
        names = ids(connection, revision.publication)
        stay_due(connection, now, run.settings.lease_seconds)
        publish_due(connection, now)
        real_relay = run.settings.outbox is None
        brake = in_force(connection, revision.publication, real_relay=real_relay)
        preflighting.stop_approved(connection, now)
        scheduling.advance(connection, revision, names, now, brake, preflighting.PATIENCE)
        skip_too_late(connection, revision.publication, names, now)
        close_lost(connection, now)
        scheduling.finish(connection, now)
        unchecked = preflighting.ring_due(connection, now)
        unrendered = _to_render(connection)
        places = connections_by_group(revision.publication.groups_in_force())
        due = ledger.ring_due(connection, now, places)
        feeds = stale(connection)
        to_verify, to_deliver = hub.to_verify(connection, now), hub.to_deliver(connection, now)
        source_rows.sync(connection, revision, names, now)
        polled = source_rows.ring_due(connection, now)
        tell_of_failing_sources(connection, revision, names, now)
        pictured = picture_rows.ring_due(connection, now)
    if feeds:
        ring(build_feeds)
    waiting = {verify: to_verify, deliver: to_deliver, preflight: unchecked, render: unrendered}
    for task, numbers in waiting.items():
        for number in numbers:
            ring(task, number)
    for one in due:
        ring(send, one.batch_id, queue=SPECIALS_QUEUE if one.special else None)
    for task, numbers in {poll: polled, picture: pictured}.items():
        for number in numbers:
            ring(task, number)


@app.task(name="colporteur.articles.poll")
@_in_a(_polls)
@_calmly
def poll(source_id: int) -> None:
    """Ask a source for what is new, take it in, and have the feeds built."""
    run = runtime()
    fetcher = Fetcher(loopback=run.settings.fetch_loopback)
    report = poll_source(run.engine, fetcher, source_id, stopping=stopping.is_set)
    if report is not None and (report.counts.added or report.counts.updated):
        ring(build_feeds)


@app.task(name="colporteur.articles.picture")
@_in_a(_pictures)
@_calmly
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


@app.task(name="colporteur.syndication.build")
@_in_a(_builds)
@_calmly
def build_feeds() -> None:
    """Build the feeds of the channels that changed, unless another worker does."""
    run = runtime()
    while _build_group(run, waits=False) is not None:
        pass


def build_and_announce(run: Runtime) -> list[str]:
    """Build the feeds of the channels that changed, and have the hub tell; the paths written."""
    written: list[str] = []
    while (group := _build_group(run, waits=True)) is not None:
        written += group
    return written


def _build_group(run: Runtime, *, waits: bool) -> list[str] | None:
    """Build the feeds of a few channels; None when there is nothing left for us to build.

    A few in each transaction: others' writing waits for one, and not for all.
    """
    with writing(run.engine) as connection:
        if not waits and not alone(connection, "build"):
            return None
        if not lock_stale(connection, BUILT_AT_ONCE):  # before the publication is read
            return None
        revision = revisions.require(connection)
        names = ids(connection, revision.publication)
        site = site_in_force(connection, run.settings, revision.publication)
        now = database_now(connection)
        written = build_stale(
            connection, revision, names, run.templates, site, now, at_most=BUILT_AT_ONCE
        )
        distributing.announce(connection, written, now)
        return written


@app.task(name="colporteur.syndication.verify")
@_in_a(_verifications)
@_calmly
def verify(subscription_id: int) -> None:
    """Ask a subscriber of the hub whether it wants what was asked in its name."""
    _as_hub(verifying.verify, hub.to_verify, subscription_id)


@app.task(name="colporteur.syndication.deliver")
@_in_a(_deliveries)
@_calmly
def deliver(subscription_id: int) -> None:
    """Send a subscriber of the hub the feed that changed."""
    _as_hub(distributing.deliver, hub.to_deliver, subscription_id)


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


@app.task(name="colporteur.digests.render")
@_calmly
def render(variant_id: int) -> None:
    """Render a variant before its first message needs it; what is broken pauses its edition."""
    run = runtime()
    try:
        with writing(run.engine) as connection:
            publication = revisions.require(connection).publication
            site = site_in_force(connection, run.settings, publication)
            key, now = run.settings.secret_key, database_now(connection)
            render_variant(connection, run.templates, variant_id, site, now, secret_key=key)
    except TemplateBroken as error:
        with writing(run.engine) as connection:
            edition = select(variants.c.edition_id).where(variants.c.id == variant_id)
            edition_id = connection.execute(edition).scalar_one()
            now = database_now(connection)
            stop(connection, edition_id, error.message, error.cure, now)


@app.task(name="colporteur.digests.preflight")
@_calmly
def preflight(edition_id: int) -> None:
    """Look a frozen edition over, and let the calendar go on with it at once."""
    run = runtime()
    done = preflighting.check_edition(
        run.engine, run.settings, run.templates, edition_id, stopping=stopping.is_set
    )
    if done:
        ring(tick)


@app.task(name="colporteur.delivery.send")
@_calmly
def send(batch_id: int) -> None:
    """Send what is due of a batch, for a while: then others have their turn, the tick first."""
    run = runtime()
    until = time.monotonic() + SENDING_TURN_S

    def turn_is_over() -> bool:
        return stopping.is_set() or time.monotonic() >= until

    send_batch(run.dispatch, batch_id, stopping=turn_is_over)
    if not stopping.is_set():
        _ring_on(run, batch_id)


def _ring_on(run: Runtime, batch_id: int) -> None:
    """Ring for what is left of a batch, else for the next of its domain group, behind others."""
    with writing(run.engine) as connection:
        now = database_now(connection)
        left = ledger.ring_again(connection, batch_id, now)
        left = left or ledger.ring_next(connection, batch_id, now)
    if left is not None:
        ring(send, left.batch_id, queue=SPECIALS_QUEUE if left.special else None)


def _to_render(connection: Connection) -> list[int]:
    """Variants that will leave and are not rendered yet, those of most readers first.

    Some each tick: in the minutes of a freeze, or of a special's hold, that is all of them.
    """
    waiting = (
        select(variants.c.id)
        .join(editions, editions.c.id == variants.c.edition_id)
        .where(editions.c.state.in_([State.FROZEN, State.HELD]), variants.c.rendered_at.is_(None))
        .order_by(variants.c.readers.desc(), variants.c.id)
    )
    return list(connection.scalars(waiting.limit(RENDERED_A_TICK)))
