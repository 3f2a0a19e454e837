"""PostgreSQL's own programs, ``pg_dump`` and ``pg_restore``: they must be on this machine."""

import re
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from colporteur.config import with_variables
from colporteur.exceptions import ServiceUnavailable

_REVISION = re.compile(r" TABLE DATA \S+ alembic_version ")
_PLAIN = ("--no-owner", "--no-privileges")  # whoever restores it owns it


def dump(url: URL, path: Path, snapshot: str) -> None:
    """Write the database that an exported snapshot shows, compressed.

    Raises:
        ServiceUnavailable: there is no ``pg_dump``, or it failed.
    """
    options = ["--format=custom", *_PLAIN, f"--snapshot={snapshot}", f"--file={path}"]
    _run("pg_dump", options, url)


def restore(url: URL, path: Path) -> None:
    """Bring a dump back, whole or not at all, but for the row that says of which revision it is.

    So nothing of ours runs on it before the caller has written that.

    Raises:
        ServiceUnavailable: there is no ``pg_restore``, or it failed.
    """
    entries = _run("pg_restore", ["--list", str(path)]).splitlines()
    wanted = path.with_name(f"{path.name}.list")
    wanted.write_text(
        "\n".join(line for line in entries if not _REVISION.search(line)), encoding="utf-8"
    )
    options = ["--exit-on-error", "--single-transaction", f"--use-list={wanted}", str(path)]
    _run("pg_restore", [*_PLAIN, *options], url)


def _run(program: str, options: list[str], url: URL | None = None) -> str:
    found = shutil.which(program)
    if found is None:
        raise ServiceUnavailable(
            f"{program} is not on this machine.",
            cure="Install PostgreSQL's programs (Debian: postgresql-client), "
            "or copy the database where it runs: docs/backup.md.",
        )
    shown = url and url.set(drivername="postgresql", password=None)
    where = [f"--dbname={shown.render_as_string(hide_password=False)}"] if shown else []
    secret = {"PGPASSWORD": str(url.password)} if url and url.password else {}
    done = subprocess.run(  # noqa: S603 - our own words, and no shell
        [found, *where, "--no-password", *options],
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
    return done.stdout
