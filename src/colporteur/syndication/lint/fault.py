"""A fault: what is wrong with a feed, where, and what mends it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from colporteur.syndication.lint.cures import CURES, WARNINGS


@dataclass(frozen=True)
class Fault:
    """One breach of a rule. ``entry`` names the entry at fault by its id, "" the feed itself.

    A ``warning`` costs some readers something; a document with nothing worse is published.
    """

    rule: str
    problem: str
    entry: str = ""
    cure: str = ""
    warning: bool = False


def fault(rule: str, problem: str, entry: str = "") -> Fault:
    """A fault with its rule's cure; whether it is a warning is the rule's as well."""
    return Fault(rule, problem, entry, CURES[rule], rule in WARNINGS)


def of_entry(name: str, faults: Iterable[Fault]) -> Iterator[Fault]:
    """The faults, with the entry that they are in."""
    return (replace(one, entry=name) for one in faults)


def quoted(text: str) -> str:
    """A text from the document as a message shows it: short, on one line, in quotes."""
    return repr(text if len(text) <= 80 else f"{text[:79]}…")  # noqa: PLR2004 - a line's worth
