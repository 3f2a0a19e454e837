"""Our hub over a house, and a subscriber on a real server, for tests of WebSub."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from elsewhere import Elsewhere, Handler
from house import SITE, TEMPLATES, House
from sqlalchemy import Engine, select, update

from colporteur.db import database_now, reading, writing
from colporteur.db.tables.syndication import hub_subscriptions
from colporteur.fetch import Fetcher
from colporteur.syndication.building import build_stale
from colporteur.syndication.documents import document
from colporteur.syndication.hub import distributing, store, verifying
from colporteur.syndication.hub.requests import Request, parse_request

PATH = "feeds/actualites.atom"
TOPIC = f"{SITE}/{PATH}"
Echo = Callable[[str], bytes]


class ByPath(dict[str, Callable[[Handler], None]]):
    """Answers that stand for their path with any query."""

    def __missing__(self, path: str) -> Callable[[Handler], None]:
        bare, mark, _ = path.partition("?")
        if not mark:
            raise KeyError(path)
        return self[bare]


@dataclass
class Subscriber:
    """A callback at ``/cb``: echoes challenges, takes what it is sent, and remembers."""

    elsewhere: Elsewhere
    echo: Echo = str.encode
    verify_status: int = 200
    statuses: list[int] = field(default_factory=list)  # of deliveries, then 204
    during: Callable[[], object] = lambda: None  # while a delivery or verification is under way

    def __post_init__(self) -> None:
        self.elsewhere.answers = ByPath({"/cb": self._answer})

    @property
    def url(self) -> str:
        return self.elsewhere.url("/cb")

    @property
    def verifications(self) -> list[dict[str, str]]:
        asked = [path for method, path, _, _ in self.elsewhere.asked if method == "GET"]
        return [dict(parse_qsl(path.partition("?")[2])) for path in asked]

    @property
    def deliveries(self) -> list[tuple[dict[str, str], bytes]]:
        posted = [one for one in self.elsewhere.asked if one[0] == "POST"]
        return [(headers, body) for _, _, headers, body in posted]

    def _answer(self, handler: Handler) -> None:
        self.during()
        if handler.command == "GET":
            status = self.verify_status
            said = dict(parse_qsl(handler.path.partition("?")[2]))
            body = self.echo(said.get("hub.challenge", ""))
        else:
            status, body = self.statuses.pop(0) if self.statuses else 204, b""
        handler.send_response(status)
        handler.send_header("Location", self.elsewhere.url("/else"))
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@dataclass
class Hub:
    """The hub at the database's own clock; rows are moved in time rather than waited for."""

    house: House
    fetcher: Fetcher = field(default_factory=lambda: Fetcher(loopback=True, seconds=5))

    @property
    def engine(self) -> Engine:
        return self.house.engine

    def ask(self, callback: str, mode: str = "subscribe", topic: str = TOPIC, **more: str) -> int:
        said = {"mode": mode, "callback": callback, "topic": topic} | more
        form = urlencode({f"hub.{name}": value for name, value in said.items()})
        request = parse_request(form.encode(), SITE)
        assert isinstance(request, Request)
        with writing(self.engine) as connection:
            return store.accept(connection, request, database_now(connection))

    def verify(self, subscription_id: int) -> None:
        verifying.verify(self.engine, self.fetcher, subscription_id, SITE)

    def deliver(self, subscription_id: int) -> None:
        distributing.deliver(self.engine, self.fetcher, subscription_id, SITE)

    def subscribe(self, callback: str, **more: str) -> int:
        subscription_id = self.ask(callback, **more)
        self.verify(subscription_id)
        return subscription_id

    def publish(self, title: str) -> list[str]:
        """Publish an article and announce what changed, as the build task does."""
        self.house.take(title, body_html=f"<p>{title}</p>")
        with self.house.open() as (connection, revision, names):
            written = build_stale(connection, revision, names, TEMPLATES, SITE, self.house.now)
            distributing.announce(connection, written, database_now(connection))
        return written

    def publish_and_deliver(self, subscription_id: int, title: str) -> None:
        self.publish(title)
        self.make_due(subscription_id)
        self.deliver(subscription_id)

    def make_due(self, subscription_id: int) -> None:
        """Let a delivery that waits, or a verification, be due now."""
        row = self.row(subscription_id)
        past = self.now() - timedelta(seconds=1)
        values = {name: past for name in ("due_at", "verify_at") if getattr(row, name)}
        if values:
            self.change(subscription_id, **values)

    def change(self, subscription_id: int, **values: Any) -> None:
        with writing(self.engine) as connection:
            mine = hub_subscriptions.c.id == subscription_id
            connection.execute(update(hub_subscriptions).where(mine).values(**values))

    def rows(self) -> list[Any]:
        with reading(self.engine) as connection:
            query = select(hub_subscriptions).order_by(hub_subscriptions.c.id)
            return list(connection.execute(query))

    def row(self, subscription_id: int) -> Any:
        (found,) = [one for one in self.rows() if one.id == subscription_id]
        return found

    def now(self) -> datetime:
        with reading(self.engine) as connection:
            return database_now(connection)

    def body(self, path: str = PATH) -> bytes:
        with reading(self.engine) as connection:
            found = document(connection, path)
        assert found is not None
        return found.body
