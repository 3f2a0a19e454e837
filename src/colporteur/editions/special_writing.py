"""What a special edition's draft says while people write it, and when two of them clash. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Writing:
    """A draft's content; channels, topics and articles are ids, as they outlive their names.

    ``corrects`` is the edition that it corrects: then its audience is who received that one.
    ``at`` is a local time of the publication, such as 2026-11-24T07:00; empty is at once.
    """

    home: int
    articles: tuple[int, ...] = ()
    note: str = ""
    subject: str = ""
    preheader: str = ""
    channels: tuple[int, ...] = ()
    topics: tuple[int, ...] = ()
    corrects: int | None = None
    at: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        return asdict(self)


@dataclass(frozen=True)
class Touch:
    """Who wrote a part last, when, and as which version of the draft."""

    part: str
    version: int
    by: str
    at: datetime


def read_writing(stored: Mapping[str, Any]) -> Writing:
    """What ``as_json`` wrote."""
    lists = {"articles", "channels", "topics"}
    values: dict[str, Any] = {
        one.name: tuple(stored[one.name]) if one.name in lists else stored[one.name]
        for one in fields(Writing)
        if one.name in stored
    }
    return Writing(**values)


def changed(writing: Writing, parts: Mapping[str, Any]) -> list[str]:
    """The names of those parts that would change, in the order of ``Writing``."""
    after = replace(writing, **parts)
    return [
        one.name
        for one in fields(Writing)
        if getattr(after, one.name) != getattr(writing, one.name)
    ]


def clashes(
    writing: Writing,
    touched: Sequence[Touch],
    parts: Mapping[str, Any],
    *,
    seen: int,
    by: str,
) -> list[Touch]:
    """What somebody else wrote since version ``seen`` that these parts would undo.

    Who wrote it themselves, in another window or before they went back, is not asked.
    """
    mine = set(changed(writing, parts))
    return [one for one in touched if one.part in mine and one.version > seen and one.by != by]
