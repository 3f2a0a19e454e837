from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from colporteur.db import reading
from colporteur.db.migrate import migrate, require_current
from colporteur.db.tables import metadata


def test_migrated_tables_are_those_the_code_knows(engine: Engine):
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_migrating_a_migrated_database_changes_nothing(engine: Engine):
    assert migrate(engine) is False
    require_current(engine)
