"""What readers and what is kept of them need each minute, or each night; in small transactions."""

from collections.abc import Callable, Sequence

from colporteur.tasks.application import CARE, Runtime, app, runtime
from colporteur.tasks.feedback import ring_for_feedback
from colporteur.tasks.manners import calmly
from colporteur.tasks.nightly import prune_nightly
from colporteur.tasks.opting_in import ask_imported_readers
from colporteur.tasks.signing_up import care_for_signups

STEPS: Sequence[Callable[[Runtime], None]] = (
    care_for_signups,
    ring_for_feedback,
    ask_imported_readers,
    prune_nightly,
)
"""Each takes its own transactions, does what is due, and nothing twice however often it runs."""


@app.task(name=CARE)
@calmly
def care() -> None:
    """Do what is due, step by step."""
    run = runtime()
    for step in STEPS:
        step(run)
