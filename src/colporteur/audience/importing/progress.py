"""How far each list was read in, so that one that was broken off goes on there.

In the caller's transaction: the row moves with the readers that it counts.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from colporteur.audience.importing.opening import ListFile
from colporteur.audience.importing.terms import Terms
from colporteur.db.tables.audience import imports
from colporteur.exceptions import ImportRefused

_REFUSED_BYTES = "refused_bytes"
_AGAIN = "Give --anew to begin anew: who was read in already stays, and is not read in twice."


@dataclass(frozen=True)
class Begun:
    """An import that goes on: its id, the rows done, what became of them, the refused file's size."""

    id: int
    rows: int
    counts: Counter[str]
    refused_bytes: int


def begin(
    connection: Connection,
    file: ListFile,
    terms: Terms,
    refused: str,
    *,
    by: str,
    now: datetime,
    anew: bool = False,
    known_as: str = "",
) -> Begun:
    """Begin to read a list in, or go on where the same command was broken off.

    It is known by its path, or by a name, where it lies elsewhere each time.

    Raises:
        ImportRefused: the file has changed since, or the command has.
    """
    name = known_as or str(file.path.resolve()).encode("utf-8", "replace").decode()
    options = json.loads(json.dumps(terms.told() | {"refused": known_as or refused}))
    ours = or_(imports.c.name == name, imports.c.content_hash == file.hash)
    open_ones = select(imports).where(imports.c.finished_at.is_(None), ours)
    found = connection.execute(open_ones.order_by(imports.c.id.desc()).limit(1)).first()
    if found is not None and not anew:
        _require_same(found, file, options)
        counts = dict(found.counts)
        size = counts.pop(_REFUSED_BYTES, 0)
        return Begun(found.id, found.rows, Counter(counts), size)
    if found is not None:
        given_up = update(imports).where(imports.c.finished_at.is_(None), ours)
        connection.execute(given_up.values(finished_at=now))
    values = {"name": name, "content_hash": file.hash, "options": options, "counts": {}}
    made = insert(imports).values(**values, by=by, at=now, rows=0).returning(imports.c.id)
    return Begun(int(connection.execute(made).scalar_one()), 0, Counter(), 0)


def _require_same(found: Row[Any], file: ListFile, options: Mapping[str, Any]) -> None:
    if found.content_hash != file.hash:
        raise ImportRefused(
            f"{file.path.name} has changed since {found.rows} of its rows were read in.",
            cure=f"Put the former file back to go on with it. {_AGAIN}",
        )
    if found.options != options:
        names = sorted(name for name in options if options[name] != found.options.get(name))
        raise ImportRefused(
            f"This list was begun otherwise ({', '.join(names)}), and {found.rows} of its rows "
            "were read in.",
            cure=f"Give the same command to go on with it. {_AGAIN}",
        )


def advance(
    connection: Connection,
    import_id: int,
    before: int,
    rows: int,
    counts: Mapping[str, int],
    refused_bytes: int,
) -> None:
    """Note that more rows are done.

    Raises:
        ImportRefused: somebody else reads the same list in at this moment.
    """
    stood = (imports.c.id == import_id, imports.c.rows == before, imports.c.finished_at.is_(None))
    kept = {**counts, _REFUSED_BYTES: refused_bytes}
    moved = update(imports).where(*stood).values(rows=rows, counts=kept)
    if connection.execute(moved).rowcount == 0:
        raise ImportRefused(
            "This list is being read in by another process.", cure="Let that one finish."
        )


def finish(connection: Connection, import_id: int, now: datetime) -> None:
    """Note that a list was read in to its end."""
    connection.execute(update(imports).where(imports.c.id == import_id).values(finished_at=now))
