"""Stops what is broken: an edition that no relay takes, or that cannot be laid out (rule 9)."""

import logging
from datetime import timedelta

from colporteur.audience.addresses import mask_in
from colporteur.delivery import braking
from colporteur.delivery.sending.turn import Group, Turn
from colporteur.delivery.stopping import stop

_CURE = "Ask the relay's people why; resuming sends exactly the rest."
_TEMPLATE_REST = timedelta(seconds=30)
_log = logging.getLogger(__name__)


def brake(turn: Turn, group: Group) -> None:
    """Pause an edition that is broken, or of which the relay refuses one after the other."""
    if not group.marked:
        return
    edition_id = group.marked[0].edition_id
    if group.trouble is not None:
        raise group.trouble
    if group.outage is not None:
        raise group.outage
    if group.broken is not None:
        turn.stopped = True
        _log.warning("%s %s", group.broken.message, group.broken.cure)
        with turn.connection.begin():
            now = turn.clock.now()
            said, cure = group.broken.message, group.broken.cure
            if edition_id is None or not stop(turn.connection, edition_id, said, cure, now):
                turn.rest(now + _TEMPLATE_REST)
    elif edition_id is not None:
        _watch_refusals(turn, edition_id, group)


def _watch_refusals(turn: Turn, edition_id: int, group: Group) -> None:
    """Pause an edition of which the relay refuses one message after the other (rule 9)."""
    last = group.results[-1].reply if group.results else None
    if last is None or not last.refused:
        return
    most = turn.post.max_errors if turn.post else 1
    if turn.taken and turn.refused < most:
        return  # this worker alone knows that they were not all refused
    with turn.connection.begin():
        now = turn.clock.now()
        if braking.refused_in_a_row(turn.connection, edition_id, most):
            why = f"The relay refused {most} in a row, the last with: {last.code} {mask_in(last.text)}"
            turn.stopped = stop(turn.connection, edition_id, why, _CURE, now)
    turn.refused = 0  # unless it is paused, others are served
