"""What processes count is summed in the database, once each, and nothing is lost meanwhile."""

from datetime import timedelta
from pathlib import Path

import pytest
from asking import Ask
from dispatching import send_batch
from editing import owed, smtp
from house import NOW, TEMPLATES, House
from sink import Sink
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from colporteur import tasks
from colporteur.config import Settings
from colporteur.counting import COUNTED, DELIVERIES, REGISTRY, REQUESTS
from colporteur.db import database_now, reading, undoing, writing
from colporteur.db.tables.delivery import batches
from colporteur.db.tables.vitals import delivery_outcomes, metric_totals, processes
from colporteur.editions import scheduling
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.vitals.keeping import Keeping, counted, forget_past
from colporteur.vitals.reading import read_vitals

SENT = ("colporteur_deliveries_total", '{"domain_group": "%s", "outcome": "sent", "relay": "r"}')


def total(engine: Engine, group: str) -> float | None:
    sample, labels = SENT[0], SENT[1] % group
    query = select(metric_totals.c.value).where(
        metric_totals.c.sample == sample, metric_totals.c.labels == labels
    )
    with reading(engine) as connection:
        return connection.scalar(query)


def count(group: str, number: int, outcome: str = "sent") -> None:
    DELIVERIES.labels(group, "r", outcome).inc(number)


def test_each_process_adds_what_it_counted_since_it_last_did(engine: Engine):
    one, other = Keeping(engine, "web"), Keeping(engine, "worker", process=1)
    count("a", 3)
    one.keep()
    one.keep()
    assert total(engine, "a") == 3
    other.keep()  # stands for another process, which counted as much
    assert total(engine, "a") == 6
    count("a", 2)
    one.keep()
    assert total(engine, "a") == 8
    late = Keeping(engine, "worker", process=2)  # what was counted before a fork is the parent's
    late.keep()
    assert total(engine, "a") == 8
    with reading(engine) as connection:
        kinds = connection.scalars(select(processes.c.kind).order_by(processes.c.kind))
        assert list(kinds) == ["web", "worker", "worker"]


def test_what_cannot_be_written_is_written_the_next_time(engine: Engine):
    keeping = Keeping(engine, "web")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE metric_totals RENAME TO away")
    count("b", 4)
    with pytest.raises(DBAPIError):
        keeping.keep()
    keeping.try_to_keep()  # says so in the log, and goes on
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO metric_totals")
    keeping.keep()
    assert total(engine, "b") == 4


def test_a_histogram_is_kept_with_its_empty_buckets(engine: Engine):
    keeping = Keeping(engine, "web")
    REQUESTS.labels("/kept").observe(0.3)
    keeping.keep()
    query = select(metric_totals.c.value).where(metric_totals.c.labels.contains("/kept"))
    with reading(engine) as connection:
        buckets = connection.scalars(
            query.where(metric_totals.c.sample == "colporteur_http_request_seconds_bucket")
        )
        assert sorted(buckets) == [0, 0, 0, 1, 1, 1, 1]


def test_relays_answers_are_kept_by_the_hour_and_forgotten_after_two_days(engine: Engine):
    keeping = Keeping(engine, "worker")
    count("c", 5)
    count("c", 2, "failed")
    count("c", 9, "skipped")  # no relay was asked
    keeping.keep()
    count("c", 1)
    keeping.keep()
    with reading(engine) as connection:
        found = read_vitals(connection, Settings(), database_now(connection))
    assert found.outcomes == {("c", "sent"): 6, ("c", "failed"): 2}
    assert found.workers_seen == 1
    with writing(engine) as connection:
        forget_past(connection, found.now + timedelta(days=1))
        assert connection.scalar(select(func.count()).select_from(delivery_outcomes)) > 0
        forget_past(connection, found.now + timedelta(days=3))
        assert connection.scalar(select(func.count()).select_from(delivery_outcomes)) == 0
        assert connection.scalar(select(func.count()).select_from(processes)) == 0


def grown(before: dict[tuple[str, str], float], name: str) -> dict[str, float]:
    """By how much the samples of a name have grown."""
    return {
        labels: value - before.get((sample, labels), 0.0)
        for (sample, labels), value in counted().items()
        if sample == name and value != before.get((sample, labels))
    }


@pytest.mark.smtp
def test_what_becomes_of_each_mail_is_counted(house: House, smtp_sink: Sink):
    edition = owed(house, "amina", "basile", "chadi")
    smtp_sink.answers = {"basile@example.org": "550 5.1.1 no such user"}
    before = counted()
    with reading(house.engine) as connection:
        batch = connection.scalar(select(batches.c.id).where(batches.c.edition_id == edition))
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, batch) == 2
    found = grown(before, "colporteur_deliveries_total")
    assert sorted(found.values()) == [1, 2]
    assert any('"outcome": "failed"' in one and f":{smtp_sink.port}" in one for one in found)
    late = grown(before, "colporteur_edition_lateness_seconds_count")
    assert late == {'{"kind": "regular"}': 1}


def test_requests_are_counted_by_route_and_never_by_address(published: House, ask: Ask):
    before = counted()
    for path in ("/actualites", "/nashra", "/no/such/page", "/static/site.css", "/readyz"):
        ask("GET", path)
    ask("HEAD", "/readyz")
    ask("GET", "/api/v1/articles")
    found = grown(before, "colporteur_http_requests_total")
    assert found == {
        '{"method": "GET", "route": "/{slug}", "status": "200"}': 2,
        '{"method": "GET", "route": "none", "status": "404"}': 1,
        '{"method": "GET", "route": "/static", "status": "200"}': 1,
        '{"method": "GET", "route": "/readyz", "status": "200"}': 1,
        '{"method": "HEAD", "route": "/readyz", "status": "200"}': 1,
        '{"method": "GET", "route": "/api/v1/articles", "status": "401"}': 1,
    }


def test_tasks_are_counted_with_how_long_they_took(sqlite_url: str, tmp_path: Path):
    tasks.configure(Settings(database_url=sqlite_url, secret_key="k" * 32, data_dir=tmp_path))
    before = counted()
    tasks.tick.apply()
    found = grown(before, "colporteur_task_seconds_count")
    assert found == {'{"task": "colporteur.editions.tick"}': 1}


def test_polls_are_counted_by_format_when_they_are_written_down(published: House, app, ask: Ask):
    before = counted()
    etag = ask("GET", "/feeds/actualites.atom").headers["etag"]
    ask("GET", "/feeds/actualites.atom", headers={"If-None-Match": etag})
    ask("GET", "/feeds/none.of.ours")
    ask("GET", "/feeds.opml")
    app.documents.write_down()
    assert grown(before, "colporteur_feed_polls_total") == {
        '{"format": "atom", "status": "200"}': 1,
        '{"format": "atom", "status": "304"}': 1,
        '{"format": "opml", "status": "200"}': 1,
        '{"format": "other", "status": "404"}': 1,
    }


def test_every_metric_says_what_it_is():
    found = {one.name: one for one in REGISTRY.collect()}
    assert {one.name.removesuffix("_total") for one in COUNTED} == found.keys()
    for one in COUNTED:
        assert found[one.name.removesuffix("_total")].documentation == one.says
        assert one.says.endswith(".")
        assert one.name.startswith("colporteur_")


def test_a_freeze_is_counted_once_it_stands_and_not_when_it_is_foreseen(house: House):
    house.take("Tri aux urgences", body_html="<p>Un texte.</p>")
    house.subscribe("amina@example.org")
    before = counted()

    def send(connection: Connection) -> None:
        revision = require(connection)
        names = ids(connection, revision.publication)
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="test", now=NOW)

    with undoing(house.engine) as connection:
        send(connection)
    assert grown(before, "colporteur_freeze_seconds_count") == {}
    with writing(house.engine) as connection:
        send(connection)
    assert grown(before, "colporteur_freeze_seconds_count") == {'{"kind": "regular"}': 1}
