"""Fetches what came back into a mailbox; a server elsewhere may be slow, and holds up nothing."""

import threading

from colporteur.db import database_now, writing
from colporteur.delivery.spikes import tell_of_spikes
from colporteur.feedback.ears import Ears
from colporteur.feedback.fetching import fetch
from colporteur.tasks.application import FETCH, Runtime, app, ring, runtime, stopping
from colporteur.tasks.manners import calmly, in_a

FETCHES_AT_ONCE = 1
_fetches = threading.BoundedSemaphore(FETCHES_AT_ONCE)


@app.task(name=FETCH)
@in_a(_fetches)
@calmly
def fetch_feedback() -> None:
    """Hear what is unseen in the mailbox that is set."""
    run = runtime()
    if run.settings.mailbox is not None:
        fetch(run.engine, Ears.of(run.settings), run.settings.mailbox, stopping=stopping.is_set)


def ring_for_feedback(run: Runtime) -> None:
    """Have the mailbox looked into, if there is one."""
    if run.settings.mailbox is not None:
        ring(fetch_feedback)


def watch_bounces(run: Runtime) -> None:
    """Tell those in charge of an edition of which much comes back."""
    with writing(run.engine) as connection:
        tell_of_spikes(connection, database_now(connection))
