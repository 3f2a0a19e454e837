"""The ways in for what comes back: whether our server listens, and the mailbox lets us in."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from colporteur.config import Settings
from colporteur.doctor.judging.ears import Ears
from colporteur.exceptions import ServiceUnavailable
from colporteur.feedback.ways.imap import try_imap

_WITHIN_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a setting may say


def look_at_ears(settings: Settings, *, offline: bool, here: bool) -> Ears:
    """Which ways are set, and what keeps each from hearing; ``here``: all of it is one process."""
    ways = []
    if settings.listening is not None:
        ways.append(f"{settings.listening.scheme}, at port {settings.listening.port}")
    if settings.mailbox is not None:
        ways.append("a folder" if isinstance(settings.mailbox, Path) else "a mailbox")
    if settings.feedback_ses_topics:
        ways.append("Amazon SES")
    if settings.feedback_postmark:
        ways.append("Postmark")
    troubles = tuple(_troubles(settings, offline=offline))
    silent_at, alone = _silent_at(settings), settings.embedded
    return Ears(settings.bounce_domain, tuple(ways), troubles, silent_at, alone, here)


def _troubles(settings: Settings, *, offline: bool) -> Iterator[str]:
    mailbox = settings.mailbox
    if isinstance(mailbox, Path) and not os.access(mailbox, os.R_OK | os.W_OK):
        yield f"The folder {mailbox}, in which bounces arrive, cannot be read and written."
    elif mailbox is not None and not isinstance(mailbox, Path) and not offline:
        try:
            try_imap(mailbox)
        except ServiceUnavailable as error:
            yield error.message


def _silent_at(settings: Settings) -> str:
    """Where a server of ours should listen and refuses; '' where it does, or cannot be asked."""
    if settings.listening is None:
        return ""
    host, port = settings.listening.host, settings.listening.port
    try:
        socket.create_connection((_EVERYWHERE.get(host, host), port), _WITHIN_S).close()
    except ConnectionRefusedError:
        return f"port {port}"
    except OSError:
        return ""
    return ""
