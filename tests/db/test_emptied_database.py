import pytest
from databases import Emptied
from sqlalchemy import create_engine


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
