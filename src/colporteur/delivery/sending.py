"""Sends one batch: lease, compose, send, record, give back. Commits as it goes, by rule 3."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscribers, subscriptions, suppressions
from colporteur.db.tables.editions import editions
from colporteur.delivery import ledger
from colporteur.delivery.composing import Post, reader_message
from colporteur.delivery.holding import holding
from colporteur.delivery.letters import letter_message, read_letter, render
from colporteur.delivery.message import Envelope, Message, compose
from colporteur.delivery.outcomes import RETRIES, SkipReason, Status, decide
from colporteur.delivery.transports import Transport, open_transport
from colporteur.digests.rendering import Rendering
from colporteur.digests.variants import render_variant
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable, TemplateBroken
from colporteur.publication.revisions import frozen_channel, require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates

_log = logging.getLogger(__name__)
REST = timedelta(seconds=30)
"""How long a batch waits after the relay, or a template, did not serve."""


@dataclass
class _Run:
    """One worker on one batch."""

    engine: Engine
    settings: Settings
    templates: Templates
    held: ledger.Lease
    transport: Transport
    stopping: Callable[[], bool]
    posts: dict[int, Post] = field(default_factory=dict)
    renderings: dict[int, Rendering] = field(default_factory=dict)
    not_before: datetime | None = None


def send_batch(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    batch_id: int,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due of a batch, if it is free; the number of messages sent.

    ``stopping`` is asked between messages: a stopping worker gives the rest back.
    """
    transport = open_transport(settings)
    with writing(engine) as connection:
        now = database_now(connection)
        held = ledger.lease(connection, batch_id, now, settings.lease_seconds)
        rows = ledger.due_deliveries(connection, batch_id, now) if held else ()
    if held is None:
        return 0
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
        if run.stopping():
            break
        try:
            sent += _send_row(run, row)
        except (ServiceUnavailable, TemplateBroken) as error:
            _log.warning("%s %s", error.message, error.cure)
            with reading(run.engine) as connection:
                run.not_before = database_now(connection) + REST
            break
        except DBAPIError:
            raise  # nothing can be noted: the lease runs out, and the next worker goes on
        except Exception:  # noqa: BLE001 - whatever it was, the others wait
            _log.exception("Delivery %s is put off.", row.id)
            with writing(run.engine) as connection:
                until = database_now(connection) + RETRIES[0]
                ledger.put_off(connection, run.held, row.id, until)
    return sent


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
        ledger.record(connection, run.held, row.id, outcome, reply, now)
    return int(outcome.status is Status.SENT)


def _readers_message(run: _Run, row: Any) -> Message | None:
    """A reader's message, marked in flight; None for one who left."""
    post, rendering = _post(run, row.edition_id), _rendering(run, row)
    with writing(run.engine) as connection:
        now = database_now(connection)
        address = _address_if_wanted(connection, row, now)
        if address is None or not ledger.mark_inflight(connection, run.held, row.id, now):
            return None
    return reader_message(post, rendering, row.subscription_id, address)


def _letter(run: _Run, row: Any) -> Message | None:
    """A letter, marked in flight; None for one to an address that must not be written to."""
    with reading(run.engine) as connection:
        letter = read_letter(connection, row.letter_id)
        publication = require(connection).publication
        site = site_in_force(connection, run.settings, publication)
    rendering = render(run.templates, letter, publication, site)
    with writing(run.engine) as connection:
        now = database_now(connection)
        address = parse_address(letter.address)
        if not _may_be_written_to(connection, row, address, now):
            return None
        if not ledger.mark_inflight(connection, run.held, row.id, now):
            return None
    whom = _on_the_wire(address)
    return letter_message(letter, whom, rendering, publication, run.settings.secret_key)


def _address_if_wanted(connection: Connection, row: Any, now: datetime) -> str | None:
    """The address as it is now; None, and the delivery skipped, for a reader who left."""
    found = connection.execute(
        select(subscribers.c.address, subscribers.c.state, subscriptions.c.state.label("chosen"))
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscriptions.c.id == row.subscription_id)
    ).one()
    if found.address is None or found.state != "active" or found.chosen != "active":
        ledger.skip(connection, row.id, SkipReason.UNSUBSCRIBED, now)
        return None
    address = parse_address(found.address)
    if not _may_be_written_to(connection, row, address, now):
        return None
    return _on_the_wire(address)


def _on_the_wire(address: EmailAddress) -> str:
    return f"{address.text.rpartition('@')[0]}@{address.domain}"


def _may_be_written_to(
    connection: Connection, row: Any, address: EmailAddress, now: datetime
) -> bool:
    """False, and the delivery skipped, for an address on the do-not-mail list."""
    suppressed = select(suppressions.c.at).where(suppressions.c.address_hash == address.hash)
    if connection.scalar(suppressed) is None:
        return True
    ledger.skip(connection, row.id, SkipReason.SUPPRESSED, now)
    return False


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
        )
    return run.posts[edition_id]


def _rendering(run: _Run, row: Any) -> Rendering:
    if row.variant_id not in run.renderings:
        site = _post(run, row.edition_id).site
        with writing(run.engine) as connection:
            now = database_now(connection)
            run.renderings[row.variant_id] = render_variant(
                connection, run.templates, row.variant_id, site, now
            )
    return run.renderings[row.variant_id]
