"""The rows that were refused, in a file beside the list, each with its line and the reason."""

import csv
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from colporteur.audience.cells import escape
from colporteur.exceptions import ServiceUnavailable


class Refused(NamedTuple):
    """A refused row: where it stands, why, and its cells."""

    place: str
    reason: str
    cells: Sequence[str]


class RefusedFile:
    """Written as the list is read; only its owner reads it: it holds addresses.

    Its rows have the list's own ``columns`` behind the line and the reason, so that it can be
    corrected and read in itself; with ``objects`` each is one as JSON, by the same names.
    ``size`` is how long it was when the import stopped: what came after was not committed, and
    is written again. A file that nothing is refused into is not made.
    """

    def __init__(
        self, path: Path, columns: Sequence[str], size: int, *, objects: bool = False
    ) -> None:
        self.path, self.size, self._objects = path, size, objects
        self._header = ("line", "reason", *columns)
        self._file: int | None = None

    def __enter__(self) -> Self:
        if self.size:
            self._open()
        elif self.path.exists():
            self.path.unlink()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)

    def add(self, rows: Sequence[Refused]) -> int:
        """Add rows; the file's size after them."""
        if rows:
            file = self._open()
            data = self._text(rows).encode("utf-8", "replace")
            with self._writing():
                os.pwrite(file, data, self.size)
            self.size += len(data)
        return self.size

    def _text(self, rows: Sequence[Refused]) -> str:
        if self._objects:
            return "".join(_object(one) + "\n" for one in rows)
        lines = [(one.place, one.reason, *one.cells) for one in rows]
        return _csv(lines if self.size else [self._header, *lines])

    def _open(self) -> int:
        if self._file is None:
            with self._writing():
                self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
                os.fchmod(self._file, 0o600)
                self.size = min(self.size, os.fstat(self._file).st_size)
                os.ftruncate(self._file, self.size)
        return self._file

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ServiceUnavailable(
                f"The file of refused rows {self.path} cannot be written: {error.strerror}.",
                cure="Make room, or name another: --refused FILE. Then run the command again.",
            ) from None


def _object(one: Refused) -> str:
    """A refused object with its line and the reason before its own values; else its text."""
    text = one.cells[0] if one.cells else ""
    told: dict[str, Any] = {"line": one.place, "reason": one.reason}
    try:
        found = json.loads(text)
        own = found if isinstance(found, dict) else {"row": text}
        return json.dumps(told | own | told, ensure_ascii=False)
    except (ValueError, RecursionError):
        return json.dumps(told | {"row": text}, ensure_ascii=False)


def _csv(rows: Sequence[Sequence[str]]) -> str:
    lines = _Lines()
    csv.writer(lines).writerows([escape(cell) for cell in row] for row in rows)
    return "".join(lines.written)


class _Lines:
    """What ``csv.writer`` writes to."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, line: str) -> None:
        """Keep a line."""
        self.written.append(line)
