"""Letters: service mails that share the digests' frame, renderer and inliner."""

from colporteur.digests.letters.frames import (
    ALERT,
    CONFIRM,
    GOODBYE,
    KNOWN,
    MESSAGES,
    RECONFIRM,
    TEST,
    WELCOME,
    letter_frame,
)
from colporteur.digests.letters.laying_out import render_letter

__all__ = [
    "ALERT",
    "CONFIRM",
    "GOODBYE",
    "KNOWN",
    "MESSAGES",
    "RECONFIRM",
    "TEST",
    "WELCOME",
    "letter_frame",
    "render_letter",
]
