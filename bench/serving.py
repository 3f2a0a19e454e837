"""Servers on one core each, and a load from another; what a request costs."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 5
CONNECTIONS = 16
SERVER_CORE, CLIENT_CORE = "0", "1"
_TICKS = os.sysconf("SC_CLK_TCK")
_REQUESTS = re.compile(r"(\d+) requests in ([\d.]+)(\w+)")


@dataclass(frozen=True)
class Figure:
    """What a server did for one kind of request."""

    per_second: float
    cpu_us: float  # of the server, per request


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(
    command: Sequence[str],
    port: int,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    pinned: bool = True,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on a port, on the servers' core, until the block ends."""
    whole = ["taskset", "-c", SERVER_CORE, *command] if pinned else [*command]
    inherited = {**os.environ, **(environment or {})}  # noqa: TID251 - handed on
    with (folder / "serving.log").open("ab") as log:
        process = subprocess.Popen(whole, cwd=folder, env=inherited, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def load(process: subprocess.Popen[bytes], url: str, headers: Mapping[str, str]) -> Figure:
    """Ask for a URL as fast as it is answered, from the clients' core; 200 and 304 alone count."""
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    wrk = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", *given, url]
    subprocess.run([*wrk, "-d1"], capture_output=True, check=True)  # warm
    before = _cpu(process.pid)
    done = subprocess.run([*wrk, f"-d{SECONDS}"], capture_output=True, text=True, check=True).stdout
    spent = _cpu(process.pid) - before
    found = _REQUESTS.search(done)
    if found is None or "Non-2xx or 3xx" in done or "Socket errors" in done:
        raise RuntimeError(f"{url} was not served:\n{done}")
    requests = int(found[1])
    return Figure(requests / SECONDS, spent / requests * 1e6)


def missing(*programs: str) -> list[str]:
    """Those of the programs that this machine has not."""
    return [name for name in programs if shutil.which(name) is None]


def _cpu(pid: int) -> float:
    """Seconds of processor time of a process and its children."""
    family = [pid, *_children(pid)]
    return sum(_own_cpu(one) for one in family)


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [one for child in text.split() for one in (int(child), *_children(int(child)))]


def _own_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")
