"""Decides which of a batch's deliveries may leave now, and marks them in flight."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from colporteur.config.relay import Relay
from colporteur.delivery import ledger
from colporteur.delivery.leaving import Step, may_leave
from colporteur.delivery.ledger import Due
from colporteur.delivery.limits import Allowance
from colporteur.delivery.sending.turn import Group, Turn
from colporteur.editions import brakes
from colporteur.editions.skips import SkipReason

REHEARSAL_REST = timedelta(minutes=10)
"""How often a letter that a rehearsal keeps back is looked at; going live makes it due."""
_REST_TOGETHER = timedelta(minutes=1)
"""Limits used up for longer may be a relay's: only the batches that it is chosen for wait."""
_WAITED_FOR = timedelta(seconds=0.5)
"""A rate lets more leave so soon: to rest until the next tick would waste most of it."""
_AGAIN = timedelta(seconds=1)  # what somebody moved while it was made ready
_KNOWN_LASTS_S = 1.0


def mark(
    turn: Turn,
    following: Sequence[int],
    relay: Relay | None,
    now: datetime,
) -> Group:
    """Those of the next deliveries that may leave, marked in flight."""
    connection = turn.connection
    going: list[Due] = []
    skipped: dict[SkipReason, list[int]] = {}
    reaches = _reaches(turn)
    for due in _known(turn, following):
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
    allowed = _allowed(turn, relay, len(going), now)
    turn.waiting.extendleft(due.id for due in reversed(going[allowed.count :]))
    going = going[: allowed.count]
    marked = ledger.mark_inflight(connection, turn.held, going, now)
    if len(marked) < len(going):
        turn.limits.give_back(connection, allowed, len(going) - len(marked))
        _look_again(turn, [due.id for due in going if due.id not in marked], now)
    left_out = sum(len(ids) for ids in skipped.values())
    return Group([due for due in going if due.id in marked], allowed, skipped=left_out)


def _known(turn: Turn, following: Sequence[int]) -> list[Due]:
    """What is true of deliveries, as read for all that wait no more than a moment ago.

    What has changed since, marking them finds out.
    """
    if time.monotonic() > turn.known_until or not turn.known.keys() >= {*following}:
        ids = [*following, *turn.waiting]
        turn.known = dict.fromkeys(ids) | {
            due.id: due for due in ledger.standings(turn.connection, ids)
        }
        turn.known_until = time.monotonic() + _KNOWN_LASTS_S
    return [due for one in following if (due := turn.known[one]) is not None]


def _look_again(turn: Turn, ids: Sequence[int], now: datetime) -> None:
    """Look anew at what could not be marked: somebody moved, closed or stopped it meanwhile."""
    if any(one in turn.again for one in ids):
        turn.rest(now + _AGAIN)
    turn.waiting.extendleft(one for one in reversed(ids) if one not in turn.again)
    turn.again.update(ids)
    turn.known_until = 0.0


def _allowed(turn: Turn, relay: Relay | None, wanted: int, now: datetime) -> Allowance:
    """How many of a group limits allow now.

    Where they allow more in a moment it is waited for; else the domain group rests.
    """
    held, post = turn.held, turn.post
    sender = post.publication.sender_of(post.channel) if post else turn.publication.sender
    allowed = turn.limits.allow(
        turn.connection,
        turn.publication,
        relay,
        held.domain_group,
        sender.address.rpartition("@")[2],
        wanted,
        now,
        letters=held.edition_id is None,
    )
    if allowed.count < wanted and allowed.wait <= _WAITED_FOR:
        turn.ready_at = time.monotonic() + allowed.wait.total_seconds()
    elif allowed.count < wanted:
        turn.used_up = True
        _rest(turn, relay, allowed.wait, now)
    return allowed


def _rest(turn: Turn, relay: Relay | None, wait: timedelta, now: datetime) -> None:
    """Have a batch wait, and for a while its domain group too; not where another relay has room."""
    waits = [turn.limits.wait_for(turn.connection, one, now) for one in turn.relays]
    if relay is not None and turn.limits.wait_for(turn.connection, relay, now):
        turn.rest(now + min(wait, *waits))
        return
    turn.rest(now + wait)
    if wait <= _REST_TOGETHER:
        ledger.rest(turn.connection, turn.held.domain_group, now + wait)


def _reaches(turn: Turn) -> Callable[[Due], bool]:
    """Whether a rehearsal, if it is one, writes to the address of a delivery."""
    if turn.settings.outbox is not None:
        return lambda _due: True
    brake = None

    def reached(due: Due) -> bool:
        nonlocal brake
        if due.standing.live:
            return True
        if brake is None:
            brake = brakes.in_force(turn.connection, turn.publication, real_relay=True)
        return brake.reaches(due.address_key)

    return reached
