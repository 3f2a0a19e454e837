"""What is examined, and how a part that cannot be asked is told without stopping the rest."""

import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from celery import Celery
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from colporteur.config import Settings
from colporteur.config.origins import Origin
from colporteur.doctor.asking.workers import ANSWER_WITHIN_S
from colporteur.doctor.finding import Finding, unknown
from colporteur.doctor.names import Names
from colporteur.exceptions import ColporteurError
from colporteur.publication import Publication
from colporteur.vitals.figures import Vitals

Say = Callable[[str, str, str], Finding]


@dataclass(frozen=True)
class Installation:
    """An installation, and the ways to ask about it.

    ``names`` is None where nothing beyond this machine and its own servers is to be asked.
    ``tls`` verifies certificates; ``queues`` are those that workers must hear between them.
    """

    settings: Settings
    origins: tuple[Origin, ...]
    engine: Engine
    celery: Celery
    queues: tuple[str, ...]
    names: Names | None
    tls: ssl.SSLContext
    workers_within_s: float = ANSWER_WITHIN_S

    @property
    def real(self) -> bool:
        """Whether mail goes to a relay, and so to readers."""
        return self.settings.outbox is None


@dataclass(frozen=True)
class Known:
    """What the database told: all is None or 0 where it could not be read."""

    publication: Publication | None = None
    site: str = ""
    vitals: Vitals | None = None
    admins: int = 0


def guarded(
    check: str, findings: Callable[[], Iterable[Finding]], say: Say = unknown
) -> Iterator[Finding]:
    """What was found; where something did not answer, that, as ``say`` judges it."""
    try:
        yield from findings()
    except ColporteurError as error:
        yield say(check, error.message, error.cure)
    except DBAPIError as error:
        # Its own text holds the statement; its first line says what the matter is.
        said = str(error.orig).strip().partition("\n")[0]
        yield say(check, f"The database refused: {said}.", "Run `colporteur migrate`.")
    except OSError as error:
        said = error.strerror or type(error).__name__
        yield unknown(check, f"It could not be asked: {said}.")
