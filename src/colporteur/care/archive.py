"""Archives as files: a gzipped tar whose first member says what the others are."""

import contextlib
import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from colporteur.care.manifest import MANIFEST, Manifest, Member, read_manifest, write_manifest
from colporteur.exceptions import ArchiveRefused, ServiceUnavailable

Advance = Callable[[int], object]
"""Told of each further byte that is done."""
_AT_ONCE = 1 << 20
_MANIFEST_AT_MOST = 1 << 22
_SQUEEZED = 4  # of 9: a third of the time of the usual 6, and 4 % larger
# tarfile reads numbers in headers with int(): ValueError.
_DAMAGED = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError)
_AWAY = (FileNotFoundError, IsADirectoryError, PermissionError)


def measured(path: Path) -> Member:
    """What a manifest says of a file."""
    with path.open("rb") as file:
        return Member(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def write_archive(
    path: Path, manifest: Manifest, files: Mapping[str, Path], advance: Advance
) -> None:
    """Write an archive that its owner alone may read; it is whole, or not there.

    Raises:
        ServiceUnavailable: it cannot be written.
    """
    half = path.with_name(f"{path.name}.part")
    try:
        opened = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        os.fchmod(opened, 0o600)
        with os.fdopen(opened, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_SQUEEZED) as archive:
                data = write_manifest(manifest)
                archive.addfile(_header(MANIFEST, len(data), manifest), io.BytesIO(data))
                for name, source in files.items():
                    header = _header(name, manifest.members[name].size, manifest)
                    with source.open("rb") as content:
                        archive.addfile(header, _Counted(content, advance))
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise ServiceUnavailable(
            f"{path} cannot be written: {error.strerror or error}.",
            cure="Make room, or name another place.",
        ) from error


@contextlib.contextmanager
def opened_archive(path: Path) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    """An archive to read from its beginning, and what it says of itself.

    Raises:
        ArchiveRefused: it is no archive of ours, or damaged.
    """
    try:
        file = path.open("rb")
    except _AWAY as error:
        raise ArchiveRefused(
            f"{path} cannot be read: {error.strerror}.", cure="Name a file that `backup` made."
        ) from None
    try:
        with file, tarfile.open(fileobj=file, mode="r:gz") as archive:
            first = archive.next()
            ours = first is not None and first.name == MANIFEST and first.isreg()
            content = archive.extractfile(first) if first and ours else None
            if content is None:
                raise ArchiveRefused(
                    f"{path} is no archive of Colporteur.", cure="Name a file that `backup` made."
                )
            yield read_manifest(content.read(_MANIFEST_AT_MOST)), archive
    except _DAMAGED as error:
        raise ArchiveRefused(
            f"{path} is cut or damaged: {error}.", cure="Take another archive."
        ) from error


def unpack(manifest: Manifest, archive: tarfile.TarFile, folder: Path, advance: Advance) -> None:
    """Write what an archive holds below a folder, each file as the manifest has it.

    Raises:
        ArchiveRefused: a file is missing, changed, or one that the manifest does not name.
    """
    missing = dict(manifest.members)
    while (header := archive.next()) is not None:
        member = missing.pop(header.name, None)
        if member is None or not header.isreg() or header.size != member.size:
            raise _changed(header.name)
        content = archive.extractfile(header)
        assert content is not None  # a regular file
        target = folder / header.name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if _written(content, target, advance) != member.sha256:
            raise _changed(header.name)
    if missing:
        raise _changed(next(iter(missing)))


def sync_folder(folder: Path) -> None:
    """Have what was renamed in a folder survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _written(content: IO[bytes], target: Path, advance: Advance) -> str:
    digest = hashlib.sha256()
    opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "wb") as file:
        while part := content.read(_AT_ONCE):
            digest.update(part)
            file.write(part)
            advance(len(part))
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _changed(name: str) -> ArchiveRefused:
    return ArchiveRefused(
        f"The archive is not what its manifest says: {name!r}.",
        cure="Take another archive: this one is damaged.",
    )


def _header(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    header.mtime = int(manifest.made_at.timestamp())
    return header


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], advance: Advance) -> None:
        super().__init__()
        self._file, self._advance = file, advance

    def read(self, size: int = -1, /) -> bytes:
        part = self._file.read(size)
        self._advance(len(part))
        return part
