"""Looks around: at the disks of this machine, and at the certificate that browsers are shown."""

import shutil
import socket
import ssl
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from colporteur.config import Settings
from colporteur.vitals.surroundings import Certificate, Disk

_ASKS_S = 5.0
_PROBLEM_AT_MOST = 200


def disks(settings: Settings) -> tuple[Disk, ...]:
    """The disks that an installation writes to on this machine, each once."""
    found: dict[int, Disk] = {}
    for folder in _folders(settings):
        try:
            device, usage = folder.stat().st_dev, shutil.disk_usage(folder)
        except OSError:
            continue
        found.setdefault(device, Disk(socket.gethostname(), str(folder), usage.free, usage.total))
    return tuple(found.values())


def certificate(site: str) -> Certificate | None:
    """The certificate of a site's address; None where it has none, or does not answer from here.

    The address is the operator's own, so it is asked wherever it is; nothing is sent to it.
    """
    parts = urlsplit(site)
    if parts.scheme != "https" or not parts.hostname:
        return None
    try:
        ends = _ends(parts.hostname, parts.port or 443)
    except ssl.SSLCertVerificationError as error:
        return Certificate(parts.hostname, None, error.verify_message[:_PROBLEM_AT_MOST])
    except (OSError, ValueError):
        return None
    return Certificate(parts.hostname, ends)


def _ends(host: str, port: int) -> datetime | None:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=_ASKS_S) as connection,
        context.wrap_socket(connection, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert() or {}
    ends = shown.get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else None


def _folders(settings: Settings) -> Iterator[Path]:
    wanted = [settings.data_dir, Path(tempfile.gettempdir())]
    if settings.database.startswith("sqlite:"):
        wanted.append(Path(settings.database.removeprefix("sqlite:///")).parent)
    if settings.outbox is not None:
        wanted.append(settings.outbox)
    for folder in wanted:
        resolved = folder.absolute()
        yield next(one for one in (resolved, *resolved.parents) if one.exists())
