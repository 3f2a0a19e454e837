"""Section importing: a list of a million readers read in, beside the database's own bulk speed.

The limit is what the database takes for the same rows in the same tables when they come ready
made, by COPY or by one prepared statement: nobody reads, judges, decides or can go on after it.
``IMPORT_ROWS=100000`` measures a smaller list.
"""

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from servers import postgresql_server

from bench.editions import _fresh, make_house
from colporteur.db import make_engine

_ROWS = int(os.environ.get("IMPORT_ROWS", "1000000"))  # noqa: TID251 - a bench's own knob
_TWICE_EVERY, _BAD_EVERY = 100, 200
_DOMAINS = ("gmail.com", "orange.fr", "free.fr", "outlook.com", "menara.ma", "example.org")
_HEADER = ("Courriel", "Prénom", "Nom", "Langue", "Heure", "Date d'inscription")


def section() -> None:
    """Read a list in with stated consent: a reader, a subscription, an event, a consent each."""
    print(f"\nReading in a list of {_ROWS:,} readers: 1 row in 200 refused, 1 in 100 twice")
    print(f"  {'database':<12}{'':<22}{'seconds':>9}{'of CPU':>8}{'rows/s':>10}{'MB':>7}")
    with tempfile.TemporaryDirectory() as folder, postgresql_server() as server:
        file = Path(folder) / "list.csv"
        write_list(file, _ROWS)
        for dialect in ("sqlite", "postgresql"):
            figures = [_measured(dialect, what, file, server) for what in ("import", "limit")]
            ours, limit = (_ROWS / one["seconds"] for one in figures)
            print(f"  {'':<12}{'ratio to the limit':<22}{limit / ours:>9.2f} x slower", flush=True)


def _measured(dialect: str, what: str, file: Path, server: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db" if dialect == "sqlite" else _fresh(server)
        engine = make_engine(url)
        make_house(engine, 0)
        engine.dispose()
        done = subprocess.run(
            [sys.executable, "-m", "bench.reading_in", what, url, str(file), str(_ROWS)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    found: dict[str, float] = json.loads(done.stdout)
    name = {"import": "colporteur import", "limit": "the database alone"}[what]
    rate = _ROWS / found["seconds"]
    print(
        f"  {dialect:<12}{name:<22}{found['seconds']:>9.1f}{found['own']:>8.1f}{rate:>10,.0f}"
        f"{found['mb']:>7.0f}",
        flush=True,
    )
    return found


def write_list(path: Path, rows: int) -> None:
    """A list as a newsroom would have it, some rows of it bad and some twice."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(_HEADER)
        for number in range(rows):
            again = number - 1 if number % _TWICE_EVERY == _TWICE_EVERY - 1 else number
            address = f"Prenom.Nom{again}@{_DOMAINS[again % len(_DOMAINS)]}"
            bad = number % _BAD_EVERY == 0
            hour = f"{chance.randint(6, 20)}:{chance.choice(('00', '30'))}" if number % 3 else ""
            out.writerow(
                (
                    "pas une adresse" if bad else address,
                    "Léa",
                    f"Nom {number}",
                    "fr",
                    hour,
                    "2024-05-17",
                )
            )
