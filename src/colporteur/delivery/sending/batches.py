"""Sends one batch: lease, then group after group, then give back what is left.

Commits as it goes (docs/rules.md, 3): a group is marked in flight in the transaction that records
what came of the one before.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from colporteur.config import Settings
from colporteur.config.relay import Relay
from colporteur.db import connected, database_now, reading
from colporteur.delivery import ledger
from colporteur.delivery.holding import Keeper
from colporteur.delivery.limits import Limits
from colporteur.delivery.packing import Packing
from colporteur.delivery.sending.groups import send_groups
from colporteur.delivery.sending.turn import GROUP, Clock, Turn
from colporteur.delivery.transports import Relays
from colporteur.exceptions import ServiceUnavailable
from colporteur.templating import Templates

_log = logging.getLogger(__name__)
REST = timedelta(seconds=30)
SHORTEST_REST = timedelta(seconds=1)
"""How long a batch waits after no relay served, at most and at least."""
NO_PLACE_REST = timedelta(seconds=2)
"""And where its domain group, or the relay, has no place for another connection."""


@dataclass(frozen=True)
class Dispatch:
    """What a process needs to send; its connections to relays are kept from batch to batch.

    At most ``group`` messages of a batch are in flight at one time; ``ending`` says whether the
    process shall end soon.
    """

    engine: Engine
    settings: Settings
    templates: Templates
    group: int = GROUP
    ending: Callable[[], bool] = lambda: False
    packing: Packing = field(init=False)
    relays: Relays = field(init=False)
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        """Make what is kept."""
        packing = Packing(self.engine, self.settings, self.templates)
        object.__setattr__(self, "packing", packing)
        object.__setattr__(self, "relays", Relays(self.settings))
        object.__setattr__(self, "limits", Limits(self.settings))

    def close(self) -> None:
        """Say goodbye to the relays."""
        self.relays.close()


def send_batch(
    dispatch: Dispatch, batch_id: int, *, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Send what is due of a batch, if it is free; the number of messages sent.

    Letters and specials go before a regular batch: it is given back between two messages, and
    taken up again when they have left. ``stopping`` is asked between messages: a stopping
    worker gives the rest back.
    """
    sent = 0
    while not stopping():
        served = _serve(dispatch, batch_id, stopping)
        sent += served.sent
        if not served.goes_on:
            break
        with reading(dispatch.engine) as connection:
            now = database_now(connection)
            if not ledger.goes(connection, batch_id, now):
                break
            ahead = ledger.urgent_waiting(connection, now)
        if ahead is not None and not stopping():
            sent += _serve(dispatch, ahead, stopping).sent
    return sent


@dataclass(frozen=True)
class _Served:
    """What came of a turn on a batch; ``goes_on``: something of it may be due still."""

    sent: int
    goes_on: bool


def _serve(dispatch: Dispatch, batch_id: int, stopping: Callable[[], bool]) -> _Served:
    seconds = dispatch.settings.lease_seconds
    with connected(dispatch.engine) as connection:
        with connection.begin():
            now = database_now(connection)
            held = ledger.lease(connection, batch_id, now, seconds)
            if held is None:
                return _Served(0, goes_on=True)
            due = ledger.due_deliveries(connection, batch_id, now)
            publication = dispatch.packing.publication(connection)
            waits = _waits(dispatch, connection, now)
        post = None
        if held.edition_id is not None:
            post = dispatch.packing.post(held.edition_id)
        with Keeper(dispatch.engine, held, seconds, dispatch.ending) as keeper:
            turn = Turn(
                connection,
                dispatch.settings,
                dispatch.packing,
                dispatch.limits,
                held,
                Clock(now),
                publication,
                post,
                dispatch.relays.relays,
                stopping=lambda: stopping() or keeper.lost.is_set(),
                group=dispatch.group,
            )
            try:
                _send(dispatch, turn, waits, due, keeper)
            except Exception as error:
                rest = SHORTEST_REST if isinstance(error, DBAPIError) else REST
                turn.rest(turn.clock.now() + rest)  # else it would be first again, at once
                raise
            finally:
                with connection.begin():
                    again = ledger.give_back(connection, held, turn.not_before)
    if turn.sent or turn.refused:
        said = {"batch": batch_id, "edition": held.edition_id, "sent": turn.sent}
        _log.info("Batch %s: %s sent", batch_id, turn.sent, extra=said)
    return _Served(turn.sent, goes_on=again is not None and again <= turn.clock.now())


def _waits(dispatch: Dispatch, connection: Connection, now: datetime) -> dict[str, timedelta]:
    """How long until each relay's quotas have room: one that is used up leaves it to the others."""
    relays = dispatch.relays.relays
    return {one.name: dispatch.limits.wait_for(connection, one, now) for one in relays}


def _send(
    dispatch: Dispatch,
    turn: Turn,
    waits: Mapping[str, timedelta],
    due: Sequence[int],
    keeper: Keeper,
) -> None:
    """Send what is due over a connection of a relay that serves, if there is a place for it."""
    if waits and all(waits.values()):
        turn.rest(turn.clock.now() + min(waits.values()))
        return
    roomy = [one for one in dispatch.relays.relays if not waits[one.name]]
    candidates = [None] if dispatch.settings.outbox else dispatch.relays.in_turn(roomy)
    if not candidates:
        turn.rest(turn.clock.now() + _rest(dispatch))
    for relay in candidates:
        place = dispatch.limits.connect(turn.publication, relay, turn.held.domain_group)
        try:
            with place as free:
                if not free:
                    turn.rest(turn.clock.now() + NO_PLACE_REST)
                    continue
                _send_over(dispatch, turn, relay, due, keeper)
                return
        except ServiceUnavailable as error:
            _log.warning("%s %s", error.message, error.cure)
            turn.rest(turn.clock.now() + _rest(dispatch))
            if turn.known:
                return  # it had begun: what is left goes with the next turn


def _send_over(
    dispatch: Dispatch, turn: Turn, relay: Relay | None, due: Sequence[int], keeper: Keeper
) -> None:
    group = turn.publication.groups_in_force().get(turn.held.domain_group)
    messages = group.messages if group else None
    with dispatch.relays.borrow(lambda one: one == relay, messages, keeper.watch) as transport:
        send_groups(turn, transport, relay, due)


def _rest(dispatch: Dispatch) -> timedelta:
    """How long until the first relay is asked again."""
    resting = [dispatch.relays.resting(one) for one in dispatch.relays.relays]
    soonest = timedelta(seconds=min(resting, default=REST.total_seconds()))
    return min(max(soonest, SHORTEST_REST), REST)
