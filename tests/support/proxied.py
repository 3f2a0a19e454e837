"""The shipped nginx configuration, run by the nginx of this machine."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from running import ROOT
from servers import free_port, wait_for_port

SHIPPED = ROOT / "worker" / "nginx"
_WHOLE = """
user root;
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log info;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxied;
    include {folder}/nginx/upstream-here.conf;
    include {folder}/nginx/site.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """nginx, serving."""

    http: int
    https: int
    certificate: Path
    log: Path
    acme: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.http}"

    @property
    def tls(self) -> str:
        return f"https://localhost:{self.https}"


def nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        raise RuntimeError("no nginx on PATH: `make test` installs it, from Debian's nginx")
    return found


@contextlib.contextmanager
def proxy(folder: Path, web: Sequence[int], certificates: Path) -> Iterator[Proxy]:
    """nginx with the shipped files; only ports, folders and how long feeds are kept are others."""
    made = Proxy(
        free_port(),
        free_port(),
        certificates / "fullchain.pem",
        folder / "access.log",
        folder / "acme",
    )
    moved = {
        "/etc/nginx/colporteur/": f"{folder}/nginx/",
        "/etc/nginx/certificates/": f"{certificates}/",
        "/var/lib/nginx/": f"{folder}/",
        "/var/lib/acme": f"{folder}/acme",
        "/var/log/nginx/": f"{folder}/",
        "410 10s": "410 1s",
        "127.0.0.1:8000": f"127.0.0.1:{web[0]}",
        "127.0.0.1:8001": f"127.0.0.1:{web[1]}",
    }
    (folder / "nginx").mkdir()
    for path in SHIPPED.glob("*.conf"):
        text = path.read_text(encoding="utf-8")
        for shipped, here in moved.items():
            text = text.replace(shipped, here)
        text = re.sub(r"listen \[::\].*\n", "", text)
        text = text.replace("listen 80 ", f"listen 127.0.0.1:{made.http} ")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{made.https} ")
        (folder / "nginx" / path.name).write_text(text, encoding="utf-8")
    whole = folder / "nginx.conf"
    whole.write_text(_WHOLE.format(folder=folder), encoding="utf-8")
    process = subprocess.Popen([nginx(), "-p", str(folder), "-c", str(whole)])
    try:
        wait_for_port(made.https, process)
        yield made
    finally:
        process.terminate()
        process.wait(10)
