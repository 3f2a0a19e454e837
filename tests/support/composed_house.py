"""docker-compose.yml on this machine, without Docker: its commands, its environment, its servers.

Only what Docker itself would do is done in another way: variables are filled in, the names of
services become addresses of this machine, and servers come from its packages or PyPI's wheels.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from running import ROOT
from servers import postgresql_with_password, valkey_wheel, wait_for_port

COMPOSE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


def read(environment: Mapping[str, str]) -> dict[str, Any]:
    """The services, with their variables filled in.

    Raises:
        KeyError: one has no value and no default.
    """
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    services: dict[str, Any] = _filled(loaded["services"], environment)
    return services


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, environment) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, environment) for one in value]
    if not isinstance(value, str):
        return value

    def fill(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if name is None:
            return "$"
        return environment.get(name) or (rest if kind == "-" else environment[name])

    return _VARIABLE.sub(fill, value)


@dataclass
class Composed:
    """A folder, the services, and where those that addresses name are on this machine."""

    folder: Path
    services: dict[str, Any]
    ports: dict[str, int] = field(default_factory=dict)

    def here(self, text: str) -> str:
        """The same, with the addresses of this machine."""
        for name, port in self.ports.items():
            host, number = name.split(":")
            text = re.sub(
                rf"(?<=[/@]){re.escape(host)}(:{number})?(?=/|\?|$)", f"127.0.0.1:{port}", text
            )
        return text.replace("/publication", str(ROOT / "feeds"))

    def environment(self, service: str) -> dict[str, str]:
        """A container's: its own and its image's, nothing of this machine's but its programs."""
        own = self.services[service].get("environment", {})
        return {
            **{name: self.here(str(value)) for name, value in own.items()},
            "PATH": f"{Path(sys.executable).parent}:{self.folder}/bin:/usr/bin:/bin:/usr/sbin",
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once; the image is compiled when it is built
            "COLPORTEUR_PORT": str(self.ports.get(f"{service}:8000", 8000)),
            "COLPORTEUR_DATA_DIR": str(self.folder / "data"),
        }

    def command(self, service: str) -> list[str]:
        return [self.here(part) for part in self.services[service]["command"]]

    def execute(self, service: str, *command: str) -> str:
        """``docker compose exec SERVICE COMMAND``: what it printed; it must not fail."""
        done = subprocess.run(
            command,
            cwd=self.folder / "home",
            env=self.environment(service),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextlib.contextmanager
    def running(self, service: str, **changed: str) -> Iterator[subprocess.Popen[bytes]]:
        """A service in the background; what it writes is in its log."""
        with (self.folder / f"{service}.log").open("ab") as output:
            process = subprocess.Popen(
                self.command(service),
                cwd=self.folder / "home",
                env=self.environment(service) | changed,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            # Not softly: a worker waits 20 s for what may be under way, and tests/delivery ends
            # others so.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    @contextlib.contextmanager
    def servers(self) -> Iterator[None]:
        """PostgreSQL and Redis, each with the password and the settings of its service."""
        for name in ("bin", "home/worker", "data", "redis"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(ROOT / "worker" / "__init__.py", self.folder / "home" / "worker")
        if not shutil.which("redis-server"):
            found = shutil.which("valkey-server") or valkey_wheel()
            (self.folder / "bin" / "redis-server").symlink_to(found)
        port = self.ports["redis:6379"]
        shell, option, script = self.services["redis"]["command"]
        mine = f"--dir {self.folder}/redis --port {port} --bind 127.0.0.1"
        assert "--dir /data" in script
        self.services["redis"]["command"] = [shell, option, script.replace("--dir /data", mine)]
        database = self.services["postgresql"]["environment"]
        with (
            postgresql_with_password(
                self.ports["postgresql:5432"],
                user=database["POSTGRES_USER"],
                password=database["POSTGRES_PASSWORD"],
                database=database["POSTGRES_DB"],
            ),
            self.running("redis") as redis,
        ):
            wait_for_port(port, redis)
            yield

    def log(self, service: str) -> str:
        return (self.folder / f"{service}.log").read_text(encoding="utf-8")
