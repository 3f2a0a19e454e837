"""What readers and what is kept of them need each minute, or each night; in small transactions."""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError

from colporteur.exceptions import ServiceUnavailable
from colporteur.tasks.alerting import watch_vitals
from colporteur.tasks.application import CARE, Runtime, app, runtime
from colporteur.tasks.feedback import ring_for_feedback, watch_bounces
from colporteur.tasks.lists import forget_lists
from colporteur.tasks.manners import calmly
from colporteur.tasks.nightly import prune_nightly
from colporteur.tasks.opting_in import ask_imported_readers
from colporteur.tasks.signing_up import care_for_signups

STEPS: Sequence[Callable[[Runtime], None]] = (
    watch_vitals,
    care_for_signups,
    ring_for_feedback,
    ask_imported_readers,
    watch_bounces,
    forget_lists,
    prune_nightly,
)
"""Each takes its own transactions, does what is due, and nothing twice however often it runs."""
_log = logging.getLogger(__name__)


@app.task(name=CARE)
@calmly
def care() -> None:
    """Do what is due, step by step; one that fails keeps no other from its turn."""
    run = runtime()
    for step in STEPS:
        try:
            step(run)
        except (ServiceUnavailable, DBAPIError):
            raise  # the others would find nobody either
        except Exception:  # noqa: BLE001 - whatever it is, the other steps are owed their turn
            _log.exception("%s failed; it is tried again in a minute.", step.__name__)
