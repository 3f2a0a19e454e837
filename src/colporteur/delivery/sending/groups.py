"""Sends the deliveries of a batch in small groups: mark, offer, record.

What may leave is decided as a group is marked in flight, in one transaction: a suspension, a
pause or a reader's farewell acts on the next group. A group lasts a fraction of a second: with a
slow relay it becomes as small as one message, and between two messages of a longer one we look.
"""

import logging
import time
from collections.abc import Iterator, Sequence

from sqlalchemy.exc import DBAPIError

from colporteur.config.relay import Relay
from colporteur.delivery import ledger
from colporteur.delivery.classifier import classify
from colporteur.delivery.sending.recording import record_and_mark
from colporteur.delivery.sending.refusals import brake
from colporteur.delivery.sending.turn import LOOKS_EVERY_S, PATIENCE, Group, Turn
from colporteur.delivery.transports import Parcel, Result, Transport
from colporteur.exceptions import AddressRefused, ServiceUnavailable, TemplateBroken
from colporteur.publication.domains import REST

_CLOSING = 421  # RFC 5321 section 3.8: it closes the connection
_GROUP_LASTS_S = 0.3
_log = logging.getLogger(__name__)


def send_groups(turn: Turn, transport: Transport, relay: Relay | None, due: Sequence[int]) -> int:
    """Send the deliveries of a batch, in order; the number of messages sent."""
    turn.relay = relay.name if relay else ""
    turn.waiting.extend(due)
    size, group = turn.group, Group()
    while True:
        following = [] if group.failed else _next(turn, size)
        following_group = record_and_mark(turn, group, following, relay)
        brake(turn, group)
        if not following:
            return turn.sent
        began, group = time.monotonic(), following_group
        _offer(turn, transport, group)
        took = time.monotonic() - began
        size = max(1, size // 4) if took > _GROUP_LASTS_S else min(turn.group, size * 2)


def _next(turn: Turn, size: int) -> list[int]:
    """The next deliveries to mark, as soon as limits may allow some of them."""
    if turn.used_up or turn.sent_away:
        return []
    waiting = turn.waiting
    while waiting and not turn.stopping() and (left := turn.ready_at - time.monotonic()) > 0:
        time.sleep(min(left, 0.05))
    return [] if _over(turn) else [waiting.popleft() for _ in range(min(size, len(waiting)))]


def _over(turn: Turn) -> bool:
    """Whether nothing more may begin; whatever the database says is asked twice a second."""
    if turn.stopped or turn.stopping():
        return True
    if time.monotonic() - turn.looked_at < LOOKS_EVERY_S:
        return False
    turn.looked_at = time.monotonic()
    with turn.connection.begin():
        turn.stopped = not ledger.still_goes(turn.connection, turn.held)
        urgent = turn.held.yields and ledger.urgent_waiting(turn.connection, turn.clock.now())
    return turn.stopped or bool(urgent)


def _offer(turn: Turn, transport: Transport, group: Group) -> None:
    """Hand a group to the relay, one message after the other, as long as they may leave."""
    try:
        _hear(turn, group, transport.deliver(_parcels(turn, group)))
    except Exception:
        record_and_mark(turn, group, [], None)  # whatever happened, what was taken is known
        raise
    group.trouble = transport.trouble


def _hear(turn: Turn, group: Group, results: Iterator[Result]) -> None:
    for result in results:
        group.results.append(result)
        if result.reply is not None and result.reply.taken:
            turn.refused, turn.taken = 0, True
        elif result.reply is not None and result.reply.refused:
            turn.refused += 1
        if result.reply is not None and result.reply.code == _CLOSING:
            turn.sent_away = True  # another relay may serve, and this one in a while


def _parcels(turn: Turn, group: Group) -> Iterator[Parcel]:
    for due in group.marked:
        try:
            if _over(turn) or _told_to_wait(turn, group) or _too_many_refused(turn, group):
                return
            yield turn.packing.parcel(due)
        except TemplateBroken as error:
            group.broken = error
            return
        except AddressRefused:
            group.unaddressed.append(due.id)
        except (DBAPIError, ServiceUnavailable) as error:
            group.outage = error
            return
        except Exception:  # noqa: BLE001 - whatever it was, the others wait
            _log.exception("Delivery %s is put off.", due.id, extra={"delivery": due.id})
            group.unfit.append(due.id)


def _told_to_wait(turn: Turn, group: Group) -> bool:
    """Whether the last answer asks for patience, of a relay or with a domain group."""
    reply = group.results[-1].reply if group.results else None
    if turn.sent_away or reply is None or reply.taken or turn.held.domain_group == REST:
        return turn.sent_away
    return classify(reply.code, reply.enhanced, reply.text) in PATIENCE


def _too_many_refused(turn: Turn, group: Group) -> bool:
    """Whether to look at what others were told before the next message of an edition."""
    if turn.post is None or not group.results or not turn.refused:
        return False
    return not turn.taken or turn.refused >= turn.post.max_errors
