"""The machine: Python, time zones, the clock, disks, and who can read what must not be read."""

import ctypes
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from colporteur.config import Settings
from colporteur.config.origins import Origin
from colporteur.doctor.judging.machine import Disk, Kept, Machine

_UNSYNCHRONISED = 0x0040  # STA_UNSYNC of <linux/timex.h>
_TIMEX_OCTETS = 512  # more than the kernel's struct timex has
_STATUS_AT = 40  # octets into it, where a long has 8: modes, offset, freq, maxerror, esterror
_MOUNTS = Path("/proc/mounts")


def look_at_machine(settings: Settings, origins: Sequence[Origin]) -> Machine:
    """Look at this machine; nothing is written but a file that is gone at once."""
    database = sqlite_file(settings)
    casablanca = datetime(2026, 11, 23, 7, tzinfo=ZoneInfo("Africa/Casablanca"))
    return Machine(
        python=sys.version_info[:3],
        tzdata=version("tzdata"),
        morning_in_casablanca=casablanca.astimezone(UTC),
        as_root=os.geteuid() == 0,
        synchronised=_synchronised(),
        disks=tuple(map(_disk, dict.fromkeys(_folders(settings)))),
        under_database=_disk(_there(database.parent)) if database else None,
        kept=tuple(_kept(settings, origins)),
    )


def sqlite_file(settings: Settings) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    url = settings.database
    return Path(url.removeprefix("sqlite:///").partition("?")[0]) if "sqlite" in url[:6] else None


def file_system(path: Path, mounts: str) -> str:
    """The kind of the file system that a path is on, by ``/proc/mounts``; '' where it tells none."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, at, found, *_ = [*line.split(" "), "", "", ""]
        where = Path(at.encode().decode("unicode_escape", "replace"))
        if at and len(where.parts) >= best and path.is_relative_to(where):
            best, kind = len(where.parts), found
    return kind


def _folders(settings: Settings) -> Iterable[Path]:
    database = sqlite_file(settings)
    if settings.embedded or database is not None:
        yield _there(settings.data_dir)
    if database is not None:
        yield _there(database.parent)
    if settings.outbox is not None:
        yield _there(settings.outbox)
    yield Path(tempfile.gettempdir())


def _there(folder: Path) -> Path:
    """The folder, or the one above it in which it will be made."""
    folder = folder.resolve()
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)


def _disk(folder: Path) -> Disk:
    usage, more = shutil.disk_usage(folder), os.statvfs(folder)
    mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace") if _MOUNTS.exists() else ""
    return Disk(
        folder=folder,
        kind=file_system(folder, mounts),
        free_octets=usage.free,
        total_octets=usage.total,
        free_files=more.f_favail if more.f_files else None,
        total_files=more.f_files,
        written=_can_write(folder),
    )


def _can_write(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"colporteur")
            file.flush()
    except OSError:
        return False
    return True


def _kept(settings: Settings, origins: Sequence[Origin]) -> Iterable[Kept]:
    data, database = settings.data_dir, sqlite_file(settings)
    if data.exists():
        yield _look(data, "the data folder")
    if (data / "secret_key").exists():
        yield _look(data / "secret_key", "the secret key")
    if database is not None and database.exists():
        yield _look(database, "the database, with the readers' addresses")
    if settings.outbox is not None and settings.outbox.exists():
        yield _look(settings.outbox, "the outbox")
    named = {one.file: one.variable for one in origins if one.file is not None and one.secret}
    for path, variable in named.items():
        if path.exists():
            yield _look(path, f"what {variable} holds")


def _look(path: Path, what: str) -> Kept:
    path = path.resolve()
    mode = path.stat().st_mode
    reached = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    opened = stat.S_IXOTH | stat.S_IROTH if path.is_dir() else stat.S_IROTH
    return Kept(
        path=path,
        what=what,
        read=reached and mode & opened == opened,
        changed=reached and bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX,
        handed=path.is_relative_to("/run"),
    )


def _synchronised() -> bool | None:
    """Whether something keeps the kernel's clock right (adjtimex, which only asks)."""
    if not sys.platform.startswith("linux") or ctypes.sizeof(ctypes.c_long) != 8:  # noqa: PLR2004
        return None
    room = ctypes.create_string_buffer(_TIMEX_OCTETS)
    try:
        said = ctypes.CDLL(None, use_errno=True).adjtimex(room)
    except (OSError, AttributeError):
        return None
    if said < 0:
        return None
    status = int.from_bytes(room.raw[_STATUS_AT : _STATUS_AT + 4], sys.byteorder)
    return not status & _UNSYNCHRONISED
