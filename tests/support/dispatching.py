"""A batch sent as a worker sends it, and the connections to relays closed afterwards."""

from collections.abc import Callable

from sqlalchemy import Engine

from colporteur.config import Settings
from colporteur.delivery import sending
from colporteur.delivery.sending import GROUP, Dispatch
from colporteur.templating import Templates


def send_batch(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    batch_id: int,
    *,
    stopping: Callable[[], bool] = lambda: False,
    group: int = GROUP,
) -> int:
    """Send what is due of a batch; the number of messages sent."""
    dispatch = Dispatch(engine, settings, templates, group)
    try:
        return sending.send_batch(dispatch, batch_id, stopping=stopping)
    finally:
        dispatch.close()
