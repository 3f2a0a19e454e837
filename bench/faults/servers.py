"""Servers that can be killed, left out for a while, and started again where they stood."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import servers
from servers import free_port, wait_for_port
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

_ROOT = Path(__file__).resolve().parents[2]
_START_WITHIN_S = 60


class Server:
    """A process on a port of its own; its state lies in a folder and outlives it."""

    def __init__(
        self, command: Sequence[str], port: int, log: Path, user: str | None = None
    ) -> None:
        self.port = port
        self._command, self._log, self._user = [*command], log, user
        self._environment: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, **environment: str) -> None:
        """Start it, with what is to be different about its environment from now on."""
        self._environment |= environment
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd="/" if self._user else _ROOT,
                env={**os.environ, **self._environment},  # noqa: TID251 - handed on
                user=self._user,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for_port(self.port, self._process)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, and wait until it has ended."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(60)


class Sink(Server):
    """The relay of these tests (sink.py)."""

    def __init__(self, folder: Path, rate: float = 0) -> None:
        self.folder = folder
        port = free_port()
        command = [sys.executable, "-m", "bench.faults.sink", str(port), str(folder)]
        super().__init__(command, port, folder / "sink.log")
        self.order(rate)

    @property
    def url(self) -> str:
        """Its address as a relay."""
        return f"smtp://127.0.0.1:{self.port}"

    def order(self, rate: float, drops: float = 0.0, **more: float | str | bool) -> None:
        """Have it take ``rate`` messages a second (0: all), hang up at random, and more (sink.py)."""
        new = self.folder / "orders.new"
        new.write_text(json.dumps({"rate": rate, "drops": drops, **more}), encoding="utf-8")
        new.replace(self.folder / "orders")

    def accepted(self) -> list[tuple[str, str]]:
        """Recipient and Message-ID of every message that it ever took."""
        lines = self._lines("accepted")
        return [(one.partition("\t")[0], one.partition("\t")[2]) for one in lines]

    def count(self) -> int:
        """How many it took."""
        path = self.folder / "accepted"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def cut(self) -> int:
        """How many connections it cut."""
        return len(self._lines("cut"))

    def deferred(self) -> int:
        """How often it asked to come back later."""
        return len(self._lines("deferred"))

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


class Redis(Server):
    """Redis or Valkey; what it held is gone when it is killed, as with FLUSHALL."""

    def __init__(self, folder: Path) -> None:
        binary = (
            shutil.which("redis-server") or shutil.which("valkey-server") or servers.valkey_wheel()
        )
        port = free_port()
        own = ["--port", str(port), "--dir", str(folder), "--save", "", "--bind", "127.0.0.1"]
        super().__init__([binary, *own], port, folder / "redis.log")

    @property
    def url(self) -> str:
        """Its address as a broker."""
        return f"redis://127.0.0.1:{self.port}/0"


class PostgreSQL(Server):
    """A cluster with fsync on: what it said was committed is there after a kill."""

    def __init__(self, folder: Path) -> None:
        tools = servers.postgresql_tools()
        port, data = free_port(), folder / "data"
        servers.as_server(
            [tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]
        )
        own = ["-D", data, "-p", port, "-h", "127.0.0.1", "-k", folder, "-c", "max_connections=100"]
        command = [str(one) for one in [tools / "postgres", *own]]
        super().__init__(
            command,
            port,
            folder / "postgresql.log",
            servers.server_user(),
        )

    @property
    def url(self) -> str:
        """The address of its one database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self, **environment: str) -> None:
        """Start it, and wait until it has recovered."""
        super().start(**environment)
        deadline = time.monotonic() + _START_WITHIN_S
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not recover")
            time.sleep(0.1)

    def stop_immediately(self) -> None:
        """As ``pg_ctl stop -m immediate``: no checkpoint, nobody is asked to leave."""
        self.kill(signal.SIGQUIT)

    def _answers(self) -> bool:
        address = self.url.replace("postgresql:", "postgresql+psycopg:")
        engine = create_engine(address, poolclass=NullPool)
        with contextlib.suppress(OperationalError), engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            return True
        return False


@contextlib.contextmanager
def folder_for(*, postgresql: bool) -> Iterator[Path]:
    """A folder that the servers may write, also PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="faults", dir="/tmp") as name:
        path = Path(name)
        user = servers.server_user()
        if postgresql and user:
            os.chown(path, pwd.getpwnam(user).pw_uid, -1)
        yield path


def environment_for(
    folder: Path, database: str, broker: str | None, relay: str, **more: str
) -> dict[str, str]:
    """What Colporteur's processes are told."""
    said = {
        "COLPORTEUR_DATABASE_URL": database,
        "COLPORTEUR_MAIL_URL": relay,
        "COLPORTEUR_SECRET_KEY": "k" * 32,
        "COLPORTEUR_BASE_URL": "https://relais.example",
        "COLPORTEUR_DATA_DIR": str(folder / "var"),
        "COLPORTEUR_LEASE_SECONDS": "5",
        "REMAP_SIGTERM": "SIGQUIT",
        "PYTHONPATH": f"{_ROOT}/src:{_ROOT}",
    }
    return said | ({"COLPORTEUR_BROKER_URL": broker} if broker else {}) | more
