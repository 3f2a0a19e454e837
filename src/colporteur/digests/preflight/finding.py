"""What preflight finds: how bad it is, what it is, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

ERROR, WARNING = "error", "warning"
_WHERE_AT_MOST = 200


@dataclass(frozen=True)
class Finding:
    """Something that is wrong. ``check`` names the rule, ``where`` the article, link or part.

    An error keeps the edition back until a person lets it go; a warning only shows.
    """

    severity: str
    check: str
    text: str
    cure: str
    where: str = ""

    def as_json(self) -> dict[str, str]:
        """How it is stored, and told to programs."""
        return {**asdict(self), "where": self.where[:_WHERE_AT_MOST]}


def errors(stored: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of some stored findings that keep an edition back."""
    return [one for one in stored if one["severity"] == ERROR]
