"""What is looked at beside the database: disks, and the site's certificate. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Disk:
    """A disk of the machine ``machine``, by a folder of ours on it."""

    machine: str
    folder: str
    free: int
    total: int


@dataclass(frozen=True)
class Certificate:
    """The certificate that browsers are shown: when it ends, or why they would not take it."""

    host: str
    ends_at: datetime | None
    problem: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What was seen; ``certificate`` is None where there is none to look at, or nobody could.

    ``untold_s`` is how long the webhook of alerts has not taken what it was told, if it has not.
    """

    disks: tuple[Disk, ...] = ()
    certificate: Certificate | None = None
    untold_s: float | None = None
