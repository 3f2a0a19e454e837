"""A list in chunks of some thousand rows, judged: what is read, decided and committed at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from colporteur.audience.importing.formats import Format
from colporteur.audience.importing.judging import Judge, RowRefused, Wanted
from colporteur.audience.importing.opening import ListFile, records, row_text
from colporteur.audience.importing.refusing import Refused
from colporteur.audience.importing.terms import Offer, Terms

SIZE = 5000
_SHOWN = 10_000  # characters of a refused cell


@dataclass
class Chunk:
    """Some rows: wanted, refused, of another channel; ``rows`` are all, from the list's first."""

    rows: int
    wanted: list[Wanted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    elsewhere: int = 0


def chunks(file: ListFile, terms: Terms, offer: Offer, first: int = 0) -> Iterator[Chunk]:
    """The chunks of a list; one ends where ``first`` rows are, which were read in before.

    Raises:
        ImportRefused: the terms do not fit the list.
    """
    chunk = Chunk(0)
    ends = _next_end(0, first)
    for part in file.parts:
        judge = Judge(terms, offer, part.standing, tuple(part.columns.places))
        for record, said in records(file, part):
            try:
                _judge(chunk, judge, record.line, said)
            except RowRefused as error:
                place = str(record.line) if part.member is None else f"{part.name}:{record.line}"
                whole = len(file.parts) == 1 or part.format is Format.JSONL
                cells = record.cells if whole else [row_text(record.cells, part.delimiter)]
                shown = [cell[:_SHOWN] for cell in cells]
                chunk.refused.append(Refused(place, error.message, shown))
            chunk.rows += 1
            if chunk.rows == ends:
                yield chunk
                chunk, ends = Chunk(ends), _next_end(ends, first)
    if chunk.wanted or chunk.refused or chunk.elsewhere:
        yield chunk


def _next_end(rows: int, first: int) -> int:
    return min(rows + SIZE, first) if rows < first else rows + SIZE


def _judge(chunk: Chunk, judge: Judge, line: int, said: Mapping[str, str] | str) -> None:
    if isinstance(said, str):
        raise RowRefused(said)
    wanted = judge.judge(said, line)
    if wanted is None:
        chunk.elsewhere += 1
    else:
        chunk.wanted.append(wanted)
