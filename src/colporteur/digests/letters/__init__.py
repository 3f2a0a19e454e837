"""Letters: service mails that share the digests' frame, renderer and inliner."""

from colporteur.digests.letters.frames import (
    ADDRESS_CHANGED,
    ALERT,
    CONFIRM,
    ERASE,
    EXPORT,
    GOODBYE,
    INVITATION,
    KNOWN,
    MESSAGES,
    NEW_ADDRESS,
    PREFERENCES,
    RECONFIRM,
    RESET,
    TEST,
    WELCOME,
    WRONG,
    letter_frame,
)
from colporteur.digests.letters.laying_out import render_letter

__all__ = [
    "ADDRESS_CHANGED",
    "ALERT",
    "CONFIRM",
    "ERASE",
    "EXPORT",
    "GOODBYE",
    "INVITATION",
    "KNOWN",
    "MESSAGES",
    "NEW_ADDRESS",
    "PREFERENCES",
    "RECONFIRM",
    "RESET",
    "TEST",
    "WELCOME",
    "WRONG",
    "letter_frame",
    "render_letter",
]
