"""Reads a list in: chunk after chunk, each decided, written and counted in one transaction."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from colporteur.audience.consent import keep_wording
from colporteur.audience.importing import progress
from colporteur.audience.importing.chunks import Chunk, chunks, require_fit
from colporteur.audience.importing.fates import Fate, fate
from colporteur.audience.importing.judging import Wanted
from colporteur.audience.importing.knowing import known_of
from colporteur.audience.importing.opening import ListFile
from colporteur.audience.importing.refusing import Refused, RefusedFile
from colporteur.audience.importing.rounds import rounds
from colporteur.audience.importing.seen import Seen
from colporteur.audience.importing.terms import Offer, Terms
from colporteur.audience.importing.words import Standing
from colporteur.audience.importing.writing import Decided, Hand
from colporteur.db import connected, database_now, reading
from colporteur.db.bulk import looking_up

_ATTEMPTS = 5
_SAMPLES = 5
Tell = Callable[[int], None]


@dataclass(frozen=True)
class Report:
    """What became of a list: how many rows by fate, those done by an earlier run included.

    ``refused`` is the file of refused rows, if there are any; ``resumed_at`` the rows that an
    earlier run had done.
    """

    rows: int
    counts: Counter[str]
    refused: Path | None = None
    import_id: int | None = None
    resumed_at: int = 0


@dataclass
class Preview:
    """What would become of a list, and its first rows: as they would be, and refused."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    first: list[Decided] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def _quiet(_: int) -> None:
    """Tell nobody."""


def run(
    engine: Engine,
    file: ListFile,
    terms: Terms,
    offer: Offer,
    *,
    by: str,
    refused: Path,
    anew: bool = False,
    known_as: str = "",
    tell: Tell = _quiet,
) -> Report:
    """Read a list in, or what an earlier run left of it; ``tell`` hears how many rows are done.

    It is known by its path and that of the ``refused`` rows, or by a name where these are a
    worker's own.

    Raises:
        ImportRefused: the terms do not fit the list, or it goes on otherwise than it began.
        ChoiceRefused: what the terms choose for all its readers cannot be.
    """
    with connected(engine) as connection, Seen() as seen:
        require_fit(file, terms, offer)
        with connection.begin():
            now = database_now(connection)
            begun = progress.begin(
                connection,
                file,
                terms,
                str(refused),
                by=by,
                now=now,
                anew=anew,
                known_as=known_as,
            )
            wording = keep_wording(connection, terms.consent, now) if terms.consent else None
        hand = Hand(begun.id, by, wording)
        counts, done = begun.counts, begun.rows
        objects, size = file.is_jsonl, begun.refused_bytes
        with RefusedFile(refused, file.columns, size, objects=objects) as beside:
            for chunk in chunks(file, terms, offer, begun.rows):
                repeated = seen.repeated(chunk.wanted)
                if chunk.rows > begun.rows:
                    size = beside.add(chunk.refused)
                    counts = counts + _write(
                        connection, hand, chunk, repeated, (begun.id, done, counts, size)
                    )
                    done = chunk.rows
                tell(chunk.rows)
            kept = beside.path if beside.size else None
        with connection.begin():
            progress.finish(connection, begun.id, database_now(connection))
    return Report(done, counts, kept, begun.id, begun.rows)


def preview(
    engine: Engine, file: ListFile, terms: Terms, offer: Offer, tell: Tell = _quiet
) -> Preview:
    """What reading a list in would do; nothing is changed.

    Raises:
        ImportRefused: the terms do not fit the list.
        ChoiceRefused: what the terms choose for all its readers cannot be.
    """
    found = Preview()
    with Seen() as seen:
        for chunk in chunks(file, terms, offer):
            repeated = seen.repeated(chunk.wanted)
            with reading(engine) as connection:
                looking_up(connection)
                now = database_now(connection)
                decided = _decide(
                    connection, chunk.wanted, repeated, now, consented=bool(terms.consent)
                )
            found.rows = chunk.rows
            found.counts += _counted(chunk, decided)
            found.first += decided[: _SAMPLES - len(found.first)]
            found.refused += chunk.refused[: _SAMPLES - len(found.refused)]
            tell(chunk.rows)
    return found


def _write(
    connection: Connection,
    hand: Hand,
    chunk: Chunk,
    repeated: Sequence[bool],
    stood: tuple[int, int, Counter[str], int],
) -> Counter[str]:
    """Have a chunk happen; how many rows by fate."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _write_once(connection, hand, chunk, repeated, stood)
        except IntegrityError:  # somebody signed up at this very moment: look again
            hand.forget()
    return _write_once(connection, hand, chunk, repeated, stood)


def _write_once(
    connection: Connection,
    hand: Hand,
    chunk: Chunk,
    repeated: Sequence[bool],
    stood: tuple[int, int, Counter[str], int],
) -> Counter[str]:
    import_id, before, counts, size = stood
    consented = hand.wording is not None
    in_turn, idle = rounds(chunk.wanted)
    with connection.begin():
        looking_up(connection)
        now = database_now(connection)
        became = _counted(chunk, ())
        became[Fate.REPEATED.value] += len(idle)
        for places in in_turn:
            rows = [chunk.wanted[place] for place in places]
            again = [repeated[place] for place in places]
            decided = _decide(connection, rows, again, now, consented=consented, locked=True)
            hand.write(connection, decided, now)
            became.update(one.fate.value for one in decided)
        became = +became
        progress.advance(connection, import_id, before, chunk.rows, counts + became, size)
    return became


def _decide(
    connection: Connection,
    rows: Sequence[Wanted],
    repeated: Sequence[bool],
    now: datetime,
    *,
    consented: bool,
    locked: bool = False,
) -> list[Decided]:
    if not rows:
        return []
    rows = [_as_it_stands(row, now) for row in rows]
    return [
        Decided(
            row,
            known,
            fate(row.standing, known, consented=consented, repeated=again, left_at=row.left_at),
        )
        for row, again, known in zip(
            rows, repeated, known_of(connection, rows, locked=locked), strict=True
        )
    ]


def _as_it_stands(row: Wanted, now: datetime) -> Wanted:
    """A pause that is over is none."""
    if row.standing is not Standing.PAUSED:
        return row
    goes_on = row.paused_until is not None and row.paused_until > now
    return row if goes_on else row._replace(standing=Standing.ACTIVE)


def _counted(chunk: Chunk, decided: Sequence[Decided]) -> Counter[str]:
    found = Counter(one.fate.value for one in decided)
    found[Fate.REFUSED.value] = len(chunk.refused)
    found[Fate.ELSEWHERE.value] = chunk.elsewhere
    return +found
