"""Brings an archive back to an empty place, with sending held.

Nothing is overwritten: neither a database, nor a key, nor a folder. Everything is checked and
prepared beside its place first; the database comes last, so that where it is, all is.
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from colporteur.care import pgtools
from colporteur.care.archive import Advance, opened_archive, sync_folder, unpack
from colporteur.care.gaps import leave_gaps
from colporteur.care.keeping import key_mark
from colporteur.care.manifest import DKIM_KEY, FOLDERS, SECRET_KEY, SQLITE, Manifest
from colporteur.care.snapshots import count_rows, require_sound
from colporteur.config import SECRET_FILE, Settings
from colporteur.db import database_now, make_engine, reading, writing
from colporteur.db.migrate import knows, migrate
from colporteur.editions.since_backup import hold_restored, restored
from colporteur.exceptions import ArchiveRefused, RestoreRefused, ServiceUnavailable

_WORKSHOP = ".colporteur-restore-"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_SAY_REVISION = text("INSERT INTO alembic_version (version_num) VALUES (:revision)")
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"


@dataclass(frozen=True)
class Brought:
    """What was brought back: of which moment, and where the keys and folders are now."""

    manifest: Manifest
    placed: dict[str, Path]


def check(path: Path, advance: Advance) -> Manifest:
    """Read an archive to its end, and its database's pages; change nothing.

    Raises:
        ArchiveRefused: it is not whole, or of a newer release.
    """
    with _room(None), tempfile.TemporaryDirectory(prefix=_WORKSHOP) as name:
        return _unpacked(path, Path(name), advance)


def restore(path: Path, settings: Settings, advance: Advance) -> Brought:
    """Bring an archive back as these settings say. The caller sees that no other does at once.

    Raises:
        ArchiveRefused: it is not whole, or of a newer release.
        RestoreRefused: something is there already, or its links could not be read here.
        ServiceUnavailable: the place cannot be written, or the database not be reached.
    """
    engine = make_engine(settings.database)
    try:
        with _room(settings.data_dir):
            return _restored(path, settings, engine, advance)
    finally:
        engine.dispose()


@contextlib.contextmanager
def _room(folder: Path | None) -> Iterator[None]:
    """Say in a sentence that a place is full, or takes no such file."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder or tempfile.gettempdir()
        raise ServiceUnavailable(
            f"{str(where)!r} cannot be written: {error.strerror or error}.",
            cure="Make room, or restore elsewhere: COLPORTEUR_DATA_DIR.",
        ) from error


def hold_recovered(engine: Engine, moment: datetime) -> None:
    """Do for a database that was brought back by other means what a restore does for its own.

    Its sending is held, and its ids go on much higher.

    Raises:
        RestoreRefused: the moment is to come, or its restore waits to be released already.
    """
    with writing(engine) as connection:
        now = database_now(connection)
        if moment > now:
            raise RestoreRefused(
                f"{moment:%Y-%m-%d %H:%M} UTC is to come.", cure="Give the moment it is of."
            )
        if restored(connection) is not None:
            raise RestoreRefused(
                "It is held after a restore already.", cure="`colporteur release` goes on."
            )
        hold_restored(connection, moment, now)
        leave_gaps(connection, now)


def _restored(path: Path, settings: Settings, engine: Engine, advance: Advance) -> Brought:
    file = Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None
    _require_kind(path, sqlite=file is not None)
    folder = file.absolute().parent if file else settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_WORKSHOP}*"):  # keys too, of a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    if file:
        _require_nothing(file)
    else:
        _require_empty(engine)
    with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=folder) as name:
        workshop = Path(name)
        manifest = _unpacked(path, workshop, advance)
        _require_key(manifest, settings)
        placed = _place_files(manifest, settings, workshop)
        if file:
            _bring_sqlite(manifest, workshop / SQLITE, file)
        else:
            engine.dispose()  # nobody but pg_restore is connected
            pgtools.restore(engine.url, workshop / manifest.database)
            _make_safe(engine, manifest, says_revision=False)
    return Brought(manifest, placed)


def _unpacked(path: Path, workshop: Path, advance: Advance) -> Manifest:
    with opened_archive(path) as (manifest, archive):
        if not knows(manifest.revision):
            raise ArchiveRefused(
                f"The archive is of Colporteur {manifest.version}, which is newer than this release.",
                cure="Install that one first.",
            )
        free = shutil.disk_usage(workshop).free
        if free < manifest.size:
            raise ServiceUnavailable(
                f"{workshop.parent} has {free // 2**20} MB left, and the archive needs "
                f"{manifest.size // 2**20} MB.",
                cure="Make room, or restore elsewhere: COLPORTEUR_DATA_DIR.",
            )
        unpack(manifest, archive, workshop, advance)
    if manifest.database == SQLITE:
        require_sound(workshop / SQLITE)
    return manifest


def _require_kind(path: Path, *, sqlite: bool) -> None:
    with opened_archive(path) as (manifest, _):
        if (manifest.database == SQLITE) != sqlite:
            kind = "SQLite" if manifest.database == SQLITE else "PostgreSQL"
            raise RestoreRefused(
                f"The archive holds a database of {kind}, and COLPORTEUR_DATABASE_URL names another.",
                cure="Restore it to its own kind; `colporteur move` goes from SQLite to PostgreSQL.",
            )


def _require_nothing(path: Path) -> None:
    for there in (path, *(path.with_name(f"{path.name}-{log}") for log in ("wal", "journal"))):
        if there.exists():
            raise RestoreRefused(
                f"{there} exists: a restore overwrites nothing.",
                cure="Stop what runs on it and move it away, "
                "or restore elsewhere: COLPORTEUR_DATA_DIR.",
            )


def _require_empty(engine: Engine) -> None:
    with reading(engine) as connection:
        if connection.scalar(text(_TABLES)):
            raise RestoreRefused(
                f"The database {engine.url.database} has tables: a restore overwrites nothing.",
                cure="Make an empty one, with createdb.",
            )
        if connection.scalar(text(_OTHERS)):
            raise RestoreRefused(
                f"Others are connected to the database {engine.url.database}.",
                cure="Stop web, workers and beat until it is restored.",
            )


def _require_key(manifest: Manifest, settings: Settings) -> None:
    held = SECRET_KEY in manifest.members
    if not settings.secret_key:
        if not held:
            raise RestoreRefused(
                "The archive holds no secret key, and none is set.",
                cure="Set COLPORTEUR_SECRET_KEY to the one of then: without it no link works "
                "in mails that were sent, and nobody's second factor.",
            )
        return
    if manifest.key_mark not in map(key_mark, settings.secret_keys):
        raise RestoreRefused(
            "The secret key here is another than the archive's: links in mails that were sent, "
            "second factors and webhooks' secrets could not be read.",
            cure=f"Set COLPORTEUR_SECRET_KEY to the one of then; unset it, and move {SECRET_FILE} "
            "in the data folder away, to get it from the archive."
            if held
            else "Set COLPORTEUR_SECRET_KEY to the one of then.",
        )


def _place_files(manifest: Manifest, settings: Settings, workshop: Path) -> dict[str, Path]:
    wanted: dict[str, Path] = {}
    if SECRET_KEY in manifest.members and not settings.secret_key:
        wanted[SECRET_KEY] = settings.data_dir / SECRET_FILE
    if DKIM_KEY in manifest.members and not settings.dkim_key:
        wanted[DKIM_KEY] = settings.data_dir / Path(DKIM_KEY).name
    for name in FOLDERS:
        if (workshop / name).is_dir() and not getattr(settings, name):
            wanted[name] = settings.data_dir / name
    wanted = {name: place for name, place in wanted.items() if not _same(workshop / name, place)}
    for place in wanted.values():
        if place.exists():
            raise RestoreRefused(
                f"{place} exists: a restore overwrites nothing.", cure="Move it away."
            )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for name, place in wanted.items():
        shutil.move(workshop / name, place)
    return wanted


def _same(one: Path, other: Path) -> bool:
    """Whether a file is there already: a restore that was broken off had brought it."""
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _bring_sqlite(manifest: Manifest, prepared: Path, place: Path) -> None:
    """Prepare the file beside its place, and give it its name when it is held."""
    engine = make_engine(f"sqlite:///{prepared}")
    try:
        _make_safe(engine, manifest)
    finally:
        engine.dispose()
    with closing(sqlite3.connect(prepared)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # all is in the one file that is moved
    try:
        os.link(prepared, place)  # unlike a rename, it overwrites nothing
    except FileExistsError:
        raise RestoreRefused(
            f"{place} exists: a restore overwrites nothing.", cure="Move it away."
        ) from None
    sync_folder(place.parent)


def _make_safe(engine: Engine, manifest: Manifest, *, says_revision: bool = True) -> None:
    """Check what was brought, bring it to this release's tables, and hold its sending.

    Nothing of ours runs on tables that do not say of which revision they are: so whoever breaks
    a restore off leaves none that sends what had left already.
    """
    with writing(engine) as connection:
        _require_rows(connection, manifest)
        hold_restored(connection, manifest.made_at, database_now(connection))
        if not says_revision:
            connection.execute(_SAY_REVISION, {"revision": manifest.revision})
    migrate(engine)
    with writing(engine) as connection:
        leave_gaps(connection, database_now(connection))


def _require_rows(connection: Connection, manifest: Manifest) -> None:
    found = count_rows(connection, manifest.rows.keys())
    wrong = sorted(name for name, count in manifest.rows.items() if found.get(name) != count)
    if wrong:
        raise ArchiveRefused(
            f"The archive's database has other rows than its manifest says: {', '.join(wrong)}.",
            cure="Take another archive: this one is damaged.",
        )
