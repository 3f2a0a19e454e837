"""The rows that were refused, in a file beside the list, each with its line and the reason."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

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
    corrected and read in itself.
    ``size`` is how long it was when the import stopped: what came after was not committed, and
    is written again. A file that nothing is refused into is not made.
    """

    def __init__(self, path: Path, columns: Sequence[str], size: int) -> None:
        self.path, self.size = path, size
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
            lines = [(one.place, one.reason, *one.cells) for one in rows]
            text = _csv(lines if self.size else [self._header, *lines])
            data = text.encode("utf-8", "replace")
            with self._writing():
                os.pwrite(file, data, self.size)
            self.size += len(data)
        return self.size

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
