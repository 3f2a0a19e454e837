"""Section polling: our web process against nginx and against a plain route, one core each."""

import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from bench.publishing import SIZES, make_house
from bench.serving import Figure, free_port, load, missing, serving

AGENT = "Feedly/1.0 (12 subscribers)"  # an aggregator, which nothing slows
_NGINX = """
worker_processes 1; daemon off; pid nginx.pid; error_log error.log;
{user}
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; gzip_static on;
  open_file_cache max=100; types {{ application/rss+xml rss; }} charset utf-8; charset_types *;
  client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .; uwsgi_temp_path .; scgi_temp_path .;
  add_header Cache-Control "public, max-age=300, stale-while-revalidate=600, stale-if-error=86400";
  add_header Link '<https://relais.example/feeds/actualites.rss>; rel="self", <https://relais.example/hub>; rel="hub"';
  add_header Access-Control-Allow-Origin "*";
  add_header Access-Control-Expose-Headers "ETag, Last-Modified, Link";
  add_header X-Content-Type-Options nosniff;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""
_PLAIN = '''
"""A plain route, as one writes it first: it reads the stored document and answers."""
import sqlite3, sys
from fastapi import FastAPI, Request, Response
import uvicorn

app = FastAPI()
database = sqlite3.connect(sys.argv[2], check_same_thread=False)
kept = {}

def read(name):
    query = "SELECT body_gzip, etag FROM documents WHERE path = ?"
    return database.execute(query, (f"feeds/{name}",)).fetchone()

@app.get("/feeds/{name}")
async def feed(name: str, request: Request) -> Response:
    if sys.argv[3] == "database" or name not in kept:
        kept[name] = read(name)
    body, etag = kept[name]
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag})
    headers = {"etag": etag, "content-encoding": "gzip"}
    return Response(body, media_type="application/rss+xml", headers=headers)

uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
'''


def section() -> None:
    """Requests a second and processor time a request, for 200 (gzip) and 304."""
    if absent := missing("nginx", "wrk", "taskset"):
        print(f"\nPolling: not measured, since {', '.join(absent)} is not installed.")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = make_house(folder)
        _measure(folder, environment)


def _measure(folder: Path, environment: dict[str, str]) -> None:
    database = environment["COLPORTEUR_DATABASE_URL"].removeprefix("sqlite:///")
    (folder / "plain.py").write_text(_PLAIN, encoding="utf-8")
    ours, nginx, kept, queried = (free_port() for _ in range(4))
    environment |= {"COLPORTEUR_PORT": str(ours)}
    web = [sys.executable, "-m", "colporteur.cli", "web"]
    plain = [sys.executable, "plain.py"]
    found: dict[str, dict[str, Figure]] = {}
    with serving(web, ours, folder, environment) as process:
        _copy_for_nginx(folder, ours)
        found["Colporteur"] = _figures(process, ours)
    configuration = _NGINX.format(port=nginx, root=folder / "www", user="user root;")
    (folder / "nginx.conf").write_text(configuration, encoding="utf-8")
    with serving(["nginx", "-p", str(folder), "-c", "nginx.conf"], nginx, folder) as process:
        found["nginx, static files"] = _figures(process, nginx)
    with serving([*plain, str(kept), database, "memory"], kept, folder) as process:
        found["FastAPI route, bytes in memory"] = _figures(process, kept)
    with serving([*plain, str(queried), database, "database"], queried, folder) as process:
        found["FastAPI route, bytes in SQLite"] = _figures(process, queried)
    _show(found)


def _figures(process: "subprocess.Popen[bytes]", port: int) -> dict[str, Figure]:
    found = {}
    for size in SIZES:
        url = f"http://127.0.0.1:{port}/feeds/{size}.rss"
        asked = {"User-Agent": AGENT, "Accept-Encoding": "gzip"}
        found[f"200, {size}"] = load(process, url, asked)
        with urllib.request.urlopen(urllib.request.Request(url, headers=asked)) as answer:
            etag = answer.headers["ETag"]
        found[f"304, {size}"] = load(process, url, asked | {"If-None-Match": etag})
    return found


def _copy_for_nginx(folder: Path, port: int) -> None:
    (folder / "www" / "feeds").mkdir(parents=True)
    folder.chmod(0o755)
    for size in SIZES:
        for coding, suffix in (("gzip", ".gz"), ("identity", "")):
            url = f"http://127.0.0.1:{port}/feeds/{size}.rss"
            asked = urllib.request.Request(url, headers={"Accept-Encoding": coding})
            with urllib.request.urlopen(asked) as answer:
                body = answer.read()
            (folder / "www" / "feeds" / f"{size}.rss{suffix}").write_bytes(body)
            if coding == "gzip":
                SIZES[size] = len(body)


def _show(found: dict[str, dict[str, Figure]]) -> None:
    ours = found["Colporteur"]
    for kind in ours:
        status, size = kind.split(", ")
        shown = f"{status}, {SIZES[size] / 1000:.0f} KB gzip"
        print(f"\nPolling: {shown}; one web process on one core")
        for name, figures in found.items():
            figure = figures[kind]
            print(
                f"  {name:<34} {figure.per_second:>9.0f} /s {figure.cpu_us:>8.1f} µs CPU"
                f"   ours is {ours[kind].per_second / figure.per_second:>6.2f} x"
            )
