"""Mail: variants rendered ahead, editions looked over, batches sent."""

import time

from sqlalchemy import select

from colporteur.db import database_now, writing
from colporteur.db.tables.editions import variants
from colporteur.delivery import ledger, preflighting
from colporteur.delivery.ledger import Rung
from colporteur.delivery.sending import send_batch
from colporteur.delivery.stopping import stop
from colporteur.digests.variants import render_variant
from colporteur.exceptions import TemplateBroken
from colporteur.logs import about
from colporteur.publication import revisions
from colporteur.publication.site import site_in_force
from colporteur.tasks.application import TICK, Runtime, app, ring, runtime, stopping
from colporteur.tasks.manners import calmly

SENDING_TURN_S = 2.0
"""Of a process on one batch: a slow relay must hold up neither tick nor specials."""
SPECIALS_QUEUE = "urgent"


@app.task(name="colporteur.digests.render")
@calmly
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
@calmly
def preflight(edition_id: int) -> None:
    """Look a frozen edition over, and let the calendar go on with it at once."""
    run = runtime()
    with about(edition=edition_id):
        done = preflighting.check_edition(
            run.engine, run.settings, run.templates, edition_id, stopping=stopping.is_set
        )
    if done:
        ring(app.tasks[TICK])


@app.task(name="colporteur.delivery.send")
@calmly
def send(batch_id: int) -> None:
    """Send what is due of a batch, for a while: then others have their turn, the tick first."""
    run = runtime()
    until = time.monotonic() + SENDING_TURN_S

    def turn_is_over() -> bool:
        return stopping.is_set() or time.monotonic() >= until

    with about(batch=batch_id):
        send_batch(run.dispatch, batch_id, stopping=turn_is_over)
    if time.monotonic() >= until and not stopping.is_set():
        _ring_again(run, batch_id)


def ring_to_send(rung: Rung) -> None:
    """Ring for a batch; special editions have a queue to themselves."""
    ring(send, rung.batch_id, queue=SPECIALS_QUEUE if rung.special else None)


def _ring_again(run: Runtime, batch_id: int) -> None:
    """Ring for what is left of a batch, behind whatever waits already."""
    with writing(run.engine) as connection:
        left = ledger.ring_again(connection, batch_id, database_now(connection))
    if left is not None:
        ring_to_send(left)
