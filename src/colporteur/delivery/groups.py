"""Sends the deliveries of a batch in small groups: mark, offer, record.

What may leave is decided as a group is marked in flight, in one transaction: a suspension, a
pause or a reader's farewell acts on the next group. A group lasts a fraction of a second: with a
slow relay it becomes as small as one message, and between two messages of a longer one we look.
"""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from colporteur.config import Settings
from colporteur.config.relay import Relay
from colporteur.db import reading, writing
from colporteur.delivery import braking, ledger
from colporteur.delivery.classifier import Verdict, classify
from colporteur.delivery.leaving import Step, may_leave
from colporteur.delivery.ledger import Came, Due
from colporteur.delivery.limits import Allowance, Limits
from colporteur.delivery.outcomes import GIVE_UP_AFTER, RETRIES, Status, decide
from colporteur.delivery.packing import Packing
from colporteur.delivery.stopping import stop
from colporteur.delivery.transports import Parcel, Result, Transport
from colporteur.editions import brakes
from colporteur.editions.skips import SkipReason
from colporteur.exceptions import AddressRefused, ServiceUnavailable, TemplateBroken
from colporteur.publication import Publication
from colporteur.publication.domains import REST

GROUP = 25
"""Messages that a worker may have in flight: what may double when it is killed (issue 6)."""
REHEARSAL_REST = timedelta(minutes=10)
"""How often a letter that a rehearsal keeps back is looked at; going live makes it due."""
_GROUP_LASTS_S = 0.3
_LOOKS_EVERY_S = 0.5
_REST_TOGETHER = timedelta(minutes=1)
"""Limits used up for longer may be a relay's: only the batches that it is chosen for wait."""
_WAITED_FOR = timedelta(seconds=0.5)
"""A rate lets more leave so soon: to rest until the next tick would waste most of it."""
_AGAIN = timedelta(seconds=1)  # what somebody moved while it was made ready
_RECORDED_WITHIN_S = 60.0
_REFUSED_CURE = "Ask the relay's people why; resuming sends exactly the rest."
_PATIENCE = (Verdict.RATE, Verdict.POLICY)
_log = logging.getLogger(__name__)


class Clock:
    """The database's clock, asked once a turn: a query saved in each transaction."""

    def __init__(self, now: datetime) -> None:
        self._began, self._at = now, time.monotonic()

    def now(self) -> datetime:
        """The moment, as the database has it."""
        return self._began + timedelta(seconds=time.monotonic() - self._at)


@dataclass
class Turn:
    """One worker on one batch."""

    engine: Engine
    settings: Settings
    packing: Packing
    limits: Limits
    held: ledger.Lease
    clock: Clock
    publication: Publication
    stopping: Callable[[], bool]
    group: int = GROUP  # at most so many in flight
    not_before: datetime | None = None
    stopped: bool = False  # nothing more of this batch may leave now
    used_up: bool = False  # nor be marked: limits allow no more for a while
    ready_at: float = 0.0  # when limits allow more, on the process's clock
    later: list[int] = field(default_factory=list)  # what they did not allow yet
    looked_at: float = field(default_factory=time.monotonic)
    refused: int = 0  # messages in a row
    taken: bool = False  # one at least
    left: bool = False  # and that is noted
    served: bool = False  # and that its domain group's servers take mail
    sent: int = 0

    def rest(self, until: datetime) -> None:
        """Have the batch wait, as long as whatever in it waits longest."""
        self.not_before = max(until, self.not_before or until)


NOTHING = Allowance(0)


@dataclass
class _Group:
    """Deliveries that were marked in flight together, and what came of offering them."""

    marked: Sequence[Due] = ()
    allowed: Allowance = NOTHING
    results: list[Result] = field(default_factory=list)
    unfit: list[int] = field(default_factory=list)  # could not be composed
    unaddressed: list[int] = field(default_factory=list)  # and nobody can write to these
    broken: TemplateBroken | None = None
    trouble: ServiceUnavailable | None = None


def send_groups(turn: Turn, transport: Transport, relay: Relay | None, due: Sequence[int]) -> int:
    """Send the deliveries of a batch, in order; the number of messages sent."""
    waiting, size, group = deque(due), turn.group, _Group()
    while True:
        following = _next(turn, waiting, size)
        following_group = _record_and_mark(turn, group, following, relay)
        _brake(turn, group)
        if not following:
            return turn.sent
        began, group = time.monotonic(), following_group
        _offer(turn, transport, group)
        took = time.monotonic() - began
        size = max(1, size // 4) if took > _GROUP_LASTS_S else min(turn.group, size * 2)


def _next(turn: Turn, waiting: deque[int], size: int) -> list[int]:
    """The next deliveries to mark, as soon as limits may allow some of them."""
    waiting.extendleft(reversed(turn.later))
    turn.later = []
    if turn.used_up:
        return []
    while waiting and not turn.stopping() and (left := turn.ready_at - time.monotonic()) > 0:
        time.sleep(min(left, 0.05))
    return [] if _over(turn) else [waiting.popleft() for _ in range(min(size, len(waiting)))]


def _over(turn: Turn) -> bool:
    """Whether nothing more may begin; whatever the database says is asked twice a second."""
    if turn.stopped or turn.stopping():
        return True
    if time.monotonic() - turn.looked_at < _LOOKS_EVERY_S:
        return False
    turn.looked_at = time.monotonic()
    with reading(turn.engine) as connection:
        turn.stopped = not ledger.still_goes(connection, turn.held)
        urgent = turn.held.yields and ledger.urgent_waiting(connection, turn.clock.now())
    return turn.stopped or bool(urgent)


def _offer(turn: Turn, transport: Transport, group: _Group) -> None:
    """Hand a group to the relay, one message after the other, as long as they may leave."""
    for result in transport.deliver(_parcels(turn, group)):
        group.results.append(result)
        if result.reply is not None and result.reply.taken:
            turn.refused, turn.taken = 0, True
        elif result.reply is not None and result.reply.refused:
            turn.refused += 1
    group.trouble = transport.trouble


def _parcels(turn: Turn, group: _Group) -> Iterator[Parcel]:
    for due in group.marked:
        if _over(turn) or _told_to_wait(turn, group) or _too_many_refused(turn, group):
            return
        try:
            yield turn.packing.parcel(due)
        except TemplateBroken as error:
            group.broken = error
            return
        except AddressRefused:
            group.unaddressed.append(due.id)
        except DBAPIError:
            raise  # nothing can be noted: the lease runs out, and the next worker goes on
        except Exception:  # noqa: BLE001 - whatever it was, the others wait
            _log.exception("Delivery %s is put off.", due.id)
            group.unfit.append(due.id)


def _told_to_wait(turn: Turn, group: _Group) -> bool:
    """Whether the last answer asks for patience with a domain group, which then rests."""
    reply = group.results[-1].reply if group.results else None
    if reply is None or reply.taken or turn.held.domain_group == REST:
        return False
    return classify(reply.code, reply.enhanced, reply.text) in _PATIENCE


def _too_many_refused(turn: Turn, group: _Group) -> bool:
    """Whether to look at what others were told before the next message of an edition."""
    edition_id = turn.held.edition_id
    if edition_id is None or not group.results or not turn.refused:
        return False
    return not turn.taken or turn.refused >= turn.packing.post(edition_id).max_errors


def _record_and_mark(
    turn: Turn, group: _Group, following: Sequence[int], relay: Relay | None
) -> _Group:
    """Write what came of a group and mark the next one in flight, in one transaction.

    While the database is away, what is known of a group is kept and written when it is back.
    """
    until = time.monotonic() + _RECORDED_WITHIN_S
    while True:
        try:
            with writing(turn.engine) as connection:
                now = turn.clock.now()
                _record(turn, connection, group, now)
                marked = _mark(turn, connection, following, relay, now) if following else _Group()
        except (InterfaceError, OperationalError, ServiceUnavailable) as error:
            if not group.marked or time.monotonic() > until:
                raise
            _log.warning("The database does not take what was sent; trying again: %s", error)
            time.sleep(_LOOKS_EVERY_S)
            following = []
        else:
            turn.sent += sum(one.reply is not None and one.reply.taken for one in group.results)
            return marked


def _record(turn: Turn, connection: Connection, group: _Group, now: datetime) -> None:
    if not group.marked:
        return
    edition_id = group.marked[0].edition_id
    came = _came(turn, group, now)
    sent = any(one.outcome.status is Status.SENT for one in came)
    if sent and edition_id is not None and not turn.left:
        ledger.note_left(connection, edition_id, now)
        turn.left = True
    ledger.record(connection, turn.held, came, now)
    _heed(turn, connection, came, now)
    perhaps = {one.delivery_id for one in group.results if one.perhaps_taken}
    if perhaps:
        ledger.put_back(connection, turn.held, perhaps, perhaps_taken=True)
    if group.unfit:
        ledger.put_off(connection, turn.held, group.unfit, now + RETRIES[0])
    if group.unaddressed:
        ledger.put_back(connection, turn.held, group.unaddressed, perhaps_taken=False)
        ledger.skip(connection, group.unaddressed, SkipReason.BAD_ADDRESS, now)
    known = {one.delivery_id for one in came} | perhaps
    known |= {*group.unfit, *group.unaddressed}
    kept = [one.id for one in group.marked if one.id not in known]
    if kept:
        ledger.put_back(connection, turn.held, kept, perhaps_taken=False)
        turn.limits.give_back(connection, group.allowed, len(kept))


def _came(turn: Turn, group: _Group, now: datetime) -> list[Came]:
    """What the answers to a group mean."""
    due = {one.id: one for one in group.marked}
    found = []
    for one in group.results:
        if one.reply is not None:
            outcome = decide(
                one.reply,
                due[one.delivery_id].attempts + 1,
                now,
                jitter=random.random(),  # noqa: S311 - it spreads load and keeps no secret
                give_up_after=_give_up_after(turn, due[one.delivery_id]),
            )
            found.append(Came(one.delivery_id, outcome, one.reply))
    return found


def _give_up_after(turn: Turn, due: Due) -> timedelta:
    return GIVE_UP_AFTER if due.edition_id is None else turn.packing.post(due.edition_id).give_up


def _heed(turn: Turn, connection: Connection, came: Sequence[Came], now: datetime) -> None:
    """Leave a domain group in peace whose servers say that it is too much, or that it is us."""
    group = turn.held.domain_group
    if group == REST:
        return  # many servers: one of them says nothing about the others
    if any(one.outcome.verdict in _PATIENCE for one in came):
        turn.rest(ledger.back_off(connection, group, now))
        turn.used_up = True
    elif any(one.outcome.status is Status.SENT for one in came) and not turn.served:
        ledger.served(connection, group)
        turn.served = True


def _mark(
    turn: Turn,
    connection: Connection,
    following: Sequence[int],
    relay: Relay | None,
    now: datetime,
) -> _Group:
    """Those of the next deliveries that may leave, marked in flight."""
    going: list[Due] = []
    skipped: dict[SkipReason, list[int]] = {}
    reaches = _reaches(turn, connection)
    for due in ledger.standings(connection, following):
        step = may_leave(due.standing, reached=reaches(due))
        if isinstance(step, SkipReason):
            skipped.setdefault(step, []).append(due.id)
        elif step is Step.STOP:
            turn.stopped = True
        elif step is Step.WAIT:
            turn.rest(now + REHEARSAL_REST)
        else:
            going.append(due)
    for reason, ids in skipped.items():
        ledger.skip(connection, ids, reason, now)
    allowed = _allowed(turn, connection, relay, len(going), now)
    turn.later = [due.id for due in going[allowed.count :]]
    going = going[: allowed.count]
    marked = ledger.mark_inflight(connection, turn.held, going, now)
    if len(marked) < len(going):
        turn.rest(now + _AGAIN)
        turn.limits.give_back(connection, allowed, len(going) - len(marked))
    return _Group([due for due in going if due.id in marked], allowed)


def _allowed(
    turn: Turn, connection: Connection, relay: Relay | None, wanted: int, now: datetime
) -> Allowance:
    """How many of a group limits allow now.

    Where they allow more in a moment it is waited for; else the domain group rests.
    """
    held = turn.held
    domain = turn.publication.sender.address.rpartition("@")[2]
    if held.edition_id is not None:
        post = turn.packing.post(held.edition_id)
        domain = post.publication.sender_of(post.channel).address.rpartition("@")[2]
    allowed = turn.limits.allow(
        connection,
        turn.publication,
        relay,
        held.domain_group,
        domain,
        wanted,
        now,
        letters=held.edition_id is None,
    )
    if allowed.count < wanted and allowed.wait <= _WAITED_FOR:
        turn.ready_at = time.monotonic() + allowed.wait.total_seconds()
    elif allowed.count < wanted:
        turn.used_up = True
        turn.rest(now + allowed.wait)
        if allowed.wait <= _REST_TOGETHER:
            ledger.rest(connection, held.domain_group, now + allowed.wait)
    return allowed


def _reaches(turn: Turn, connection: Connection) -> Callable[[Due], bool]:
    """Whether a rehearsal, if it is one, writes to the address of a delivery."""
    if turn.settings.outbox is not None:
        return lambda _due: True
    brake = None

    def reached(due: Due) -> bool:
        nonlocal brake
        if due.standing.live:
            return True
        if brake is None:
            brake = brakes.in_force(connection, turn.publication, real_relay=True)
        return brake.reaches(due.address_key)

    return reached


def _brake(turn: Turn, group: _Group) -> None:
    """Pause an edition that is broken, or of which the relay refuses one after the other."""
    if not group.marked:
        return
    edition_id = group.marked[0].edition_id
    if group.trouble is not None:
        raise group.trouble
    if group.broken is not None:
        turn.stopped = True
        _log.warning("%s %s", group.broken.message, group.broken.cure)
        with writing(turn.engine) as connection:
            now = turn.clock.now()
            said, cure = group.broken.message, group.broken.cure
            if edition_id is None or not stop(connection, edition_id, said, cure, now):
                turn.rest(now + timedelta(seconds=30))
    elif edition_id is not None:
        _watch_refusals(turn, edition_id, group)


def _watch_refusals(turn: Turn, edition_id: int, group: _Group) -> None:
    """Pause an edition of which the relay refuses one message after the other (rule 9)."""
    last = group.results[-1].reply if group.results else None
    if last is None or not last.refused:
        return
    most = turn.packing.post(edition_id).max_errors
    if turn.taken and turn.refused < most:
        return  # this worker alone knows that they were not all refused
    with writing(turn.engine) as connection:
        now = turn.clock.now()
        if braking.refused_in_a_row(connection, edition_id, most):
            why = f"The relay refused {most} in a row, the last with: {last.code} {last.text}"
            turn.stopped = stop(connection, edition_id, why, _REFUSED_CURE, now)
    turn.refused = 0  # unless it is paused, others are served
