"""Sends one batch: lease, compose, send, record, give back. Commits as it goes, by rule 3.

What may leave is decided as it is marked in flight, in one transaction: a suspension, a pause
or a reader's farewell acts on the very next message.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from colporteur.audience.addresses import hash_of, parse_address
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.editions import editions
from colporteur.delivery import braking, ledger
from colporteur.delivery.composing import Post, reader_message
from colporteur.delivery.holding import holding
from colporteur.delivery.leaving import Standing, Step, may_leave
from colporteur.delivery.letters import letter_message, read_letter, render
from colporteur.delivery.message import Envelope, Message, compose
from colporteur.delivery.outcomes import RETRIES, Status, decide
from colporteur.delivery.transports import Reply, open_transport
from colporteur.delivery.transports.single import SingleTransport
from colporteur.digests.rendering import Rendering
from colporteur.digests.variants import render_variant
from colporteur.editions import brakes
from colporteur.editions.skips import SkipReason
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable, TemplateBroken
from colporteur.publication.revisions import frozen_channel, require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates

_log = logging.getLogger(__name__)
REST = timedelta(seconds=30)
"""How long a batch waits after the relay, or a template, did not serve."""
REHEARSAL_REST = timedelta(minutes=10)
"""How often a letter that a rehearsal keeps back is looked at; going live makes it due."""
_LOOK_FOR_URGENT_S = 1.0
_MARKED_WITHIN = 3  # tries: somebody may move a delivery while it is made ready


@dataclass
class _Run:
    """One worker on one batch."""

    engine: Engine
    settings: Settings
    templates: Templates
    held: ledger.Lease
    transport: SingleTransport
    stopping: Callable[[], bool]
    posts: dict[int, Post] = field(default_factory=dict)
    renderings: dict[int, Rendering] = field(default_factory=dict)
    not_before: datetime | None = None
    stopped: bool = False  # nothing more of this batch may leave now
    looked_at: float = field(default_factory=time.monotonic)  # for urgent batches
    refused: int = 0  # messages in a row
    taken: bool = False  # one at least

    def rest(self, until: datetime) -> None:
        """Have the batch wait, as long as whatever in it waits longest."""
        self.not_before = max(until, self.not_before or until)


def send_batch(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    batch_id: int,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due of a batch, if it is free; the number of messages sent.

    Letters and specials go before a regular batch: it is given back between two messages, and
    taken up again when they have left. ``stopping`` is asked between messages: a stopping
    worker gives the rest back.
    """
    sent = 0
    while not stopping():
        sent += _serve(engine, settings, templates, batch_id, stopping)
        with reading(engine) as connection:
            now = database_now(connection)
            if not ledger.goes(connection, batch_id, now):
                break
            ahead = ledger.urgent_waiting(connection, now)
        if ahead is not None and not stopping():
            sent += _serve(engine, settings, templates, ahead, stopping)
    return sent


def _serve(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    batch_id: int,
    stopping: Callable[[], bool],
) -> int:
    with writing(engine) as connection:
        now = database_now(connection)
        held = ledger.lease(connection, batch_id, now, settings.lease_seconds)
        rows = ledger.due_deliveries(connection, batch_id, now) if held else ()
    if held is None:
        return 0
    transport = open_transport(settings)
    with holding(engine, held, settings.lease_seconds) as lost:
        run = _Run(
            engine, settings, templates, held, transport, lambda: stopping() or lost.is_set()
        )
        try:
            return _send_rows(run, rows)
        finally:
            transport.close()
            with writing(engine) as connection:
                ledger.give_back(connection, held, run.not_before)


def _send_rows(run: _Run, rows: Sequence[Any]) -> int:
    sent = 0
    for row in rows:
        if run.stopping() or _urgent_waits(run):
            break
        try:
            sent += _send_row(run, row)
        except (ServiceUnavailable, TemplateBroken) as error:
            _log.warning("%s %s", error.message, error.cure)
            _give_up(run, row, error)
        except DBAPIError:
            raise  # nothing can be noted: the lease runs out, and the next worker goes on
        except Exception:  # noqa: BLE001 - whatever it was, the others wait
            _log.exception("Delivery %s is put off.", row.id)
            with writing(run.engine) as connection:
                until = database_now(connection) + RETRIES[0]
                ledger.put_off(connection, run.held, row.id, until)
        if run.stopped:
            break
    return sent


def _urgent_waits(run: _Run) -> bool:
    """Whether a regular batch must give way; asked once a second."""
    if not run.held.yields or time.monotonic() - run.looked_at < _LOOK_FOR_URGENT_S:
        return False
    run.looked_at = time.monotonic()
    with reading(run.engine) as connection:
        return ledger.urgent_waiting(connection, database_now(connection)) is not None


def _give_up(run: _Run, row: Any, error: ServiceUnavailable | TemplateBroken) -> None:
    """The relay or a template does not serve: pause what is broken, let the rest wait."""
    run.stopped = True
    with writing(run.engine) as connection:
        now = database_now(connection)
        broken = isinstance(error, TemplateBroken) and row.edition_id is not None
        if not broken or not braking.pause(connection, row.edition_id, error.message, now):
            run.rest(now + REST)


def _send_row(run: _Run, row: Any) -> int:
    message = _letter(run, row) if row.letter_id else _readers_message(run, row)
    if message is None:
        return 0
    try:
        reply = run.transport.send(Envelope(message.sender, message.recipient), compose(message))
    except ServiceUnavailable as error:
        with writing(run.engine) as connection:
            unknown = isinstance(error, OutcomeUnknown)
            ledger.put_back(connection, run.held, row.id, perhaps_taken=unknown)
        raise
    with writing(run.engine) as connection:
        now = database_now(connection)
        outcome = decide(reply, row.attempts + 1, now)
        if outcome.status is Status.SENT and row.edition_id is not None and not run.taken:
            ledger.note_left(connection, row.edition_id, now)
        ledger.record(connection, run.held, row.id, outcome, reply, now)
    if row.edition_id is not None:
        _watch_refusals(run, row.edition_id, outcome.status, reply, now)
    return int(outcome.status is Status.SENT)


def _watch_refusals(
    run: _Run, edition_id: int, status: Status, reply: Reply, now: datetime
) -> None:
    """Pause an edition of which the relay refuses one message after the other (rule 9)."""
    if status is Status.SENT:
        run.taken, run.refused = True, 0
    if status is not Status.FAILED:
        return
    run.refused += 1
    most = run.posts[edition_id].max_errors
    if run.taken and run.refused < most:
        return  # this worker alone knows that they were not all refused
    with writing(run.engine) as connection:
        if braking.refused_in_a_row(connection, edition_id, most):
            why = f"The relay refused {most} in a row, the last with: {reply.code} {reply.text}"
            run.stopped = braking.pause(connection, edition_id, why, now)


def _readers_message(run: _Run, row: Any) -> Message | None:
    """A reader's message, marked in flight; None for one that may not leave."""
    post, variant_id, key = _post(run, row.edition_id), row.variant_id, row.address_key or ""
    for _ in range(_MARKED_WITHIN):
        rendering = _rendering(run, row.edition_id, variant_id)
        with writing(run.engine) as connection:
            now = database_now(connection)
            standing = ledger.standing(connection, row.id, hash_of(key))
            if not _goes(run, connection, row, standing, key, now):
                return None
            address = _on_the_wire(standing.address or "")
            if (standing.variant_id, standing.address_key) == (variant_id, key) and (
                ledger.mark_inflight(connection, run.held, row.id, now, variant_id=variant_id)
            ):
                return reader_message(post, rendering, row.subscription_id, address)
        variant_id, key = standing.variant_id, standing.address_key or ""
    run.rest(now + timedelta(seconds=_LOOK_FOR_URGENT_S))
    return None


def _letter(run: _Run, row: Any) -> Message | None:
    """A letter, marked in flight; None for one that may not leave."""
    with reading(run.engine) as connection:
        letter = read_letter(connection, row.letter_id)
        publication = require(connection).publication
        site = site_in_force(connection, run.settings, publication)
    if letter.address is None:
        with writing(run.engine) as connection:
            ledger.skip(connection, row.id, SkipReason.UNSUBSCRIBED, database_now(connection))
        return None
    rendering = render(run.templates, letter, publication, site)
    address = parse_address(letter.address)
    with writing(run.engine) as connection:
        now = database_now(connection)
        standing = ledger.standing(connection, row.id, address.hash)
        if not _goes(run, connection, row, standing, address.key, now):
            return None
        if not ledger.mark_inflight(connection, run.held, row.id, now):
            run.rest(now + timedelta(seconds=_LOOK_FOR_URGENT_S))
            return None
    whom = _on_the_wire(letter.address)
    return letter_message(letter, whom, rendering, publication, run.settings.secret_key)


def _goes(
    run: _Run, connection: Connection, row: Any, standing: Standing, key: str, now: datetime
) -> bool:
    """Whether a delivery may leave now; one that never may is skipped, with the reason."""
    reached = standing.live or run.settings.outbox is not None
    if not reached:
        publication = require(connection).publication
        reached = brakes.in_force(connection, publication, real_relay=True).reaches(key)
    step = may_leave(standing, reached=reached)
    if isinstance(step, SkipReason):
        ledger.skip(connection, row.id, step, now)
    elif step is Step.STOP:
        run.stopped = True
    elif step is Step.WAIT:
        run.rest(now + REHEARSAL_REST)
    return step is Step.GO


def _on_the_wire(text: str) -> str:
    address = parse_address(text)
    return f"{address.text.rpartition('@')[0]}@{address.domain}"


def _post(run: _Run, edition_id: int) -> Post:
    if edition_id not in run.posts:
        with reading(run.engine) as connection:
            edition = connection.execute(select(editions).where(editions.c.id == edition_id)).one()
            publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
            site = site_in_force(connection, run.settings, publication)
        run.posts[edition_id] = Post(
            publication=publication,
            channel=channel,
            edition_public_id=edition.public_id,
            site=site,
            secret_key=run.settings.secret_key,
            date=edition.slot or edition.send_at,
            max_errors=channel.digest.max_errors if channel.digest else 1,
        )
    return run.posts[edition_id]


def _rendering(run: _Run, edition_id: int, variant_id: int) -> Rendering:
    if variant_id not in run.renderings:
        site = _post(run, edition_id).site
        with writing(run.engine) as connection:
            now = database_now(connection)
            run.renderings[variant_id] = render_variant(
                connection,
                run.templates,
                variant_id,
                site,
                now,
                secret_key=run.settings.secret_key,
            )
    return run.renderings[variant_id]
