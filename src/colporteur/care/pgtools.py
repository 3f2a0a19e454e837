"""PostgreSQL's own programs, ``pg_dump`` and ``pg_restore``: they must be on this machine."""

import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from colporteur.config import with_variables
from colporteur.exceptions import ServiceUnavailable

_PLAIN = ("--no-owner", "--no-privileges")  # whoever restores it owns it


def dump(url: URL, path: Path, snapshot: str) -> None:
    """Write the database that an exported snapshot shows, compressed.

    Raises:
        ServiceUnavailable: there is no ``pg_dump``, or it failed.
    """
    _run("pg_dump", url, ["--format=custom", *_PLAIN, f"--snapshot={snapshot}", f"--file={path}"])


def restore(url: URL, path: Path) -> None:
    """Bring a dump back, whole or not at all.

    Raises:
        ServiceUnavailable: there is no ``pg_restore``, or it failed.
    """
    _run("pg_restore", url, [*_PLAIN, "--exit-on-error", "--single-transaction", str(path)])


def _run(program: str, url: URL, options: list[str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise ServiceUnavailable(
            f"{program} is not on this machine.",
            cure="Install PostgreSQL's programs (Debian: postgresql-client), "
            "or copy the database where it runs: docs/backup.md.",
        )
    shown = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603 - our own words, and no shell
        [found, f"--dbname={shown}", "--no-password", *options],
        env=with_variables(secret),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0] or f"exit code {done.returncode}"
        raise ServiceUnavailable(
            f"{program} failed: {said}",
            cure="Its release must be that of the server or newer, and the role must own the tables.",
        )
