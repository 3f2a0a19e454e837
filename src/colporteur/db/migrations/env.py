"""Alembic's entry: runs the steps on the connection that ``db.migrate`` opened."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, BigInteger

from colporteur.db.tables import metadata
from colporteur.db.types import Instant


def _render(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Our own types by our own names, in a new migration."""
    if kind == "type" and isinstance(value, JSON):
        return "types.Json"
    if kind == "type" and isinstance(value, Instant):
        return "types.Instant()"
    if kind == "type" and isinstance(value, BigInteger) and value._variant_mapping:  # noqa: SLF001
        return "types.Id"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most of a table in place
    render_item=_render,
    compare_type=False,  # Instant and Json name other types on each database
)
with context.begin_transaction():
    context.run_migrations()
