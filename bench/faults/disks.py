"""A small disk of a scenario's own: a tmpfs in a namespace, for which nobody need be root."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 64 * 1024
UNSHARED = ("unshare", "-Urm")
"""What a command is put behind so that it may mount, and nobody else sees what."""


@dataclass(frozen=True)
class Disk:
    """A folder with a disk to itself."""

    folder: Path

    def fill(self) -> None:
        """Leave no room on it."""
        with contextlib.suppress(OSError), (self.folder / "ballast").open("wb", 0) as ballast:
            while True:
                ballast.write(b"\0" * _BLOCK)

    def empty(self) -> None:
        """Give the room back."""
        (self.folder / "ballast").unlink()


@contextlib.contextmanager
def disk(folder: Path, room: int) -> Iterator[Disk]:
    """A disk with what a folder holds, and ``room`` bytes besides; within ``UNSHARED`` only."""
    own = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    kept = folder.with_suffix(".kept")
    shutil.copytree(folder, kept)
    _run("mount", "-t", "tmpfs", "-o", f"size={own + room}", "none", folder)
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", folder)


def can_mount() -> bool:
    """Whether this machine lets everyone have namespaces of their own."""
    tried = [*UNSHARED, "mount", "-t", "tmpfs", "none", "/mnt"]
    with contextlib.suppress(OSError):
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    return False


def _run(*command: object) -> None:
    subprocess.run([str(one) for one in command], check=True)


def unshared(command: Sequence[str]) -> int:
    """Run a command where it may mount; its exit code."""
    return subprocess.run([*UNSHARED, *command], check=False).returncode
