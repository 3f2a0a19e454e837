"""Writes what came of a group, and marks the next one, in one transaction."""

import logging
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import InterfaceError, OperationalError

from colporteur.audience.bouncing import Heard, Kind, note_feedback
from colporteur.config.relay import Relay
from colporteur.delivery import ledger
from colporteur.delivery.classifier import Verdict
from colporteur.delivery.ledger import Came, Due
from colporteur.delivery.outcomes import (
    GIVE_UP_AFTER,
    RETRIES,
    Status,
    after_loss,
    decide,
)
from colporteur.delivery.sending.marking import mark
from colporteur.delivery.sending.tallying import LOST, PUT_OFF, SKIPPED, Tally, count
from colporteur.delivery.sending.turn import LOOKS_EVERY_S, PATIENCE, Group, Turn
from colporteur.delivery.transports import Reply, Result
from colporteur.editions.skips import SkipReason
from colporteur.exceptions import ServiceUnavailable
from colporteur.publication.domains import REST

_RECORDED_WITHIN_S = 60.0
_OF_THE_ADDRESS = (Verdict.HARD, Verdict.SOFT)
_ENDING_IS_SOONER_S = 50.0  # a process that shall end has 25 s for all
_REPLY_AT_MOST = 200
_log = logging.getLogger(__name__)


def record_and_mark(
    turn: Turn, group: Group, following: Sequence[int], relay: Relay | None
) -> Group:
    """Write what came of a group and mark the next one in flight, in one transaction.

    While the database is away, what is known of a group is kept and written when it is back.
    """
    until, ending = time.monotonic() + _RECORDED_WITHIN_S, False
    while True:
        try:
            with turn.connection.begin():
                now = turn.clock.now()
                tally = _record(turn, group, now)
                goes_on = following and not turn.used_up
                marked = mark(turn, following, relay, now) if goes_on else Group()
        except (InterfaceError, OperationalError, ServiceUnavailable) as error:
            until -= _ENDING_IS_SOONER_S if turn.stopping() and not ending else 0.0
            ending = ending or turn.stopping()
            if not group.marked or time.monotonic() > until:
                raise
            _log.warning("The database does not take what was sent; trying again: %s", error)
            time.sleep(LOOKS_EVERY_S)
            following = []
        else:
            taken = sum(one.reply is not None and one.reply.taken for one in group.results)
            count(turn, tally, marked)
            _tell(turn, tally.came)
            turn.sent, turn.left = turn.sent + taken, turn.left or taken > 0
            return marked


def _record(turn: Turn, group: Group, now: datetime) -> Tally:
    tally = Tally()
    if not group.marked:
        return tally
    connection, edition_id = turn.connection, group.marked[0].edition_id
    came = _came(turn, group, now)
    sent = any(one.outcome.status is Status.SENT for one in came)
    if sent and edition_id is not None and not turn.left:
        tally.first = ledger.note_left(connection, edition_id, now)
    ledger.record(connection, turn.held, came, now)
    _note_refusals(turn, group, came, now)
    _heed(turn, came, now)
    _put_back(turn, group, {one.delivery_id for one in came}, now)
    tally.outcomes.update(one.outcome.status.value for one in came)
    tally.came = came
    tally.outcomes[LOST] = sum(one.reply is None for one in group.results)
    tally.outcomes[PUT_OFF] = len(group.unfit)
    tally.outcomes[SKIPPED] = len(group.unaddressed)
    return tally


def _tell(turn: Turn, came: Sequence[Came]) -> None:
    """A line for each delivery that was refused for good; for all of them, where all is wanted."""
    for one in came:
        failed = one.outcome.status is Status.FAILED
        if not failed and not _log.isEnabledFor(logging.DEBUG):
            continue
        said = {
            "delivery": one.delivery_id,
            "edition": turn.held.edition_id,
            "domain_group": turn.held.domain_group,
            "relay": turn.relay,
            "code": one.reply.code,
            "enhanced_code": one.reply.enhanced,
            "reply": one.reply.text[:_REPLY_AT_MOST],
        }
        level = logging.INFO if failed else logging.DEBUG
        _log.log(level, "Delivery %s %s", one.delivery_id, one.outcome.status, extra=said)


def _put_back(turn: Turn, group: Group, known: set[int], now: datetime) -> None:
    """Give back what nobody answered to, and put off what cannot leave as it is."""
    connection = turn.connection
    lost = next((one for one in group.results if one.reply is None), None)
    if lost is not None:  # it may be the very message at which a relay hangs up
        _lose(turn, group, lost, now)
        known = known | {lost.delivery_id}
    if group.unfit:
        ledger.put_off(connection, turn.held, group.unfit, now + RETRIES[0])
    known = known | {*group.unfit}
    kept = [one.id for one in group.marked if one.id not in known]
    if kept:
        ledger.put_back(connection, turn.held, kept, perhaps_taken=False)
        turn.limits.give_back(connection, group.allowed, len(kept))
    if group.unaddressed:
        ledger.skip(connection, group.unaddressed, SkipReason.BAD_ADDRESS, now)


def _lose(turn: Turn, group: Group, lost: Result, now: datetime) -> None:
    attempts = next(one.attempts for one in group.marked if one.id == lost.delivery_id) + 1
    outcome = after_loss(attempts, now, jitter=_jitter(), give_up_after=_give_up_after(turn))
    ledger.lose(
        turn.connection, turn.held, lost.delivery_id, outcome, perhaps_taken=lost.perhaps_taken
    )


def _came(turn: Turn, group: Group, now: datetime) -> list[Came]:
    """What the answers to a group mean."""
    due = {one.id: one for one in group.marked}
    found = []
    for one in group.results:
        if one.reply is not None:
            outcome = decide(
                _as_elsewhere(turn, one.reply),
                due[one.delivery_id].attempts + 1,
                now,
                jitter=_jitter(),
                give_up_after=_give_up_after(turn),
            )
            found.append(Came(one.delivery_id, outcome, one.reply))
    return found


def _as_elsewhere(turn: Turn, reply: Reply) -> Reply:
    """What one relay cannot carry, another of several may: it is tried again."""
    return Reply(450, reply.text) if reply.ours and len(turn.relays) > 1 else reply


def _note_refusals(turn: Turn, group: Group, came: Sequence[Came], now: datetime) -> None:
    """What the relay refused for an address's own sake acts on its reader (decision 0014)."""
    due = {one.id: one for one in group.marked}
    refused = [
        (due[one.delivery_id], one)
        for one in came
        if one.outcome.status is Status.FAILED and one.outcome.verdict in _OF_THE_ADDRESS
    ]
    # In one order, so that two workers never wait for one another's readers.
    for delivery, one in sorted(refused, key=lambda pair: pair[0].subscriber_id or 0):
        if delivery.subscriber_id is not None:
            heard = _refusal(delivery, delivery.subscriber_id, one)
            note_feedback(turn.connection, heard, now)


def _refusal(due: Due, subscriber_id: int, came: Came) -> Heard:
    return Heard(
        source="smtp",
        event_id=f"{due.id}.{due.attempts + 1}",
        kind=Kind.BOUNCE,
        verdict=came.outcome.verdict,
        subscriber_id=subscriber_id,
        delivery_id=due.id,
        edition_id=due.edition_id,
        smtp_code=came.reply.code,
        enhanced_code=came.reply.enhanced,
        text=came.reply.text,
    )


def _give_up_after(turn: Turn) -> timedelta:
    return GIVE_UP_AFTER if turn.post is None else turn.post.give_up


def _jitter() -> float:
    return random.random()  # noqa: S311 - it spreads load and keeps no secret


def _heed(turn: Turn, came: Sequence[Came], now: datetime) -> None:
    """Leave a domain group in peace whose servers say that it is too much, or that it is us."""
    group = turn.held.domain_group
    if group == REST:
        return  # many servers: one of them says nothing about the others
    if any(one.outcome.verdict in PATIENCE for one in came):
        turn.rest(ledger.back_off(turn.connection, group, now))
        turn.used_up = True
    elif any(one.outcome.status is Status.SENT for one in came) and not turn.served:
        ledger.served(turn.connection, group, now)
        turn.served = True
