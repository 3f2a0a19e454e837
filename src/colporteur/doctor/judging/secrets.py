"""Whether a secret can be guessed."""

import math
import re
from collections.abc import Iterator, Mapping

from colporteur.doctor.finding import Finding, warning, well, wrong

_KEY_BITS, _PASSWORD_BITS = 128, 64
_COMMON = re.compile(
    "change.?me|secret|passw|colporteur|example|openssl|default|test|1234|qwerty|azerty|letmein",
    re.IGNORECASE,
)
_KINDS = {r"[0-9]": 10, r"[a-z]": 26, r"[A-Z]": 26, r"[^0-9A-Za-z]": 33}
_WORD = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][a-z]+(?![0-9A-Za-z])")
_HEXADECIMAL = re.compile("[0-9a-f]+|[0-9A-F]+")


def bits(secret: str) -> float:
    """How many yes-or-no questions it takes to guess a secret, at the very most.

    As if each character were drawn at random from those of its kinds; what repeats counts once,
    a word as much as two characters, and what people write into everything not at all.
    """
    left = _WORD.sub("Wd", _COMMON.sub("", secret))
    period = (left + left).find(left, 1) if left else 0
    left = left[:period]
    if _HEXADECIMAL.fullmatch(left):
        kinds = 16
    else:
        kinds = sum(size for kind, size in _KINDS.items() if re.search(kind, left))
    # Whoever draws from so many characters meets about as many different ones.
    return len(left) * math.log2(max(min(kinds, len(set(left)) * 2), 1))


def judge_secrets(secret_key: str, passwords: Mapping[str, str | None]) -> Iterator[Finding]:
    """``passwords`` are those of servers beyond this machine, by what they open; None: none is set."""
    check = "secrets.key"
    if bits(secret_key) < _KEY_BITS:
        yield wrong(
            check,
            "COLPORTEUR_SECRET_KEY can be guessed, and with it every reader's links be made.",
            "Make another: openssl rand -hex 32. docs/upgrading.md says how links go on working.",
        )
    else:
        yield well(check, "The secret key cannot be guessed.")
    for what, password in passwords.items():
        if not password:
            yield warning(
                "secrets.passwords",
                f"{what} asks for no password.",
                "Set one there, and write it into its address.",
            )
        elif bits(password) < _PASSWORD_BITS:
            yield warning(
                "secrets.passwords",
                f"The password of {what} can be guessed.",
                "Make another: openssl rand -hex 16.",
            )
