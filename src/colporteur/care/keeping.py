"""Makes an archive of a running installation: database, keys, and the operator's own folders."""

import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from colporteur import __version__
from colporteur.care.archive import Advance, measured, write_archive
from colporteur.care.manifest import DKIM_KEY, FOLDERS, SECRET_KEY, Manifest
from colporteur.care.snapshots import Progress, Snapshot, take_snapshot
from colporteur.config import PREFIX, Settings
from colporteur.exceptions import ServiceUnavailable
from colporteur.tokens import fingerprint

_SAID = (
    *("base_url", "bounce_domain", "dkim_domain", "dkim_selector", "feedback_listen"),
    *("host", "port", "trusted_proxies", "log_level", "lease_seconds"),
)
"""Settings that are no secret and are the same wherever the installation is brought back."""
_ARCHIVES = "colporteur-????????T??????Z.tar.gz"
_WORKSHOP = ".colporteur-backup-"
_LEFT_FOR = timedelta(days=1)
_SPACE_BESIDE = 2  # the copy and its archive, both of them there for a moment


def archive_name(moment: datetime) -> str:
    """A name that tells when it was made; in the order of time."""
    return f"colporteur-{moment:%Y%m%dT%H%M%SZ}.tar.gz"


def key_mark(secret_key: str) -> str:
    """What tells one secret key from another without telling what it is."""
    return fingerprint(secret_key, "backup", "key")


def keep(
    engine: Engine,
    settings: Settings,
    path: Path,
    *,
    with_keys: bool,
    copying: Progress,
    packing: Advance,
    now: datetime,
) -> Manifest:
    """Write an archive while the installation goes on; what is in it.

    Raises:
        ServiceUnavailable: the database cannot be read, or the archive not written.
    """
    try:
        _sweep(path.parent, now)
        _require_room(settings, path.parent)
        with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=path.parent) as name:
            workshop = Path(name)
            snapshot = take_snapshot(engine, workshop, copying)
            files = {snapshot.name: snapshot.path}
            files |= _keys(settings, workshop) if with_keys else {}
            files |= _own_folders(settings, workshop)
            manifest = _manifest(settings, snapshot, files)
            write_archive(path, manifest, files, packing)
    except OSError as error:  # a full disk, or a file of the operator's that nobody may read
        raise ServiceUnavailable(
            f"{str(error.filename or path)!r}: {error.strerror or error}.",
            cure="Make room, or name another place.",
        ) from error
    return manifest


def older(folder: Path, keep_newest: int) -> list[Path]:
    """The archives in a folder beyond the newest so many: those that this command named."""
    found = sorted(folder.glob(_ARCHIVES), reverse=True)
    return found[keep_newest:]


def _manifest(settings: Settings, snapshot: Snapshot, files: Mapping[str, Path]) -> Manifest:
    given = {name: getattr(settings, name) for name in sorted(settings.model_fields_set)}
    secret = SECRET_KEY in files
    held = {"secret_key": secret, "secret_key_fallbacks": secret, "dkim_key": DKIM_KEY in files}
    held |= {name: any(one.startswith(f"{name}/") for one in files) for name in FOLDERS}
    held |= {name: name in _SAID for name in given if name not in held}
    return Manifest(
        made_at=snapshot.moment,
        version=__version__,
        revision=snapshot.revision,
        rows=snapshot.rows,
        settings={_variable(one): str(given[one]) for one in _SAID if one in given},
        not_held=tuple(_variable(one) for one in given if not held[one]),
        key_mark=key_mark(settings.secret_key),
        members={name: measured(source) for name, source in files.items()},
    )


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def _keys(settings: Settings, workshop: Path) -> dict[str, Path]:
    keys = "\n".join(settings.secret_keys)  # those of before too: links in older mails have them
    found = {SECRET_KEY: keys, DKIM_KEY: settings.dkim_key}
    written = {}
    for name, value in found.items():
        if value:
            written[name] = workshop / Path(name).name
            written[name].write_text(f"{value}\n", encoding="utf-8")
    return written


def _own_folders(settings: Settings, workshop: Path) -> dict[str, Path]:
    """Copies of the files of the publication's and the templates' folders, if they are own ones."""
    found = {}
    for name in FOLDERS:
        folder = Path(getattr(settings, name)) if getattr(settings, name) else None
        for source in sorted(folder.rglob("*")) if folder else ():
            if source.is_symlink() or not source.is_file():
                continue  # what a link leads to is kept where it is
            assert folder is not None
            inside = f"{name}/{source.relative_to(folder).as_posix()}"
            found[inside] = workshop / inside
            found[inside].parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, found[inside])
    return found


def _require_room(settings: Settings, folder: Path) -> None:
    if not settings.database.startswith("sqlite:///"):
        return  # a dump is much smaller than its database, and nobody knows by how much
    size = Path(settings.database.removeprefix("sqlite:///")).stat().st_size
    free = shutil.disk_usage(folder).free
    if free < size * _SPACE_BESIDE:
        raise ServiceUnavailable(
            f"{folder} has {free // 2**20} MB left, and the copy needs about "
            f"{size * _SPACE_BESIDE // 2**20} MB for a moment.",
            cure="Make room, or name another place.",
        )


def _sweep(folder: Path, now: datetime) -> None:
    """Remove what a backup that was killed left behind, a day later."""
    try:
        for left in (*folder.glob(f"{_WORKSHOP}*"), *folder.glob(f"{_ARCHIVES}.part")):
            if left.stat().st_mtime >= (now - _LEFT_FOR).timestamp():
                continue
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    except OSError as error:
        raise ServiceUnavailable(
            f"{folder} cannot be written: {error.strerror}.", cure="Name another place."
        ) from None
