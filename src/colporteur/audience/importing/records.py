"""The rows of a list, one by one, from a file that is never held whole. Pure but for its reading.

A row that cannot be read is handed out with what is wrong with it, and the next one is read: a
quote that nobody closed costs its own line, not the rest of the file (RFC 4180 section 2).
"""

import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from colporteur.audience.importing.sniffing import HINT

LINE_AT_MOST = 262_144
_ROW_LINES_AT_MOST = 1000


class Record(NamedTuple):
    """A row: its first line's number, its cells, and why it cannot be read, if so."""

    line: int
    cells: Sequence[str]
    trouble: str = ""


class Lines(Protocol):
    """A text file: ``readline`` gives at most so many characters, and nothing at its end."""

    def readline(self, at_most: int, /) -> str:
        """The next line, with its end."""


class _Feed:
    """The lines of a file for ``csv.reader``; those of a row gone wrong can be read again."""

    def __init__(self, file: Lines) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        if len(self.taken) >= _ROW_LINES_AT_MOST:
            self._again.appendleft(line)
            raise csv.Error(f"a row is longer than {_ROW_LINES_AT_MOST} lines")
        self.number += 1
        self.taken.append(line)
        return line

    def begin(self) -> int:
        """Forget the row before; the number of the line that comes."""
        self.taken.clear()
        return self.number + 1

    def give_back(self) -> str:
        """Have all but the first line of this row read again; that first one."""
        first, *rest = self.taken
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)
        return first

    def _read(self) -> str:
        line = self._file.readline(LINE_AT_MOST)
        if len(line) >= LINE_AT_MOST and line[-1] not in "\r\n":
            rest = line
            while rest and rest[-1] not in "\r\n":
                rest = self._file.readline(LINE_AT_MOST)
            line += "\n"
        return line


def csv_records(file: Lines, delimiter: str) -> Iterator[Record]:
    """The rows of a CSV file, its header among them; empty lines are none."""
    feed = _Feed(file)
    rows = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        line = feed.begin()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            first = feed.give_back() if feed.taken else ""
            yield Record(line, [first.rstrip("\r\n")], _told(error))
            rows = csv.reader(feed, delimiter=delimiter, strict=True)
            continue
        if any(cells) and not (line == 1 and HINT.fullmatch(feed.taken[0])):
            yield Record(line, cells)


def _told(error: csv.Error) -> str:
    said = str(error)
    if "unexpected end" in said or "field larger" in said or "longer than" in said:
        return "a cell does not end: a quotation mark opens it that nothing closes"
    if "expected after" in said:
        return 'a quotation mark stands within a quoted cell: write it twice ("")'
    return f"this is no CSV: {said}"


def json_records(file: Lines) -> Iterator[tuple[Record, Mapping[str, Any]]]:
    """The objects of a JSON Lines file, each with the line that it stands on."""
    feed = _Feed(file)
    while True:
        line = feed.begin()
        text = next(feed, None)
        if text is None:
            return
        shown = text.strip()
        if not shown:
            continue
        said, trouble = _object(shown)
        yield Record(line, [shown], trouble), said


def _object(text: str) -> tuple[Mapping[str, Any], str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        return {}, f"this is no JSON: {str(error)[:100]}"
    if not isinstance(found, dict):
        return {}, 'this is no JSON object: each line holds one, such as {"email": "…"}'
    return found, ""
