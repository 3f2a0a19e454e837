"""How right a reader of bounces was."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """Shares of one: failing addresses found; "hard" that was so; what was hard, called so."""

    found: float
    precision: float
    recall: float


def hashed(address: str) -> str:
    """What stands for an address in the labels."""
    return hashlib.sha256(address.lower().encode("utf-8", "replace")).hexdigest()[:12]


def score(labels: Sequence[Mapping[str, bool]], told: Sequence[Mapping[str, bool]]) -> Score:
    """Compare what was told of each message with its labels: by address, whether it is hard.

    An address that no label has counts against precision if it is called hard: it would end a
    reader whom nothing was said about.
    """
    pairs = list(zip(labels, told, strict=True))
    wanted = sum(len(one) for one, _ in pairs)
    found = sum(len(one.keys() & other.keys()) for one, other in pairs)
    right = sum(other.get(key, False) for one, other in pairs for key, hard in one.items() if hard)
    called = sum(hard for _, other in pairs for hard in other.values())
    hard = sum(value for one, _ in pairs for value in one.values())
    return Score(found / max(wanted, 1), right / max(called, 1), right / max(hard, 1))
