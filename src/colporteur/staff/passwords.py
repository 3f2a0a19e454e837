"""Passwords: argon2id, and the same time for whoever is not there.

Checking or keeping one takes long and much memory, on purpose: never inside a transaction, and of
one process only so many at once.
"""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from colporteur.exceptions import ColporteurError

AT_LEAST = 12
AT_MOST = 1000
_hasher = PasswordHasher()  # argon2id, with the parameters of RFC 9106's second choice
_turns = threading.BoundedSemaphore(4)  # 64 MiB each: more at once would take the machine's memory


def check_choice(password: str, address: str) -> None:
    """Refuse a password that is easily guessed.

    Raises:
        ColporteurError: too short, too long, or it is their own address.
    """
    if not AT_LEAST <= len(password) <= AT_MOST:
        raise ColporteurError(
            f"A password has {AT_LEAST} to {AT_MOST} characters.",
            cure="Four or five words in a row are easy to remember.",
        )
    if len(set(password)) < AT_LEAST // 2 or password.casefold() in address.casefold():
        raise ColporteurError("This password is easily guessed.", cure="Choose another one.")


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _turns:
        return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; without one it takes as long to say no."""
    nobodys = _nobodys()  # made before anybody is compared, or else the first unknown would wait
    with _turns:
        try:
            _hasher.verify(kept or nobodys, password[:AT_MOST])
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_dated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
