from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from colporteur.db import reading
from colporteur.db.migrate import migrate, require_current
from colporteur.db.tables import metadata
from colporteur.db.tables.articles import WORDS_INDEX, WORDS_ON_SQLITE


def test_migrated_tables_are_those_the_code_knows(engine: Engine):
    def ours(thing: Any, name: str | None, kind: str, *_others: object) -> bool:
        """All but the index of articles' words, which is SQL of each database's own."""
        words = {"table": str(name).startswith(WORDS_ON_SQLITE), "index": name == WORDS_INDEX}
        return not words.get(kind, False)

    with reading(engine) as connection:
        opts = {"compare_type": False, "include_object": ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_migrating_a_migrated_database_changes_nothing(engine: Engine):
    assert migrate(engine) is False
    require_current(engine)
