"""What tells two tables apart, in whichever order and database their rows are. Pure.

A row is written in one way: JSON with its keys sorted and whole numbers without a point, since
PostgreSQL keeps neither the order of keys nor the form of a number; instants in UTC; bytes by
their hash. Its digest is added to the table's, so that order does not matter and a row that is
there twice does.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_DIGEST = 8  # octets: 64 bits a row
_MODULUS = 2 ** (8 * _DIGEST)


@dataclass(frozen=True)
class Sum:
    """How many rows, and what their digests add up to."""

    rows: int = 0
    total: int = 0

    def with_rows(self, rows: Iterable[Sequence[Any]], json_at: frozenset[int]) -> "Sum":
        """This and further rows; the columns at ``json_at`` hold JSON as text."""
        count, total = self.rows, self.total
        for row in rows:
            written = json.dumps(_row(row, json_at), sort_keys=True, separators=(",", ":"))
            digest = hashlib.blake2b(written.encode(), digest_size=_DIGEST).digest()
            total += int.from_bytes(digest, "big")
            count += 1
        return Sum(count, total % _MODULUS)


def _row(row: Sequence[Any], json_at: frozenset[int]) -> list[Any]:
    return [
        ["json", _plain(json.loads(value))] if at in json_at and value is not None else _one(value)
        for at, value in enumerate(row)
    ]


def _one(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes() | memoryview():
            return ["bytes", hashlib.blake2b(value).hexdigest()]
        case _:
            return value


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
