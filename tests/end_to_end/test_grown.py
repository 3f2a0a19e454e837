import email.policy
import os
import signal
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from email.parser import BytesParser
from pathlib import Path

import pytest
from editing import special
from house import House
from running import ROOT, Installation, stop, wait_for
from servers import free_port
from sink import Sink
from sqlalchemy import select

from colporteur.clock import utcnow
from colporteur.db import make_engine, reading
from colporteur.db.tables.editions import variants
from colporteur.editions.states import State

pytestmark = [pytest.mark.postgresql, pytest.mark.redis, pytest.mark.smtp]


@pytest.fixture
def grown(tmp_path: Path, postgresql_url: str, redis_url: str, smtp_sink: Sink) -> Installation:
    """PostgreSQL, Redis and a relay, with the sample's publication applied."""
    made = Installation(
        tmp_path,
        {
            "COLPORTEUR_DATABASE_URL": postgresql_url,
            "COLPORTEUR_BROKER_URL": redis_url,
            "COLPORTEUR_MAIL_URL": smtp_sink.url,
            "COLPORTEUR_SECRET_KEY": "k" * 32,
        },
    )
    assert made.run("migrate").returncode == 0
    applied = made.run("publication", "apply", "--yes")
    assert applied.returncode == 0, applied.stderr
    return made


def celery(*words: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "worker", *words, "--loglevel", "info"]


def subscribe(grown: Installation, wanted: list[str]) -> None:
    engine = make_engine(grown.settings["COLPORTEUR_DATABASE_URL"])
    house = House(engine, utcnow())
    house.go_live()
    for address in wanted:
        house.subscribe(address)
    engine.dispose()


def addresses(sink: Sink) -> list[str]:
    return sorted(address for address, _ in sink.accepted)


def test_a_worker_killed_outright_costs_nobody_the_digest(grown: Installation, smtp_sink: Sink):
    grown.run("articles", "import", ROOT / "feeds" / "articles")
    wanted = [f"{name}@example.org" for name in "abc"]
    subscribe(grown, wanted)
    grown.settings["COLPORTEUR_LEASE_SECONDS"] = "5"
    with grown.running(celery("beat"), "beat"):
        with grown.running(celery("worker", "--concurrency", "1"), "worker") as worker:
            wait_for(lambda: "ready" in grown.log("worker"))
            grown.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
            wait_for(lambda: len(smtp_sink.accepted) >= 1)
            os.killpg(worker.pid, signal.SIGKILL)
        with grown.running(celery("worker", "--concurrency", "1"), "worker"):
            wait_for(lambda: sorted(set(addresses(smtp_sink))) == wanted)
    ids = {
        BytesParser(policy=email.policy.default).parsebytes(data)["Message-ID"]
        for _, data in smtp_sink.accepted
    }
    assert len(ids) == 3  # a doubled message is recognisable: it keeps its Message-ID
    assert len(smtp_sink.accepted) <= 2 * len(wanted)  # all of a group may have been in flight


def test_a_special_leaves_within_seconds_though_a_slow_relay_keeps_the_worker_busy(
    grown: Installation, smtp_sink: Sink
):
    grown.run("articles", "import", ROOT / "feeds" / "articles")
    wanted = [f"reader{number:02}@example.org" for number in range(130)]  # two batches
    subscribe(grown, wanted)
    smtp_sink.slow = dict.fromkeys(wanted, 0.5)
    with ExitStack() as processes:
        processes.enter_context(grown.running(celery("worker", "--concurrency", "1"), "worker"))
        processes.enter_context(grown.running(celery("beat"), "beat"))
        grown.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
        wait_for(lambda: len(smtp_sink.accepted) >= 3)
        engine = make_engine(grown.settings["COLPORTEUR_DATABASE_URL"])
        hold = timedelta(seconds=3)  # only the tick can begin it then
        with reading(engine) as connection:  # the calendar may have opened others before it
            sent = connection.scalars(select(variants.c.edition_id)).first()
        special(House(engine, utcnow()), sent, "zora", due=hold, state=State.FROZEN)
        over = time.monotonic() + hold.total_seconds()
        wait_for(lambda: "zora@example.org" in addresses(smtp_sink))
        assert time.monotonic() - over < 5
        assert len(smtp_sink.accepted) < len(wanted)
        smtp_sink.slow = {}
        wait_for(lambda: len(smtp_sink.accepted) == len(wanted) + 1)
        engine.dispose()
    assert addresses(smtp_sink) == sorted([*wanted, "zora@example.org"])


def test_a_worker_stops_on_sigterm(grown: Installation):
    with grown.running(celery("worker", "--concurrency", "1"), "worker") as worker:
        wait_for(lambda: "ready" in grown.log("worker"))
        assert stop(worker) == 0


def test_an_unreachable_broker_is_named_without_its_password(grown: Installation):
    port = free_port()
    grown.settings["COLPORTEUR_BROKER_URL"] = f"redis://:hidden@127.0.0.1:{port}/0"
    refused = grown.run("worker")
    assert refused.returncode == 1
    assert f"127.0.0.1:{port}" in refused.stderr
    assert "hidden" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_unreachable_database_is_named_without_its_password(grown: Installation):
    port = free_port()
    grown.settings["COLPORTEUR_DATABASE_URL"] = f"postgresql://me:hidden@127.0.0.1:{port}/x"
    for words in (("web",), ("migrate",), ("articles", "list")):
        refused = grown.run(*words)
        assert refused.returncode == 1
        assert f"127.0.0.1:{port}" in refused.stderr
        assert "hidden" not in refused.stderr
        assert "Traceback" not in refused.stderr


def test_a_database_that_is_not_migrated_is_refused_with_the_command(
    grown: Installation, postgresql: str
):
    grown.settings["COLPORTEUR_DATABASE_URL"] = postgresql
    refused = grown.run("web")
    assert refused.returncode == 1
    assert "colporteur migrate" in refused.stderr
