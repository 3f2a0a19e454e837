"""What the doctor says: a finding, how grave it is, and its cure. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_AT_MOST = 1000


class Severity(StrEnum):
    """From what is right to what must be mended."""

    WELL = "well"
    NOTE = "note"
    """Right as it is, and worth to know."""
    UNKNOWN = "unknown"
    """It cannot be known from here, or now."""
    WARNING = "warning"
    """It works, and will not always, or not everywhere."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """``check`` is its lasting name, such as ``dns.spf``; what precedes the dot is its part."""

    check: str
    severity: Severity
    said: str
    cure: str = ""

    def __post_init__(self) -> None:
        """Take from its words what could play with a terminal: servers elsewhere had some of them."""
        object.__setattr__(self, "said", _plain(self.said))
        object.__setattr__(self, "cure", _plain(self.cure))

    @property
    def part(self) -> str:
        """What of the installation it is about."""
        return self.check.partition(".")[0]


def _plain(text: str) -> str:
    """A text in printable characters, and not too many."""
    shown = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    return shown if len(shown) <= _AT_MOST else f"{shown[: _AT_MOST - 1]}…"


def well(check: str, said: str) -> Finding:
    """It is right."""
    return Finding(check, Severity.WELL, said)


def note(check: str, said: str, cure: str = "") -> Finding:
    """It is right, and worth to know."""
    return Finding(check, Severity.NOTE, said, cure)


def unknown(check: str, said: str, cure: str = "") -> Finding:
    """Nobody can tell from here."""
    return Finding(check, Severity.UNKNOWN, said, cure)


def warning(check: str, said: str, cure: str) -> Finding:
    """It will not always work, or not everywhere."""
    return Finding(check, Severity.WARNING, said, cure)


def wrong(check: str, said: str, cure: str) -> Finding:
    """It must be mended."""
    return Finding(check, Severity.WRONG, said, cure)


def worst(findings: Iterable[Finding]) -> Severity:
    """The gravest of them; well if there is none."""
    order = list(Severity)
    return max((one.severity for one in findings), key=order.index, default=Severity.WELL)


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them: ``a, b and c``."""
    *most, last = dict.fromkeys(names)
    return f"{', '.join(most)} and {last}" if most else last
