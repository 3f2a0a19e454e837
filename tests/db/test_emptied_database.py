from typing import Any

import pytest
from databases import Database, Emptied
from house import House, publication
from sqlalchemy import Engine, MetaData, create_engine, select

from colporteur.db import reading


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "left",
    ["UPDATE alembic_version SET version_num = '0000'", "DROP TABLE alembic_version"],
)
def test_what_a_test_did_to_the_revision_is_undone_for_the_next(
    kept_postgresql: Emptied, left: str
):
    address = kept_postgresql.url.replace("postgresql:", "postgresql+psycopg:")
    revision = "SELECT version_num FROM alembic_version"
    kept_postgresql.empty()
    engine = create_engine(address)
    with engine.begin() as connection:
        before = connection.exec_driver_sql(revision).scalars().all()
        connection.exec_driver_sql(left)
    engine.dispose()
    kept_postgresql.empty()
    with engine.connect() as connection:
        assert connection.exec_driver_sql(revision).scalars().all() == before
    engine.dispose()


def test_what_was_once_written_is_put_back_and_counts_on(database: Database, engine: Engine):
    house = House(engine)
    calls = []

    def fill() -> None:
        calls.append("filled")
        house.apply(publication())
        house.take("Le premier", body_html="<p>Un texte.</p>")
        engine.dispose()

    found = []
    for _ in range(2):
        database.empty()
        database.filled("test", fill)
        found.append(_everything(engine))
        house.take("Le second", body_html="<p>Un texte.</p>")
        engine.dispose()
    assert calls == ["filled"]
    assert found[0] == found[1]
    database.filled("test", lambda: calls.append("beside"))  # what a test wrote stays
    assert calls == ["filled", "beside"]
    assert len(_everything(engine)["articles"]) == len(found[0]["articles"]) + 1
    database.empty()
    assert not _everything(engine)["articles"]


def _everything(engine: Engine) -> dict[str, list[Any]]:
    tables = MetaData()
    tables.reflect(engine)
    with reading(engine) as connection:
        found = {
            one.name: sorted(map(repr, connection.execute(select(one))))
            for one in tables.sorted_tables
        }
    engine.dispose()
    return found
