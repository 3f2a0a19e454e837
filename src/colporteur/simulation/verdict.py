"""What the oracle finds wrong."""

from dataclasses import dataclass
from datetime import datetime

from colporteur.simulation.log import Article, Reader


@dataclass(frozen=True)
class Fault:
    """One article that a reader got twice, did not get, or should not have got.

    Without an ``article`` it is the mail as a whole.
    """

    kind: str  # repeated, missing, extra
    at: datetime
    edition: int
    reader: Reader
    article: Article
    why: str

    def __str__(self) -> str:
        what = f"{self.article or 'the mail'} to {self.reader} in edition {self.edition}"
        return f"{self.kind}: {what} at {self.at:%Y-%m-%d %H:%M:%S}: {self.why}"


@dataclass(frozen=True)
class Verdict:
    """All faults, in the order in which they showed."""

    faults: tuple[Fault, ...]

    def count(self, kind: str) -> int:
        """How many of a kind there are."""
        return sum(fault.kind == kind for fault in self.faults)

    @property
    def repeated(self) -> int:
        """Articles that a reader got, or would have got, twice."""
        return self.count("repeated")

    @property
    def missing(self) -> int:
        """Articles that a reader should have got, and when, and did not."""
        return self.count("missing")

    @property
    def extra(self) -> int:
        """Articles that a reader should not have got, or not then."""
        return self.count("extra")
