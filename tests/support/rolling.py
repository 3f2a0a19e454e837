"""What a rolling upgrade needs around it: a balancer as operators have one, and a next release."""

import itertools
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from running import ROOT

import colporteur
from colporteur.db.migrate import head

_HTTP = httpx.Client(timeout=10, limits=httpx.Limits(max_keepalive_connections=0))
"""A connection for each request, so that one that ends with its web is nobody's loss."""
_LOOKS_EVERY_S = 0.3
_MIGRATION = '''"""What the next release adds, and the release before knows nothing of."""

import sqlalchemy as sa
from alembic import op

revision = {after!r}
down_revision = {before!r}
branch_labels = None
depends_on = None
runs_from = {before!r}


def upgrade() -> None:
    op.create_table('novelties', sa.Column('id', sa.BigInteger(), primary_key=True))
    for table in ('deliveries', 'documents', 'subscriptions'):
        op.add_column(table, sa.Column('novelty', sa.Integer(), server_default='0', nullable=False))
'''


@dataclass(frozen=True)
class Release:
    """Another release in a folder of its own: where Python finds it, and its tables' revision."""

    path: str
    revision: str


def next_release(folder: Path) -> Release:
    """This release once more, with one step of the migrations added."""
    package = Path(colporteur.__file__).parent
    copied = folder / "src" / "colporteur"
    shutil.copytree(package, copied)  # with what was compiled
    for shared in ("feeds", "templates"):
        (folder / shared).symlink_to(ROOT / shared)
    before, after = head(), f"{int(head()) + 1:04}"
    step = copied / "db" / "migrations" / "versions" / f"{after}_the_next_release.py"
    step.write_text(_MIGRATION.format(before=before, after=after), encoding="utf-8")
    return Release(f"{folder / 'src'}:{ROOT}", after)


@dataclass
class Balancer:
    """Asks one web after the other, as docs/upgrading.md has it.

    It sends nothing to one that an operator took out, or whose ``/readyz`` was not 200 when it
    last looked; and asks another one where a connection was refused. Whatever else happens is an
    answer that somebody got.
    """

    webs: Sequence[str]
    answers: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    out: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._turns = itertools.count()
        self._looked: dict[str, tuple[float, bool]] = {}

    def ask(self, method: str, path: str, **options: object) -> httpx.Response | None:
        """Ask for a page of whichever web takes it."""
        turn = next(self._turns) % len(self.webs)
        for web in (*self.webs[turn:], *self.webs[:turn]):
            if not self._may_ask(web):
                continue
            try:
                found = _HTTP.request(method, f"{web}{path}", **options)  # type: ignore[arg-type]
            except httpx.ConnectError:
                continue
            except httpx.HTTPError as error:
                self.failures.append(f"{method} {path}: {error!r}")
                return None
            self.answers[found.status_code] += 1
            return found
        self.failures.append(f"{method} {path}: no web was there")
        return None

    def _may_ask(self, web: str) -> bool:
        if web in self.out:
            return False
        when, found = self._looked.get(web, (0.0, False))
        if time.monotonic() - when > _LOOKS_EVERY_S:
            found = ready(web)
            self._looked[web] = (time.monotonic(), found)
        return found


def ready(web: str) -> bool:
    """Whether a balancer may send anything to a web."""
    try:
        return _HTTP.get(f"{web}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def asking(balancer: Balancer, paths: Sequence[str]) -> Iterator[None]:
    """Programs that poll all the while, with what they know of each document."""
    done = threading.Event()

    def poll() -> None:
        known: dict[str, str] = {}
        for path in itertools.cycle(paths):
            if done.is_set():
                return
            headers = {"If-None-Match": known[path]} if path in known else {}
            found = balancer.ask("GET", path, headers=headers)
            if found is not None and "etag" in found.headers:
                known[path] = found.headers["etag"]
            done.wait(0.2)

    threads = [threading.Thread(target=poll) for _ in range(2)]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        done.set()
        for one in threads:
            one.join()
