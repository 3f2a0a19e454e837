"""Archives of a house, on each database, and what a restore brings back."""

import hashlib
import io
import json
import os
import sqlite3
import stat
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from caring import KEY, Care
from house import House
from sqlalchemy import func, insert, select, text

from colporteur.care.keeping import archive_name, older
from colporteur.care.restoring import check, hold_recovered, restore
from colporteur.care.snapshots import count_rows, take_snapshot
from colporteur.clock import utcnow
from colporteur.config import Settings, load_settings
from colporteur.db import make_engine, reading, writing
from colporteur.db.migrate import require_current
from colporteur.db.tables.audience import consents, subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.publication import facts
from colporteur.db.tables.syndication import feed_readers
from colporteur.editions import brakes
from colporteur.editions.since_backup import restored
from colporteur.exceptions import (
    ArchiveRefused,
    ColporteurError,
    RestoreRefused,
    ServiceUnavailable,
)


def nothing(_: int) -> None:
    pass


def test_a_restore_brings_everything_back_held_and_gives_no_id_again(care: Care):
    leila = care.house.subscribe("leila@example.org").subscriber_id
    care.house.take("Un port mesure")
    with reading(care.house.engine) as connection:
        rows = count_rows(connection)
    archive, made = care.keep()
    assert made.rows == rows
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    place = care.place()
    brought = restore(archive, place, nothing)
    key = brought.placed["keys/secret_key"]
    assert key.read_text().strip() == KEY
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    there = House(make_engine(place.database), care.house.now)
    with reading(there.engine) as connection:
        held = brakes.suspension(connection)
        assert held is not None
        assert f"{made.made_at:%Y-%m-%d %H:%M}" in held.why
        titles = connection.scalars(text("SELECT title FROM article_versions")).all()
        assert titles == ["Un port mesure"]
    nour = there.subscribe("nour@example.org").subscriber_id
    assert nour > leila + 10**6
    with reading(there.engine) as connection:
        for table in (subscribers, subscriptions):
            newest = connection.scalar(select(func.max(table.c.id)))
            assert newest is not None
            assert newest > 10**6
    with writing(there.engine) as connection:
        for table in (consents, deliveries):
            if connection.dialect.name == "sqlite":
                assert (connection.scalar(select(func.max(table.c.id))) or 0) > 10**5
            else:
                last = connection.scalar(text(f"SELECT nextval('{table.name}_id_seq')"))
                assert last > 10**5
    there.engine.dispose()
    with pytest.raises(RestoreRefused, match="overwrites nothing"):
        restore(archive, place, nothing)


def test_an_archive_without_keys_needs_the_key_of_then(care: Care):
    archive, made = care.keep(with_keys=False)
    assert "COLPORTEUR_SECRET_KEY" in made.not_held
    assert KEY.encode() not in archive.read_bytes()
    with pytest.raises(RestoreRefused, match="no secret key"):
        restore(archive, care.place(), nothing)
    with pytest.raises(RestoreRefused, match="another than the archive's"):
        restore(archive, care.place(secret_key="x" * 40), nothing)
    place = care.place(secret_key=KEY)
    assert restore(archive, place, nothing).placed == {}
    make_engine(place.database).dispose()


def test_keys_of_before_are_kept_and_one_that_was_changed_since_still_fits(sqlite_care: Care):
    """A key may be renewed between backup and restore: its fallbacks have the one of then."""
    before = "b" * 40
    sqlite_care.settings = sqlite_care.settings.model_copy(update={"secret_key_fallbacks": before})
    archive, _ = sqlite_care.keep()
    renewed = sqlite_care.place(secret_key="n" * 40, secret_key_fallbacks=f"{KEY} {before}")
    check(archive, nothing)
    restore(archive, renewed, nothing)
    Path(renewed.database.removeprefix("sqlite:///")).unlink()
    place = sqlite_care.place("other")
    restore(archive, place, nothing)
    environ = {"COLPORTEUR_DATA_DIR": str(place.data_dir)}
    found = load_settings(environ, place.data_dir / "no.env", make_secret=False)
    assert found.secret_keys == (KEY, before)


def test_a_folder_that_is_in_an_archive_is_not_said_to_be_missing(
    sqlite_care: Care, tmp_path: Path
):
    feeds = tmp_path / "paper"
    feeds.mkdir()
    (feeds / "publication.toml").write_text('title = "Le Relais"', encoding="utf-8")
    sqlite_care.settings = sqlite_care.settings.model_copy(update={"feeds": str(feeds)})
    _, made = sqlite_care.keep()
    assert "feeds/publication.toml" in made.members
    assert "COLPORTEUR_FEEDS" not in made.not_held


def test_a_snapshot_is_of_one_moment_while_others_write(
    sqlite_house: House, tmp_path: Path
) -> None:
    """Two rows are written in each transaction: a copy never has one without the other."""
    done = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not done.is_set():
            with writing(sqlite_house.engine) as connection:
                for side in ("left", "right"):
                    row = {"path": f"{side} {written}", "agent": "x" * 2000, "subscribers": 1}
                    row_at = insert(feed_readers).values(**row, seen_at=utcnow())
                    connection.execute(row_at)
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while written < 30:
            assert writer.is_alive()
        before = written
        taken = take_snapshot(sqlite_house.engine, tmp_path, lambda *_: None)
    finally:
        done.set()
        writer.join()
    assert taken.rows["feed_readers"] % 2 == 0
    assert taken.rows["feed_readers"] >= 2 * before
    copy = make_engine(f"sqlite:///{taken.path}")
    with reading(copy) as connection:
        assert count_rows(connection) == taken.rows
    copy.dispose()


@pytest.fixture
def sqlite_care(sqlite_house: House, tmp_path: Path) -> Care:
    url = str(sqlite_house.engine.url)
    settings = Settings(database_url=url, secret_key=KEY, data_dir=tmp_path / "var")
    return Care(sqlite_house, settings, tmp_path, lambda: f"sqlite:///{tmp_path}/place/x.db")


def rewritten(archive: Path, change: dict[str, bytes | None], add: tarfile.TarInfo | None) -> Path:
    """The archive with members changed, left out, or one more."""
    target = archive.with_name("changed.tar.gz")
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            content = old.extractfile(member)
            assert content is not None
            data = change.get(member.name, content.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
        if add:
            new.addfile(add)
    return target


def test_what_is_not_as_the_manifest_says_is_refused_and_nothing_is_placed(sqlite_care: Care):
    archive, _ = sqlite_care.keep()
    whole = archive.read_bytes()
    link = tarfile.TarInfo("keys/secret_key")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    damaged = [
        rewritten(archive, {"keys/secret_key": b"x" * 41}, None),
        rewritten(archive, {"keys/secret_key": None}, None),
        rewritten(archive, {"keys/secret_key": None}, link),
        rewritten(archive, {}, tarfile.TarInfo("../../escaped")),
        rewritten(archive, {"manifest.json": None}, None),
    ]
    for name, data in {
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
        "text": b"no archive",
        "empty": b"",
    }.items():
        path = sqlite_care.folder / name
        path.write_bytes(data)
        damaged.append(path)
    place = sqlite_care.place()
    for one in [*damaged, sqlite_care.folder / "nowhere"]:
        with pytest.raises(ArchiveRefused):
            restore(one, place, nothing)
    assert not any((sqlite_care.folder / "place").glob("*"))
    assert not (sqlite_care.folder / "escaped").exists()
    check(archive, nothing)


def test_own_folders_and_keys_come_back_and_links_are_not_followed(sqlite_care: Care):
    own = sqlite_care.folder / "mine"
    (own / "email").mkdir(parents=True)
    (own / "email" / "a.j2").write_text("Bonjour")
    (own / "linked").symlink_to("/etc/hostname")
    sqlite_care.settings = sqlite_care.settings.model_copy(update={"templates": str(own)})
    archive, made = sqlite_care.keep()
    assert "templates/email/a.j2" in made.members
    assert "templates/linked" not in made.members
    place = sqlite_care.place()
    brought = restore(archive, place, nothing)
    assert (brought.placed["templates"] / "email" / "a.j2").read_text() == "Bonjour"


def test_what_was_recovered_by_other_means_is_held_too_and_once(care: Care):
    engine, moment = care.house.engine, utcnow().replace(microsecond=0)
    with pytest.raises(RestoreRefused, match="to come"):
        hold_recovered(engine, moment.replace(year=moment.year + 1))
    leila = care.house.subscribe("leila@example.org").subscriber_id
    hold_recovered(engine, moment)
    with reading(engine) as connection:
        held = restored(connection)
        assert held is not None
        assert held.backup_of == moment
        assert brakes.suspension(connection) is not None
    assert care.house.subscribe("nour@example.org").subscriber_id > leila + 10**5
    with pytest.raises(RestoreRefused, match="held after a restore already"):
        hold_recovered(engine, moment)


def test_a_database_of_an_older_release_is_kept_as_it_is(sqlite_house: House, tmp_path: Path):
    with writing(sqlite_house.engine) as connection:
        connection.execute(text("DROP TABLE feedback_dropped"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    taken = take_snapshot(sqlite_house.engine, tmp_path, lambda *_: None)
    assert taken.revision == "0007"
    assert "feedback_dropped" not in taken.rows
    assert taken.rows["channels"] == 2


def test_an_archive_of_a_newer_release_is_refused(sqlite_care: Care):
    with writing(sqlite_care.house.engine) as connection:
        ours = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        archive, _ = sqlite_care.keep()
    finally:  # which emptying the database for the next test leaves alone
        with writing(sqlite_care.house.engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": ours})
    with pytest.raises(ArchiveRefused, match="newer than this release"):
        restore(archive, sqlite_care.place(), nothing)


def test_a_restore_needs_nobody_else_on_the_database(
    care: Care, request: pytest.FixtureRequest
) -> None:
    archive, _ = care.keep()
    place = care.place()
    if place.database.startswith("sqlite"):
        Path(place.database.removeprefix("sqlite:///")).parent.mkdir()
        Path(place.database.removeprefix("sqlite:///") + "-wal").write_bytes(b"x")
        with pytest.raises(RestoreRefused, match="overwrites nothing"):
            restore(archive, place, nothing)
        return
    other = make_engine(place.database)
    with other.connect(), pytest.raises(RestoreRefused, match="Others are connected"):
        restore(archive, place, nothing)
    other.dispose()


def test_the_oldest_of_a_folder_are_those_to_remove(tmp_path: Path):
    for day in (3, 1, 2):
        moment = utcnow().replace(day=day, microsecond=0)
        (tmp_path / archive_name(moment)).touch()
    (tmp_path / "colporteur-mine.tar.gz").touch()
    assert [one.name[17:19] for one in older(tmp_path, 1)] == ["02", "01"]


def test_a_restore_reads_a_secret_key_and_makes_none(tmp_path: Path):
    environ = {"COLPORTEUR_DATA_DIR": str(tmp_path / "var")}
    assert load_settings(environ, tmp_path / "no.env", make_secret=False).secret_key == ""
    assert not (tmp_path / "var").exists()
    made = load_settings(environ, tmp_path / "no.env").secret_key
    again = load_settings(environ, tmp_path / "no.env", make_secret=False)
    assert again.secret_key == made


def test_a_hold_of_before_the_backup_gives_way_to_the_restores(sqlite_care: Care):
    with writing(sqlite_care.house.engine) as connection:
        brakes.suspend(connection, by="x", why="spam", now=sqlite_care.house.now)
    archive, _ = sqlite_care.keep()
    place = sqlite_care.place()
    restore(archive, place, nothing)
    engine = make_engine(place.database)
    with reading(engine) as connection:
        held = brakes.suspension(connection)
        assert held is not None
        assert held.by == "restore"
        assert connection.scalar(select(facts.c.value).where(facts.c.name == "restored"))
    engine.dispose()
    assert Path(place.database.removeprefix("sqlite:///")).stat().st_mode & 0o077 == 0


def made_up(folder: Path, files: dict[str, bytes], said: str = "", link: str = "") -> Path:
    """An archive whose manifest agrees with its files, whatever they are."""
    members = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    }
    manifest = {
        "colporteur": "0",
        "format": 1,
        "made_at": "2026-11-22T03:00:00+00:00",
        "revision": "0001",
        "key_mark": "",
        "settings": {},
        "settings_not_held": [],
        "rows": {"articles": 0},
        "files": members,
    }
    first = json.dumps(manifest).replace('"articles": 0', said or '"articles": 0').encode()
    path = folder / "made_up.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in {"manifest.json": first, **files}.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            if link and name == "manifest.json":
                header.type, header.linkname, header.size = tarfile.SYMTYPE, link, 0
            archive.addfile(header, io.BytesIO(data))
    return path


def test_an_archive_made_to_deceive_is_refused_in_a_sentence(tmp_path: Path):
    sound = sqlite3.connect(tmp_path / "sound")
    sound.execute("PRAGMA user_version = 1")
    sound.close()
    data = (tmp_path / "sound").read_bytes()
    deceiving: list[dict[str, Any]] = [
        {"files": {"database.sqlite": b"no database" * 99}},
        {"files": {"database.sqlite": data, "feeds/a": b"1", "feeds/a/b": b"2"}},
        {"files": {"database.sqlite": data, "feeds/" + "a" * 300: b"1"}},
        {"files": {"database.sqlite": data}, "said": '"articles": 1e999'},
        {"files": {"database.sqlite": data}, "link": "/etc/passwd"},
    ]
    for one in deceiving:
        with pytest.raises(ColporteurError):
            check(made_up(tmp_path, **one), nothing)


def test_a_restore_that_is_broken_off_leaves_nothing_that_sends(
    care: Care, monkeypatch: pytest.MonkeyPatch
):
    archive, _ = care.keep()
    place = care.place()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("colporteur.care.restoring.hold_restored", killed)
    with pytest.raises(KeyboardInterrupt):
        restore(archive, place, nothing)
    engine = make_engine(place.database)
    with pytest.raises(ServiceUnavailable, match="tables are at revision none"):
        require_current(engine)
    engine.dispose()


def test_what_a_backup_that_was_killed_left_behind_is_removed_a_day_later(sqlite_care: Care):
    left = sqlite_care.folder / f"{archive_name(utcnow())}.part"
    left.touch()
    sqlite_care.keep()
    assert left.exists()
    os.utime(left, (0, 0))
    sqlite_care.keep()
    assert not left.exists()


def test_a_backup_that_cannot_be_written_says_so(sqlite_care: Care):
    with pytest.raises(ServiceUnavailable, match="nowhere"):
        sqlite_care.keep("nowhere/kept.tar.gz")


def test_what_a_restore_that_was_killed_left_behind_is_removed_by_the_next(sqlite_care: Care):
    archive, _ = sqlite_care.keep()
    left = sqlite_care.folder / "place" / ".colporteur-restore-abc" / "keys"
    left.mkdir(parents=True)
    restore(archive, sqlite_care.place(), nothing)
    assert not left.parent.exists()
