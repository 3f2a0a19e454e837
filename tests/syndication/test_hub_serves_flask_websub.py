"""Our hub, as a real process, serves a subscriber that another project wrote: Flask-WebSub.

Its subscriber runs here as its documentation has it, in a Flask application on a real server.
It takes no secret over plain HTTP, so signatures are tested beside (test_hub_distributing).
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from flask import Flask
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
)
from running import Installation, wait_for
from werkzeug.serving import make_server

ARTICLE = "# Un registre pour les algorithmes\n\nLa ville publie la liste de ses outils."


@dataclass
class Reader:
    """A program elsewhere that follows feeds by Flask-WebSub."""

    app: Flask
    subscriber: Subscriber
    port: int = 0
    confirmed: list[tuple[str, str]] = field(default_factory=list)  # topic, mode
    received: list[tuple[str, bytes]] = field(default_factory=list)  # topic, body

    def subscribe(self, topic: str, hub: str) -> str:
        with self.app.test_request_context(base_url=f"http://127.0.0.1:{self.port}/"):
            return str(self.subscriber.subscribe(topic_url=topic, hub_url=hub))

    def renew(self, callback_id: str) -> None:
        with self.app.test_request_context(base_url=f"http://127.0.0.1:{self.port}/"):
            self.subscriber.renew(callback_id)

    def unsubscribe(self, callback_id: str) -> None:
        with self.app.test_request_context(base_url=f"http://127.0.0.1:{self.port}/"):
            self.subscriber.unsubscribe(callback_id)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    subscriber = Subscriber(
        SQLite3SubscriberStorage(str(tmp_path / "subscriber.db")),
        SQLite3TempSubscriberStorage(str(tmp_path / "asked.db")),
    )
    app = Flask("reader")
    app.register_blueprint(subscriber.build_blueprint(url_prefix="/callbacks"))
    made = Reader(app, subscriber)
    subscriber.add_success_handler(lambda topic, _, mode: made.confirmed.append((topic, mode)))
    subscriber.add_listener(lambda topic, _, body: made.received.append((topic, body)))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def publish(installation: Installation, text: str) -> None:
    path = installation.folder / "article.md"
    path.write_text(text, encoding="utf-8")
    done = installation.run("articles", "import", path)
    assert done.returncode == 0, done.stderr


def test_a_subscriber_of_another_project_is_served_by_our_hub(tmp_path: Path, reader: Reader):
    installation = Installation(tmp_path, {"COLPORTEUR_FETCH_LOOPBACK": "true"})
    topic, hub = f"{installation.url}/feeds/actualites.atom", f"{installation.url}/hub"
    with installation.up():
        wait_for(lambda: httpx.get(topic).status_code == 200)
        callback_id = reader.subscribe(topic, hub)
        wait_for(lambda: reader.confirmed == [(topic, "subscribe")])
        publish(installation, ARTICLE)
        wait_for(lambda: reader.received)
    assert reader.received[0][0] == topic
    assert "Un registre pour les algorithmes" in reader.received[0][1].decode()

    with installation.up():  # the subscription outlives the process
        publish(installation, "# Une nouvelle version\n\nLa ville a revu sa liste.")
        wait_for(lambda: len(reader.received) == 2)
        reader.renew(callback_id)
        wait_for(lambda: len(reader.confirmed) == 2)
        reader.unsubscribe(callback_id)
        wait_for(lambda: len(reader.confirmed) == 3)
        assert reader.confirmed[-1] == (topic, "unsubscribe")
        assert httpx.get(topic).content != reader.received[0][1]
    assert "Une nouvelle version" in reader.received[1][1].decode()
    assert len(reader.received) == 2
    assert "Traceback" not in installation.log("up")
