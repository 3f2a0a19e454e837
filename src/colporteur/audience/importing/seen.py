"""Which addresses of a list have come already, in memory that does not grow with it."""

import json
import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from colporteur.audience.importing.judging import Wanted


class Seen:
    """Numbers of addresses (and their channels), on the disk while the list is read.

    A set of a million addresses would take a hundred megabytes. Two addresses share a number of
    64 bits once in some ten million lists of a million.
    """

    def __init__(self) -> None:
        self._scratch = sqlite3.connect("", isolation_level=None)  # a file without a name
        self._scratch.execute("PRAGMA journal_mode = OFF")
        self._scratch.execute("PRAGMA synchronous = OFF")
        self._scratch.execute("PRAGMA cache_size = -8000")
        self._scratch.execute("CREATE TABLE seen (number INTEGER PRIMARY KEY)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scratch.close()

    def repeated(self, rows: Sequence[Wanted]) -> list[bool]:
        """For each row whether its address came before, in an earlier row or call; they come now."""
        numbers = [hash((one.address.key, one.channel_id)) for one in rows]
        added = self._scratch.execute(
            "INSERT OR IGNORE INTO seen SELECT value FROM json_each(?) RETURNING number",
            (json.dumps(numbers),),
        )
        new = {number for (number,) in added}
        found = []
        for number in numbers:
            found.append(number not in new)
            new.discard(number)
        return found
