"""What somebody says of a list as they read it in, and what the publication offers it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from colporteur.audience.importing.formats import Format
from colporteur.audience.importing.words import Standing
from colporteur.publication import Cadence, Channel


@dataclass(frozen=True)
class Terms:
    """What is said of the whole list; a row's own cells go before it.

    ``channel`` is a slug; empty: the rows say which. ``columns`` maps our name of a column to the
    file's. ``consent`` is how its readers said yes, in a sentence; empty: they are asked.
    ``standing`` is what rows are that do not say; None: as the format has it.
    """

    channel: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    format: Format | None = None
    encoding: str = ""
    delimiter: str = ""
    consent: str = ""
    consented_at: datetime | None = None
    standing: Standing | None = None
    language: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The terms as they are kept, so that the same command can go on."""
        said = asdict(self)
        return said | {"consented_at": self.consented_at and self.consented_at.isoformat()}


def read_terms(told: Mapping[str, Any]) -> Terms:
    """Terms as ``Terms.told`` tells them."""
    at = told["consented_at"]
    read = {
        "format": Format(told["format"]) if told["format"] else None,
        "standing": Standing(told["standing"]) if told["standing"] else None,
        "consented_at": datetime.fromisoformat(at) if at else None,
    }
    return Terms(**{**told, **read})


CHOICES = ("cadence", "hour", "weekday", "timezone", "topics", "without", "layout", "specials")
"""What ``Terms.choices`` may hold, by the names of the columns that say the same."""


@dataclass(frozen=True)
class Offered:
    """A channel as rows choose of it: ``topics`` are ids by slug, former ones included.

    ``named_topics`` are ids by what readers see, in any language, as ``name_key`` compares it.
    ``start_numbers`` has for each cadence the number after which articles are a new reader's.
    """

    id: int
    channel: Channel
    cadences: Mapping[str, Cadence]
    topics: Mapping[str, int]
    start_numbers: Mapping[str, int]
    named_topics: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """All that a list's readers can subscribe to, by the channels' slugs, former ones included."""

    channels: Mapping[str, Offered]
    languages: Sequence[str]
