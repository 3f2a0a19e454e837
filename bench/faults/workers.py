"""Colporteur's own processes, and the supervisor that starts anew those that ended."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_LOOK_EVERY_S = 0.2
CHILDREN = 2  # sending processes of a worker


def worker(number: int, children: int = CHILDREN) -> list[str]:
    """The command of a worker of two processes, as an operator starts it."""
    name = ["-n", f"w{number}@%h", "-c", str(children), "--loglevel", "info"]
    return [sys.executable, "-m", "celery", "-A", "worker", "worker", *name]


def beat() -> list[str]:
    """The command of the clock."""
    return [sys.executable, "-m", "celery", "-A", "worker", "beat", "--loglevel", "info"]


def embedded() -> list[str]:
    """The command that is everything in one process."""
    return [sys.executable, "-m", "colporteur.cli", "up"]


@dataclass
class Kept:
    """A process that is to run, and the one that does at present."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    wanted: bool = True


@dataclass
class Supervisor:
    """Keeps processes running, as systemd or Docker would."""

    folder: Path
    environment: Mapping[str, str]
    kept: dict[str, Kept] = field(default_factory=dict)
    unexpected: int = 0  # ends that nobody here brought about
    _done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._watch = threading.Thread(target=self._keep, daemon=True)
        self._watch.start()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process, and again whenever it ends."""
        with self._lock:
            self.kept[name] = Kept(name, command, self._start(name, command))

    def kill(self, name: str) -> None:
        """SIGKILL to a process and its children; the supervisor starts it anew."""
        with self._lock:
            one = self.kept[name]
            _kill_group(one.process)
            one.process.wait()
            one.process = self._start(name, one.command)

    def kill_child(self, chance: random.Random) -> bool:
        """SIGKILL to one child of some worker's pool: its parent has to notice and replace it."""
        with self._lock:
            workers = [one for name, one in self.kept.items() if name.startswith("worker")]
            found = [child for one in workers for child in children(one.process.pid)]
            if not found:
                return False
            os.kill(chance.choice(found), signal.SIGKILL)
            return True

    def terminate(self, name: str) -> tuple[int, float]:
        """SIGTERM, as a restart by hand; its exit code and the seconds until its end."""
        with self._lock:
            one = self.kept[name]
            one.wanted = False
        began = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        try:
            code = one.process.wait(60)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
            _kill_group(one.process)
            one.process.wait()
        took = time.monotonic() - began
        with self._lock:
            one.process, one.wanted = self._start(name, one.command), True
        return code, took

    def kill_all(self, *, again: bool = True) -> None:
        """SIGKILL to everything; without ``again`` it stays so until ``start_all``."""
        with self._lock:
            for one in self.kept.values():
                one.wanted = again
                _kill_group(one.process)
                one.process.wait()
            if again:
                self.start_all()

    def start_all(self) -> None:
        """Start whatever does not run."""
        with self._lock:
            for name, one in self.kept.items():
                if one.process.poll() is not None:
                    one.process, one.wanted = self._start(name, one.command), True

    def close(self) -> None:
        """End them all, without ceremony."""
        self._done.set()
        if self._watch.is_alive():
            self._watch.join()
        for one in self.kept.values():
            _kill_group(one.process)
            one.process.wait()

    def log(self, name: str) -> str:
        """What a process printed, in all its lives."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _start(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        kept = os.environ.items()  # noqa: TID251 - handed on, but for settings of the outside
        inherited = {k: v for k, v in kept if not k.startswith("COLPORTEUR_")}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=inherited | dict(self.environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while not self._done.wait(_LOOK_EVERY_S):
            with self._lock:
                for name, one in self.kept.items():
                    if one.wanted and one.process.poll() is not None:
                        self.unexpected += 1
                        _kill_group(one.process)
                        one.process = self._start(name, one.command)


def children(pid: int) -> list[int]:
    """The pool's processes of a worker; none for one that is gone."""
    try:
        said = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(one) for one in said.split()]


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
