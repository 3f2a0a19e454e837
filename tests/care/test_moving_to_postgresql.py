"""A house moved from SQLite to PostgreSQL, whole or not at all."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from house import NOW, House, publication
from sqlalchemy import Engine, insert, inspect, select, text

from colporteur.care.moving import move, rows_to_move
from colporteur.care.snapshots import count_rows
from colporteur.db import connected, make_engine, reading, writing
from colporteur.db.bulk import reserve_ids
from colporteur.db.tables import metadata
from colporteur.db.tables.articles import article_versions, picture_copies, pictures
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import deliveries
from colporteur.editions import brakes
from colporteur.editions.scheduling import advance
from colporteur.exceptions import MoveRefused
from colporteur.publication.revisions import require

SLOT = NOW + timedelta(hours=18)


@pytest.fixture
def target(postgresql_url: str) -> Iterator[Engine]:
    engine = make_engine(postgresql_url)
    yield engine
    engine.dispose()


@pytest.fixture
def bare(made_databases: Callable[[], str]) -> Iterator[Engine]:
    """One without any table, as createdb makes it."""
    engine = make_engine(made_databases())
    yield engine
    engine.dispose()


@pytest.fixture
def full(sqlite_house: House) -> House:
    """Articles in two scripts, readers, an edition that leaves, a picture, and odd values."""
    house = sqlite_house
    for name in ("leila", "nour"):
        house.subscribe(f"{name}@example.org")
    house.take("Un port “mesuré”\tdeux fois", language="fr", body_html="<p>Un \\N et \\t</p>")
    house.take("مقال عن الحكامة", body_html="<p>نص</p>", language="ar")
    house.build()
    with house.open() as (connection, revision, names):
        assert advance(connection, revision, names, SLOT)
        shown = {"url_key": "k", "url": "https://relais.example/a.jpg", "state": "kept"}
        (key,) = connection.execute(insert(pictures).values(shown).returning(pictures.c.id)).one()
        copy = {"name": "a-600.jpg", "picture_id": key, "width": 6, "height": 4, "type": "image/x"}
        connection.execute(insert(picture_copies).values(**copy, bytes=bytes(range(256))))
    return house


def nothing(_table: str, _rows: int) -> None:
    pass


def test_everything_is_there_as_it_was_and_goes_on_counting(full: House, bare: Engine):
    target = bare
    expected = rows_to_move(full.engine)
    before = _counts(full.engine)
    told: dict[str, int] = {}

    def advanced(table: str, rows: int) -> None:
        told[table] = told.get(table, 0) + rows

    done = move(full.engine, target, advanced)
    assert done.rows == before
    assert done.total == expected == sum(told.values()) // 2
    assert _counts(target) == before
    with reading(full.engine) as old, reading(target) as new:
        for query in (
            select(article_versions.c.title, article_versions.c.body_html),
            select(picture_copies.c.bytes),
            select(deliveries.c.status, deliveries.c.due_at, deliveries.c.moved),
        ):
            assert sorted(map(repr, old.execute(query))) == sorted(map(repr, new.execute(query)))
        assert require(new).publication == require(old).publication
        held = brakes.suspension(old)
        assert held is not None
        assert str(target.url.database) in held.why
        assert brakes.suspension(new) is None
    there = House(target, NOW)
    ids = set(_ids(target))
    assert there.subscribe("hana@example.org").subscriber_id not in ids
    with writing(target) as connection:
        assert set(reserve_ids(connection, deliveries, 5)).isdisjoint(
            connection.scalars(select(deliveries.c.id))
        )
    there.take("Un autre", language="fr")
    there.apply(publication(title="Le Relais d’ailleurs"))


def test_a_move_that_was_broken_off_changes_nothing_and_is_begun_again(full: House, target: Engine):
    class Killed(Exception):  # noqa: N818
        pass

    def dies(table: str, _rows: int) -> None:
        if table == "editions":
            raise Killed

    with pytest.raises(Killed):
        move(full.engine, target, dies)
    with reading(full.engine) as connection:
        assert brakes.suspension(connection) is None
    assert {name for name, rows in _counts(target).items() if rows} == {"facts", "sequences"}
    assert move(full.engine, target, nothing).total
    with pytest.raises(MoveRefused, match="was moved to"):
        move(full.engine, target, nothing)


def test_the_password_of_the_new_place_is_neither_told_nor_kept(full: House, target: Engine):
    secret = "a-password-of-the-server"
    given = target.url.set(password=secret).update_query_dict({"password": secret})
    engine = make_engine(given.render_as_string(hide_password=False))
    try:
        done = move(full.engine, engine, nothing)
    finally:
        engine.dispose()
    with reading(full.engine) as connection:
        held = brakes.suspension(connection)
    assert held is not None
    assert done.to in held.why
    assert secret not in held.why


def test_a_place_that_is_not_empty_is_refused(full: House, target: Engine):
    House(target).apply(publication())
    with pytest.raises(MoveRefused, match="is not empty"):
        move(full.engine, target, nothing)


def test_tables_of_a_newer_release_are_not_moved_by_one_that_does_not_know_all_of_them(
    full: House, target: Engine
):
    with writing(full.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MoveRefused, match="9999, of a newer release"):
        move(full.engine, target, lambda *_: None)


def test_nobody_writes_to_the_old_one_meanwhile(full: House, target: Engine):
    refused = []

    def tries_to_write(table: str, _rows: int) -> None:
        if table == "subscribers" and not refused:
            with full.engine.connect() as other:
                other.exec_driver_sql("PRAGMA busy_timeout = 1")
                try:
                    other.exec_driver_sql("BEGIN IMMEDIATE")
                except Exception as error:  # noqa: BLE001
                    refused.append(str(error))
                other.exec_driver_sql("PRAGMA busy_timeout = 15000")

    move(full.engine, target, tries_to_write)
    assert "locked" in refused[0]


def test_what_postgresql_does_not_take_is_named_without_the_value(full: House, target: Engine):
    with writing(full.engine) as connection:
        connection.execute(text("UPDATE subscribers SET language = :it"), {"it": "x" * 36})
    with pytest.raises(MoveRefused, match="subscribers") as refused:
        move(full.engine, target, nothing)
    assert "xxx" not in refused.value.message
    assert "language" in refused.value.message
    with reading(target) as connection:
        assert connection.scalar(select(subscribers.c.id)) is None


def test_no_table_is_forgotten(sqlite_url: str):
    """What migrations make and ``metadata`` does not know would be left behind."""
    engine = make_engine(sqlite_url)
    made = set(inspect(engine).get_table_names())
    engine.dispose()
    search = {name for name in made if name.startswith("article_words")}  # SQLite's own index
    assert made - search - {"alembic_version"} == set(metadata.tables)


def _counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return count_rows(connection)


def _ids(engine: Engine) -> list[int]:
    with connected(engine) as connection, connection.begin():
        return list(connection.scalars(select(subscribers.c.id)))


def test_json_keeps_the_difference_between_nothing_and_null(full: House, target: Engine):
    with writing(full.engine) as connection:
        connection.execute(text("UPDATE editions SET audience = 'null'"))
    move(full.engine, target, nothing)
    with reading(target) as connection:
        said = connection.scalars(text("SELECT CAST(audience AS text) FROM editions")).all()
    assert set(said) == {"null"}
