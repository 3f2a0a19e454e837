"""Every process is started anew as another release, one after the other, and nothing is lost."""

import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from house import House, publication
from rolling import Balancer, Release, asking, next_release, ready
from running import Installation, stop, wait_for
from servers import free_port
from sink import Sink
from sqlalchemy import create_engine, func, select, text

from colporteur.clock import utcnow
from colporteur.db import make_engine, reading
from colporteur.db.migrate import tables
from colporteur.db.tables.delivery import deliveries
from colporteur.editions import scheduling
from colporteur.tokens import UNSUBSCRIBE, make_token

pytestmark = [pytest.mark.postgresql, pytest.mark.redis, pytest.mark.smtp]
KEY = "k" * 32
READERS = [f"reader{number:03}@example.org" for number in range(40)]
PAGES = ["/feeds/actualites.atom", "/feeds/actualites.rss", "/", "/feeds.opml"]


@dataclass
class Running:
    """The processes of an installation, by name, each of one release or another."""

    made: Installation
    ports: dict[str, int]
    balancer: Balancer
    there: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    lives: int = 0

    def start(self, name: str) -> None:
        self.lives += 1
        command = {
            "web": self.made.command("web"),
            "worker": _celery("worker", "--concurrency", "1", "-n", f"{name}.{self.lives}@%h"),
            "beat": _celery("beat"),
        }[name.partition("-")[0]]
        self.made.port = self.ports.get(name, 8000)
        with (self.made.folder / f"{name}.log").open("ab") as log:
            self.there[name] = subprocess.Popen(
                command,
                cwd=self.made.folder,
                env=self.made.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def at_work(self, name: str) -> bool:
        assert self.there[name].poll() is None, self.made.log(name)
        if name in self.ports:
            return ready(_address(self.ports[name]))
        said = "maxinterval" if name == "beat" else " ready."  # of what each says at its start
        return self.made.log(name).count(said) > 0

    def replace(self, *names: str) -> None:
        """End them in order, each its code 0, start others in their place, and wait for these."""
        webs = {_address(self.ports[name]) for name in names if name in self.ports}
        self.balancer.out |= webs
        for name in names:
            assert stop(self.there[name]) == 0, self.made.log(name)
            (self.made.folder / f"{name}.log").rename(self.made.folder / f"{name}.before.log")
            self.start(name)
        for name in names:
            wait_for(lambda name=name: self.at_work(name))
        self.balancer.out -= webs

    def close(self) -> None:
        for process in self.there.values():
            process.terminate()
        for process in self.there.values():
            stop(process)


@pytest.fixture
def database(postgresql: str, migrated_postgresql: str) -> Iterator[str]:
    """A database of its own: the next release changes its tables."""
    server = create_engine(
        postgresql.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        template = migrated_postgresql.rpartition("/")[2]
        connection.execute(text(f"CREATE DATABASE rolling TEMPLATE {template}"))
        yield f"{postgresql.rpartition('/')[0]}/rolling"
        connection.execute(text("DROP DATABASE rolling WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def house(database: str) -> Iterator[House]:
    """A publication in force with readers and an article."""
    engine = make_engine(database)
    made = House(engine, utcnow())
    made.apply(publication())
    made.go_live()
    for address in READERS:
        made.subscribe(address)
    yield made
    engine.dispose()


@pytest.fixture
def next_one(tmp_path: Path) -> Release:
    """The release after this one."""
    return next_release(tmp_path / "next")


@pytest.fixture
def running(
    tmp_path: Path, database: str, house: House, redis_url: str, smtp_sink: Sink
) -> Iterator[Running]:
    """Two webs, two workers and beat, of this release."""
    made = Installation(
        tmp_path,
        {
            "COLPORTEUR_DATABASE_URL": database,
            "COLPORTEUR_BROKER_URL": redis_url,
            "COLPORTEUR_MAIL_URL": smtp_sink.url,
            "COLPORTEUR_SECRET_KEY": KEY,
            "COLPORTEUR_BASE_URL": "https://relais.example",
        },
    )
    ports = {"web-one": free_port(), "web-two": free_port()}
    found = Running(made, ports, Balancer([*map(_address, ports.values())]))
    with ExitStack() as ends:
        ends.callback(found.close)
        for name in ("web-one", "web-two", "worker-one", "worker-two", "beat"):
            found.start(name)
        for name in found.there:
            wait_for(lambda name=name: found.at_work(name))
        yield found


def test_every_process_is_replaced_by_the_next_release_under_load_and_nothing_is_lost(
    running: Running, house: House, next_one: Release, smtp_sink: Sink
):
    balancer = running.balancer
    smtp_sink.slow = dict.fromkeys(READERS, 0.03)
    wait_for(lambda: all(_serves(web, path) for web in balancer.webs for path in PAGES))
    left: list[int] = []
    mails = [0]

    def mail_goes_on() -> None:
        """Some leave by their mails, and as many mails as readers have left since the last look."""
        left.extend(_leave(balancer, len(left) + 1) for _ in range(2))
        wait_for(lambda: len(smtp_sink.accepted) > mails[-1] + len(READERS))
        mails.append(len(smtp_sink.accepted))

    with asking(balancer, PAGES):
        with editing(house) as editions:
            mail_goes_on()
            running.made.settings["PYTHONPATH"] = next_one.path
            migrated = running.made.run("migrate")
            assert f"Applied {next_one.revision}" in migrated.stdout, migrated.stderr
            assert all(map(ready, balancer.webs))  # this release runs on, on the newer tables
            mail_goes_on()
            running.replace("web-one", "worker-one")
            mail_goes_on()
            running.replace("web-two", "worker-two", "beat")
            mail_goes_on()
        wait_for(lambda: _outcomes(house).keys() <= {"sent", "skipped"})
    assert balancer.failures == []
    assert {*balancer.answers} <= {200, 304}, balancer.answers
    assert left == [200] * 8
    _each_got_each_once(house, smtp_sink, READERS[len(left) :], len(editions))
    with reading(house.engine) as connection:
        assert tables(connection).revision == next_one.revision
    for log in running.made.folder.glob("*.log"):
        assert "Traceback" not in log.read_text(encoding="utf-8"), log.name


def _each_got_each_once(house: House, sink: Sink, stayed: list[str], editions: int) -> None:
    got = Counter(address for address, _ in sink.accepted)
    assert {got[address] for address in stayed} == {editions}
    assert sum(got.values()) == _outcomes(house)["sent"]
    ids = [re.search(rb"Message-ID: (\S+)", data) for _, data in sink.accepted]
    assert len({one[1] for one in ids if one}) == len(sink.accepted)
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.sum(deliveries.c.possible_duplicates))) == 0


@contextmanager
def editing(house: House) -> Iterator[list[int]]:
    """Somebody publishes and sends an edition, as soon as the one before has left."""
    done, sent = threading.Event(), list[int]()

    def edit() -> None:
        while not done.is_set():
            house.now = utcnow()
            house.take(f"Nouvelle {len(sent)}", body_html="<p>Le texte entier.</p>")
            sent.append(_send(house))
            wait_for(lambda: _outcomes(house).keys() <= {"sent", "skipped"})
            done.wait(0.5)

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        yield sent
    finally:
        done.set()
        thread.join()


def _send(house: House) -> int:
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        edition, _ = scheduling.send_now(
            connection, revision, names, channel, "matin", by="test", now=utcnow()
        )
    return edition.id


def _leave(balancer: Balancer, number: int) -> int:
    """Somebody unsubscribes by the button of their mail program."""
    token = make_token(KEY, UNSUBSCRIBE, number)
    found = balancer.ask("POST", f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    return found.status_code if found is not None else 0


def _serves(web: str, path: str) -> bool:
    return httpx.get(f"{web}{path}").status_code == httpx.codes.OK


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _outcomes(house: House) -> dict[str, int]:
    with reading(house.engine) as connection:
        counted = select(deliveries.c.status, func.count().label("count")).group_by(
            deliveries.c.status
        )
        return {one.status: one.count for one in connection.execute(counted)}


def _celery(*words: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "worker", *words, "--loglevel", "info"]
