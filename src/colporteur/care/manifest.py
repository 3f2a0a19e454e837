"""What an archive says of itself: which database, of when, and what each file in it is. Pure.

The manifest is the archive's first member, as JSON. It holds no secret: passwords of servers
elsewhere are named, and are not in the archive at all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from colporteur.exceptions import ArchiveRefused

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE, POSTGRESQL = "database.sqlite", "database.pgdump"
SECRET_KEY, DKIM_KEY = "keys/secret_key", "keys/dkim.pem"
FOLDERS = ("feeds", "templates")
"""An operator's own, as the settings name them."""
_KNOWN = frozenset({SQLITE, POSTGRESQL, SECRET_KEY, DKIM_KEY})
_DATABASES = frozenset({SQLITE, POSTGRESQL})
_UNREADABLE = (LookupError, ArithmeticError, ValueError, TypeError, AttributeError, RecursionError)
_CURE = "Take another archive; `colporteur restore --check` says whether one is whole."


@dataclass(frozen=True)
class Member:
    """A file of an archive: its bytes and their SHA-256, in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds.

    ``revision`` is the schema's, ``rows`` are counted by table at the moment of the copy,
    ``settings`` those that are no secret, ``not_held`` the names of the others that were set,
    ``key_mark`` tells one secret key from another, and nothing more.
    """

    made_at: datetime
    version: str
    revision: str
    rows: Mapping[str, int]
    settings: Mapping[str, str]
    not_held: tuple[str, ...]
    key_mark: str
    members: Mapping[str, Member]

    @property
    def database(self) -> str:
        """Which of its members is the database."""
        return next(name for name in self.members if name in _DATABASES)

    @property
    def size(self) -> int:
        """Bytes of all its members."""
        return sum(one.size for one in self.members.values())


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest as JSON that people can read too."""
    said = {
        "colporteur": manifest.version,
        "format": FORMAT,
        "made_at": manifest.made_at.isoformat(),
        "revision": manifest.revision,
        "key_mark": manifest.key_mark,
        "settings": dict(manifest.settings),
        "settings_not_held": list(manifest.not_held),
        "rows": dict(manifest.rows),
        "files": {
            name: {"size": one.size, "sha256": one.sha256} for name, one in manifest.members.items()
        },
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def read_manifest(data: bytes) -> Manifest:
    """What ``write_manifest`` wrote.

    Raises:
        ArchiveRefused: it is no manifest, of a newer format, or names files that it may not.
    """
    try:
        said = json.loads(data)
        if said["format"] != FORMAT:
            raise ArchiveRefused(
                "The archive has a form that this release does not know.",
                cure=f"Restore it with Colporteur {said['colporteur']} or later.",
            )
        found = _manifest(said)
    except _UNREADABLE as error:
        raise ArchiveRefused("The archive's manifest cannot be read.", cure=_CURE) from error
    _require_known(found)
    return found


def _manifest(said: Mapping[str, Any]) -> Manifest:
    made_at = datetime.fromisoformat(said["made_at"])
    if made_at.tzinfo is None:
        raise ValueError("an instant must know its zone")
    return Manifest(
        made_at=made_at,
        version=str(said["colporteur"]),
        revision=str(said["revision"]),
        rows={str(name): int(count) for name, count in said["rows"].items()},
        settings={str(name): str(value) for name, value in said["settings"].items()},
        not_held=tuple(map(str, said["settings_not_held"])),
        key_mark=str(said["key_mark"]),
        members={
            str(name): Member(int(one["size"]), str(one["sha256"]))
            for name, one in said["files"].items()
        },
    )


def _require_known(manifest: Manifest) -> None:
    if len(_DATABASES & manifest.members.keys()) != 1:
        raise ArchiveRefused("The archive holds no database, or two.", cure=_CURE)
    for name, one in manifest.members.items():
        if one.size < 0 or not (name in _KNOWN or _lies_in_a_folder(name)):
            raise ArchiveRefused(f"The archive names a file {name!r}: it is not ours.", cure=_CURE)


def _lies_in_a_folder(name: str) -> bool:
    """Whether a name leads to a file of one of the folders, and not out of it."""
    path = PurePosixPath(name)
    plain = "\\" not in name and str(path) == name and ".." not in path.parts
    return plain and len(path.parts) > 1 and path.parts[0] in FOLDERS
