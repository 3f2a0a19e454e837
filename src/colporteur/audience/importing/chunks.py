"""A list in chunks of some thousand rows, judged: what is read, decided and committed at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from colporteur.audience.importing.formats import Format
from colporteur.audience.importing.judging import Judge, Wanted
from colporteur.audience.importing.opening import ListFile, Part, records, row_text
from colporteur.audience.importing.refusing import Refused
from colporteur.audience.importing.saying import RowRefused
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


def require_fit(file: ListFile, terms: Terms, offer: Offer) -> None:
    """Check that a list can be read in under some terms, before anything is noted of it.

    Raises:
        ImportRefused: nothing says which channel, or there is no such one.
        ChoiceRefused: what the terms choose for all its readers cannot be.
    """
    for part in file.parts:
        _judge_of(part, terms, offer)


def _judge_of(part: Part, terms: Terms, offer: Offer) -> Judge:
    return Judge(terms, offer, part.standing, tuple(part.columns.places))


def chunks(file: ListFile, terms: Terms, offer: Offer, first: int = 0) -> Iterator[Chunk]:
    """The chunks of a list; one ends where ``first`` rows are, which were read in before.

    Raises:
        ImportRefused: the terms do not fit the list.
    """
    chunk = Chunk(0)
    ends = _next_end(0, first)
    for part in file.parts:
        judge = _judge_of(part, terms, offer)
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
