"""Special editions that are being written: kept until they become an edition, or are thrown away.

Each has a key, the nonce of the form that began it, under which its edition is drafted later: so
neither is ever made twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.editions import special_drafts
from colporteur.editions.special_writing import Touch, Writing, changed, read_writing
from colporteur.exceptions import UnknownName

KEY_AT_MOST = 40


@dataclass(frozen=True)
class Draft:
    """A special edition that is being written; ``touched`` says who wrote which part last."""

    id: int
    key: str
    writing: Writing
    touched: tuple[Touch, ...]
    version: int
    made_by: str
    changed_by: str
    created_at: datetime
    changed_at: datetime
    edition_id: int | None

    @property
    def hands(self) -> tuple[str, ...]:
        """All who wrote some of it."""
        return tuple(dict.fromkeys([self.made_by, *(one.by for one in self.touched)]))


def begin(
    connection: Connection, writing: Writing, *, key: str, by: str, now: datetime
) -> tuple[Draft, bool]:
    """A new draft, or the one that was begun under this key; whether it is new."""
    values = {
        "key": key,
        "content": _content(writing, ()),
        "version": 1,
        "made_by": by,
        "changed_by": by,
        "created_at": now,
        "changed_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(special_drafts).values(values).on_conflict_do_nothing()
    new = connection.scalar(statement.returning(special_drafts.c.id))
    if new is not None:
        return load(connection, new), True
    known = connection.execute(
        select(special_drafts).where(special_drafts.c.key == key).with_for_update()
    ).one()
    return _draft(known), False


def load(connection: Connection, draft_id: int, *, to_change: bool = False) -> Draft:
    """A draft; ``to_change`` has others wait until commit.

    Raises:
        UnknownName: there is none, or no more.
    """
    query = select(special_drafts).where(special_drafts.c.id == draft_id)
    row = connection.execute(query.with_for_update() if to_change else query).first()
    if row is None:
        raise UnknownName(f"There is no draft {draft_id}.", cure="Somebody may have discarded it.")
    return _draft(row)


def unfinished(connection: Connection, limit: int) -> list[Draft]:
    """The drafts that became no edition yet, the last one that was touched first."""
    rows = connection.execute(
        select(special_drafts)
        .where(special_drafts.c.edition_id.is_(None))
        .order_by(special_drafts.c.changed_at.desc(), special_drafts.c.id.desc())
        .limit(limit)
    )
    return [_draft(row) for row in rows]


def save(
    connection: Connection, draft: Draft, parts: Mapping[str, Any], *, by: str, now: datetime
) -> Draft:
    """Write some parts anew; one that says so already stays as it was."""
    names = changed(draft.writing, parts)
    if not names:
        return draft
    version = draft.version + 1
    kept = [one for one in draft.touched if one.part not in names]
    touched = (*kept, *(Touch(name, version, by, now) for name in names))
    writing = replace(draft.writing, **parts)
    connection.execute(
        update(special_drafts)
        .where(special_drafts.c.id == draft.id)
        .values(content=_content(writing, touched), version=version, changed_by=by, changed_at=now)
    )
    return load(connection, draft.id)


def became(connection: Connection, draft: Draft, edition_id: int) -> None:
    """Note the edition that a draft became: it is written no more."""
    mine = update(special_drafts).where(special_drafts.c.id == draft.id)
    connection.execute(mine.values(edition_id=edition_id))


def discard(connection: Connection, draft: Draft) -> None:
    """Throw a draft away."""
    connection.execute(delete(special_drafts).where(special_drafts.c.id == draft.id))


def _content(writing: Writing, touched: tuple[Touch, ...]) -> dict[str, Any]:
    by_part = {one.part: [one.version, one.by, one.at.isoformat()] for one in touched}
    return {"writing": writing.as_json(), "touched": by_part}


def _draft(row: Any) -> Draft:
    touched = tuple(
        Touch(part, version, by, datetime.fromisoformat(at))
        for part, (version, by, at) in sorted(row.content["touched"].items())
    )
    values = {
        name: getattr(row, name)
        for name in Draft.__dataclass_fields__
        if name not in {"writing", "touched"}
    }
    return Draft(**values, writing=read_writing(row.content["writing"]), touched=touched)
