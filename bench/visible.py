"""Section visible: from the API's 201 to the new bytes on both of two web processes."""

import contextlib
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpcore
from servers import postgresql_server, redis_server

from bench.publishing import publication
from bench.serving import free_port, serving
from colporteur.db import make_engine, writing
from colporteur.db.migrate import migrate
from colporteur.publication.revisions import apply
from colporteur.staff import people, tokens
from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope

_CHANNELS = 200
_ARTICLES = 100
_LOOK_S = 0.005
_LIMIT_S = 1.0


def section() -> None:
    """One article at a time into one of 200 channels, on PostgreSQL and Redis."""
    with (
        postgresql_server() as postgresql,
        redis_server() as redis,
        tempfile.TemporaryDirectory() as name,
        contextlib.ExitStack() as running,
    ):
        token = _make_house(postgresql)
        environment = {
            "COLPORTEUR_DATABASE_URL": postgresql,
            "COLPORTEUR_BROKER_URL": redis,
            "COLPORTEUR_SECRET_KEY": "k" * 32,
            "COLPORTEUR_BASE_URL": "https://relais.example",
            "COLPORTEUR_MAIL_URL": "smtp://localhost:1",
        }
        webs = [free_port(), free_port()]
        colporteur = [sys.executable, "-m", "colporteur.cli"]
        for port in webs:
            own = environment | {"COLPORTEUR_PORT": str(port)}
            running.enter_context(
                serving([*colporteur, "web"], port, Path(name), own, pinned=False)
            )
        for role in (["worker"], ["worker", "--beat"]):
            running.enter_context(
                serving([*colporteur, *role], webs[0], Path(name), environment, pinned=False)
            )
        _show(_measure(webs, token))


def _make_house(url: str) -> str:
    engine = make_engine(url)
    migrate(engine)
    now = datetime.now(UTC)  # noqa: TID251 - the bench is an edge
    with writing(engine) as connection:
        said = publication([f"canal-{number}" for number in range(_CHANNELS)], limit=30)
        apply(connection, said, by="bench", why="bench", now=now)
        person, _ = people.add(
            connection, "bench@relais.example", name=None, role=Role.EDITOR, now=now
        )
        text, _ = tokens.mint(connection, person.id, "bench", [Scope.ARTICLES_WRITE], now)
    engine.dispose()
    return text


def _measure(webs: list[int], token: str) -> list[float]:
    chance = random.Random(1)
    with httpcore.ConnectionPool() as pool:
        _wait_for_feeds(pool, webs)
        found = []
        for number in range(_ARTICLES):
            slug = f"canal-{chance.randrange(_CHANNELS)}"
            urls = [f"http://127.0.0.1:{port}/feeds/{slug}.json" for port in webs]
            before = [_etag(pool, url) for url in urls]
            _post(pool, webs[number % 2], token, slug, number)
            began = time.perf_counter()
            waiting = dict(zip(urls, before, strict=True))
            while waiting:
                waiting = {
                    url: etag for url, etag in waiting.items() if _etag(pool, url, etag) == etag
                }
                time.sleep(_LOOK_S if waiting else 0)
            found.append(time.perf_counter() - began)
    return found


def _post(pool: httpcore.ConnectionPool, port: int, token: str, slug: str, number: int) -> None:
    body = f'{{"id": "bench-{number}", "title": "Article {number}", "body": "Du texte. Et encore.",'
    body += f' "channels": ["{slug}"]}}'
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}/api/v1/articles"
    answer = pool.request("POST", url, headers=list(headers.items()), content=body.encode())
    if answer.status != 201:  # noqa: PLR2004
        raise RuntimeError(f"{answer.status}: {answer.content.decode()}")


def _etag(pool: httpcore.ConnectionPool, url: str, known: str = '"none"') -> str:
    answer = pool.request("GET", url, headers=[("If-None-Match", known)])
    return dict(answer.headers).get(b"etag", b"").decode()


def _wait_for_feeds(pool: httpcore.ConnectionPool, webs: list[int]) -> None:
    last = f"feeds/canal-{_CHANNELS - 1}.json"
    deadline = time.monotonic() + 120
    for port in webs:
        while not _etag(pool, f"http://127.0.0.1:{port}/{last}"):
            if time.monotonic() > deadline:
                raise RuntimeError("the first feeds were not built")
            time.sleep(0.2)


def _show(found: list[float]) -> None:
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    print(f"\nVisible on both of 2 web processes, {_CHANNELS} channels, {len(found)} articles")
    for name, seconds in (("p50", cuts[49]), ("p99", cuts[98]), ("the limit", _LIMIT_S)):
        ratio = f"{_LIMIT_S / seconds:>6.2f} x the limit's speed" if name != "the limit" else ""
        print(f"  {name:<34} {seconds:>9.3f} s   {ratio}")
