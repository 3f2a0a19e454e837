"""Real processes of Colporteur, for tests that go from end to end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from servers import free_port

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 60


@dataclass
class Installation:
    """A folder, its settings, and the processes started in it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    python: str = sys.executable

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()  # noqa: TID251 - PATH and coverage's own
            if not name.startswith("COLPORTEUR_")
        }
        own = {"COLPORTEUR_PORT": str(self.port), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        own["PYTHONDONTWRITEBYTECODE"] = ""  # compiled once, not by each of many processes
        return kept | own | self.settings

    def command(self, *words: str | Path) -> list[str]:
        return [self.python, "-m", "colporteur.cli", *map(str, words)]

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; what it printed and its exit code."""
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=WITHIN_S * 2,
            check=False,
        )

    @contextlib.contextmanager
    def running(self, command: Sequence[str], log: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process in the background, in a group of its own, ended with SIGTERM."""
        with (self.folder / f"{log}.log").open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            stop(process)

    @contextlib.contextmanager
    def up(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """``colporteur up``, serving."""
        with self.running(self.command("up", *options), "up") as process:
            self.wait_until_served(process)
            yield process

    def wait_until_served(self, process: subprocess.Popen[bytes]) -> None:
        def served() -> bool:
            assert process.poll() is None, self.log("up") + self.log("web")
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{self.url}/readyz").status_code == 200
            return False

        wait_for(served)

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""


def wait_for(condition: Callable[[], object], seconds: float = WITHIN_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.1)


def stop(process: subprocess.Popen[bytes], seconds: float = 30) -> int:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.returncode
