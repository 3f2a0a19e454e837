"""A worker of the tests' own that asks for leave to send as often as it can, and says when it got it.

``python asker.py BROKER DATABASE LIMIT SECONDS`` prints a line a grant: when it asked and when it
was answered (nanoseconds of the machine's one clock), and how many it got.
"""

import sys
import time
from dataclasses import dataclass

from colporteur.config import Settings
from colporteur.config.limit import Limit, parse_limit
from colporteur.db import database_now, make_engine, writing
from colporteur.delivery.limits import Limits
from colporteur.publication import Publication

PAPER = Publication.model_validate(
    {
        "title": "Le Relais",
        "languages": ["fr"],
        "timezone": "Europe/Paris",
        "base_url": "https://relais.example",
        "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
        "postal_address": {"fr": "Paris"},
        "channels": [{"slug": "une", "title": "Une", "language": "fr"}],
    }
)


@dataclass(frozen=True)
class Taking:
    """A relay, as far as limits look at it."""

    limits: tuple[Limit, ...] = ()
    connections: int | None = None
    name: str = "relay.example:587"


def ask(broker: str, database: str, limit: str, seconds: float) -> None:
    limits, engine = Limits(Settings(broker_url=broker)), make_engine(database)
    relay = Taking((parse_limit(limit),))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with writing(engine) as connection:
            now = database_now(connection)
            asked = time.monotonic_ns()
            got = limits.allow(connection, PAPER, relay, "rest", "relais.example", 7, now)
            answered = time.monotonic_ns()
        if got.count:
            sys.stdout.write(f"{asked} {answered} {got.count}\n")
        time.sleep(min(got.wait.total_seconds(), 0.05))


if __name__ == "__main__":
    ask(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
