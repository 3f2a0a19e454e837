"""Postfix's own sink and source of mail, run from their files: the ground that we measure on."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from servers import wait_for_port

from bench.serving import free_port

_FETCHED = Path(__file__).resolve().parents[1] / ".programs"
SESSIONS = (1, 2, 4, 8, 16)
_BACKLOG = "256"


def postfix(program: str) -> str | None:
    """Where a program of Postfix's lies: fetched by the Makefile, or installed."""
    fetched = _FETCHED / "usr/sbin" / program
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"  # noqa: TID251 - where programs are
    return str(fetched) if fetched.exists() else shutil.which(program, path=path)


@contextlib.contextmanager
def smtp_sink() -> Iterator[int]:
    """Postfix's ``smtp-sink``, which takes everything and keeps nothing; its port."""
    program = postfix("smtp-sink")
    assert program is not None
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen(
        [program, *user, f"127.0.0.1:{port}", _BACKLOG],
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.kill()
        process.wait()


def smtp_source(port: int, octets: int, messages: int, sessions: Sequence[int] = SESSIONS) -> float:
    """Messages a second of Postfix's ``smtp-source``, connections kept: its best."""
    return max(_source_once(port, octets, messages, one) for one in sessions)


def _source_once(port: int, octets: int, messages: int, sessions: int) -> float:
    program = postfix("smtp-source")
    assert program is not None
    words = ["-d", "-m", messages, "-s", sessions, "-l", octets, f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run([program, *map(str, words)], env=_environment(), check=True)
    return messages / (time.perf_counter() - began)


def _environment() -> Mapping[str, str]:
    own = {"LD_LIBRARY_PATH": str(_FETCHED / "usr/lib/postfix")}
    return {**os.environ, **own}  # noqa: TID251 - handed on
