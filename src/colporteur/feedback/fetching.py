"""What lies in the mailbox that is set, whichever kind it is."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from colporteur.config.listening import Mailbox
from colporteur.feedback.ears import Ears
from colporteur.feedback.taking import Fetched
from colporteur.feedback.ways.imap import fetch_imap
from colporteur.feedback.ways.maildir import fetch_maildir

AT_MOST = 500
"""Messages in one go; the next goes on."""


def fetch(
    engine: Engine,
    ears: Ears,
    mailbox: Mailbox | Path,
    at_most: int = AT_MOST,
    stopping: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Hear what is unseen in a mailbox.

    Raises:
        ServiceUnavailable: it cannot be read.
    """
    if isinstance(mailbox, Path):
        return fetch_maildir(engine, ears, mailbox, at_most, stopping)
    return fetch_imap(engine, ears, mailbox, at_most, stopping)
