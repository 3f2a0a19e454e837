"""What is wrong with the machine: its Python, zones, clock, disks, and open files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from colporteur.doctor.finding import Finding, note, unknown, warning, well, wrong

_PYTHONS = ((3, 11), (3, 13))
_MORNING = datetime(2026, 11, 23, 7, tzinfo=UTC)
_NETWORKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre"}
_NETWORKS |= {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "virtiofs", "prl_fs"}
_GIGA = 1024**3
_LITTLE, _NEARLY_NONE = 0.10, 0.03
_ENOUGH = 20 * _GIGA
"""A tenth of a large disk is no lack."""


@dataclass(frozen=True)
class Disk:
    """A folder's file system: its kind ('' unknown), and what is free of it."""

    folder: Path
    kind: str
    free_octets: int
    total_octets: int
    free_files: int | None  # None: it has no such limit
    total_files: int
    written: bool  # by us


@dataclass(frozen=True)
class Kept:
    """A file or folder that others may have no business with.

    ``read`` and ``changed``: whether any user of the machine can, all folders above it regarded.
    ``handed`` by what starts us (Docker's or systemd's secrets): nobody else is in there.
    """

    path: Path
    what: str
    read: bool
    changed: bool
    handed: bool = False


@dataclass(frozen=True)
class Machine:
    """What the machine is like."""

    python: tuple[int, int, int]
    tzdata: str
    morning_in_casablanca: datetime  # 07:00 there on 2026-11-23, in UTC
    as_root: bool
    synchronised: bool | None  # the clock, by the kernel's word; None: it does not tell
    disks: tuple[Disk, ...]
    under_database: Disk | None  # a SQLite file's; None: it is a server
    kept: tuple[Kept, ...]


def judge_machine(machine: Machine, *, real: bool) -> Iterator[Finding]:
    """The findings; ``real``: mail goes to a relay, so that more is at stake."""
    yield _python(machine.python)
    yield _zones(machine)
    yield _clock(machine)
    if machine.as_root and real:
        yield warning(
            "machine.user",
            "It runs as root, so that a fault in it would be one in the whole machine.",
            "Run it as a user of its own: docs/operators.md has the units.",
        )
    for disk in machine.disks:
        yield from judge_disk(disk)
    if machine.under_database is not None:
        yield from _networks(machine.under_database)
    yield from judge_kept(machine.kept, real=real)


def judge_disk(disk: Disk) -> Iterator[Finding]:
    """What is free of a file system, and whether we may write to it."""
    check = "machine.disk"
    if not disk.written:
        yield wrong(
            check, f"{disk.folder} cannot be written.", "Correct its owner, or free some of it."
        )
    free = disk.free_octets / max(disk.total_octets, 1)
    said = f"{disk.folder} has {disk.free_octets / _GIGA:.1f} GB free ({free:.0%})"
    cure = "Free some, or let less be kept: colporteur retention --dry-run."
    files = 1.0 if disk.free_files is None else disk.free_files / max(disk.total_files, 1)
    if files < _LITTLE:
        yield warning(check, f"{disk.folder} has room for {disk.free_files} files more.", cure)
    if free < _NEARLY_NONE and disk.free_octets < _GIGA:
        yield wrong(check, f"{said}.", cure)
    elif free < _LITTLE and disk.free_octets < _ENOUGH:
        yield warning(check, f"{said}.", cure)
    else:
        yield well(check, f"{said}.")


def judge_kept(kept: tuple[Kept, ...], *, real: bool) -> Iterator[Finding]:
    """Files that every user of the machine can read or change."""
    check = "secrets.files"
    amiss = 0
    for one in kept:
        if one.handed:  # what starts us keeps others out
            continue
        if one.changed:
            amiss += 1
            yield wrong(
                check,
                f"Every user of this machine can change {one.path}, {one.what}.",
                f"chmod o-rwx {one.path}",
            )
        elif one.read and not one.path.is_dir():
            amiss += 1
            say = warning if real or "secret" in one.what else note
            said = f"Every user of this machine can read {one.path}, {one.what}."
            yield say(check, said, f"chmod o-rwx {one.path}")
    if not amiss:
        yield well(check, "Nobody else can read or change what is secret.")


def _python(found: tuple[int, int, int]) -> Finding:
    said = ".".join(map(str, found))
    if _PYTHONS[0] <= found[:2] <= _PYTHONS[1]:
        return well("machine.python", f"Python {said}.")
    oldest, newest = (".".join(map(str, one)) for one in _PYTHONS)
    return wrong(
        "machine.python",
        f"Python {said} is none that Colporteur is tested with.",
        f"Take one from {oldest} to {newest}.",
    )


def _zones(machine: Machine) -> Finding:
    if machine.morning_in_casablanca == _MORNING:
        return well("machine.zones", f"Time zones are those of tzdata {machine.tzdata}.")
    return wrong(
        "machine.zones",
        f"The time zones of tzdata {machine.tzdata} are too old: they do not know that Morocco "
        "stays at UTC+0 from 2026-09-20 on.",
        "Install tzdata>=2026.3 beside Colporteur.",
    )


def _clock(machine: Machine) -> Finding:
    check = "clock.kept"
    if machine.synchronised is None:
        return unknown(check, "The kernel does not tell whether anything keeps its clock right.")
    if machine.synchronised:
        return well(check, "Something keeps this machine's clock right (NTP).")
    return note(
        check,
        "The kernel knows of nothing that keeps its clock right.",
        "Run chrony or systemd-timesyncd; in a container, on the machine around it.",
    )


def _networks(disk: Disk) -> Iterator[Finding]:
    if disk.kind in _NETWORKS:
        yield wrong(
            "database.disk",
            f"The SQLite database is on a network's file system ({disk.kind}, {disk.folder}), "
            "whose locks do not hold: it can be damaged.",
            "Put it on a disk of this machine, or move to PostgreSQL: colporteur move.",
        )
