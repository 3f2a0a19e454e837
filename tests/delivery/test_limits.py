"""Limits as workers keep them together: over Redis, the database, and alone."""

import logging
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from asker import Taking
from house import NOW, publication
from servers import free_port, redis_on
from sqlalchemy import Engine, func, select

from colporteur.config import Settings
from colporteur.config.limit import parse_limit
from colporteur.db import make_engine, reading, undoing, writing
from colporteur.db.tables.delivery import limit_use
from colporteur.delivery.limits import Allowance, Limits, keeping
from colporteur.delivery.limits.quotas import in_any_span

ALONE = Settings(broker_url="memory://")
ASKER = Path(__file__).parent.parent / "support" / "asker.py"
PLAN = {"relais.example": {"start": "2026-11-20", "days": [5, 8]}}
HOUR = timedelta(hours=1)


def allow(limits: Limits, engine: Engine, limit: str = "", wanted: int = 20, **said) -> Allowance:
    relay = Taking((parse_limit(limit),)) if limit else None
    told = {"publication": publication(), "group": "rest", "now": NOW, "letters": False} | said
    with writing(engine) as connection:
        return limits.allow(
            connection,
            told["publication"],
            relay,
            told["group"],
            "relais.example",
            wanted,
            told["now"],
            letters=told["letters"],
        )


def test_without_limits_all_may_leave_and_nothing_is_written(engine: Engine):
    assert allow(Limits(ALONE), engine) == Allowance(20)
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(limit_use)) == 0


def test_what_was_used_of_a_quota_survives_a_restart(engine: Engine):
    assert allow(Limits(ALONE), engine, "30/hour").count == 20
    later = NOW + timedelta(minutes=10)
    found = allow(Limits(ALONE), engine, "30/hour", now=later)
    assert found.count == 10
    assert timedelta(minutes=50) <= found.wait <= timedelta(minutes=51)
    again = allow(Limits(ALONE), engine, "30/hour", now=later + found.wait)
    assert again.count == 20


def test_what_did_not_leave_is_given_back(engine: Engine):
    limits = Limits(ALONE)
    found = allow(limits, engine, "20/hour")
    with writing(engine) as connection:
        limits.give_back(connection, found, 5)
    assert allow(limits, engine, "20/hour").count == 5


def test_what_was_rolled_back_was_not_used(engine: Engine):
    limits, relay = Limits(ALONE), Taking((parse_limit("20/hour"),))
    with undoing(engine) as connection:
        limits.allow(connection, publication(), relay, "rest", "relais.example", 20, NOW)
    assert allow(limits, engine, "20/hour").count == 20


def test_threads_that_ask_at_once_never_get_more_than_the_quota(engine: Engine):
    got: list[int] = []

    def ask() -> None:
        limits = Limits(ALONE)
        got.extend(allow(limits, engine, "100/day", wanted=9).count for _ in range(6))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(got) == 100


def test_the_tightest_of_all_limits_holds(engine: Engine):
    ours = {"ours": {"domains": ["x.example"], "limits": ["8/hour", "100/day"]}}
    wanted = publication(domain_groups=ours)
    limits = Limits(ALONE)
    assert allow(limits, engine, "30/hour", publication=wanted, group="ours").count == 8
    assert allow(limits, engine, "30/hour", publication=wanted, group="ours").count == 0
    assert allow(limits, engine, "30/hour", publication=wanted).count == 20


def test_how_long_a_relay_has_no_room_is_known_before_it_is_chosen(engine: Engine):
    limits, relay = Limits(ALONE), Taking((parse_limit("20/hour"), parse_limit("99/second")))
    with reading(engine) as connection:
        assert limits.wait_for(connection, relay, NOW) == timedelta(0)
    allow(limits, engine, "20/hour")
    with reading(engine) as connection:
        assert HOUR <= limits.wait_for(connection, relay, NOW) <= HOUR + timedelta(minutes=1)


def test_a_warm_up_holds_back_all_but_letters_until_the_next_day(engine: Engine):
    limits, wanted = Limits(ALONE), publication(warm_up=PLAN)
    found = allow(limits, engine, publication=wanted)
    assert (found.count, found.wait) == (5, 11 * HOUR)  # until midnight in Paris
    assert allow(limits, engine, publication=wanted).count == 0
    assert allow(limits, engine, publication=wanted, letters=True).count == 20
    assert allow(limits, engine, publication=wanted, now=NOW + 11 * HOUR).count == 8
    assert allow(limits, engine, publication=wanted, now=NOW + 35 * HOUR).count == 20


def test_buckets_that_count_no_more_are_removed(engine: Engine):
    for hours in range(0, 200, 5):
        allow(Limits(ALONE), engine, "1000/hour", now=NOW + hours * HOUR)
    with reading(engine) as connection:
        (kept,) = connection.scalars(select(limit_use.c.starts_at)).all()
    limit = parse_limit("1000/hour")
    assert kept == in_any_span("x", limit, NOW + 195 * HOUR).bucket


@pytest.mark.redis
def test_processes_that_share_redis_never_exceed_a_rate(redis_url: str, sqlite_url: str):
    processes = [_asker(redis_url, sqlite_url, "40/second", 1.5) for _ in range(3)]
    for one in processes:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    said = [one.communicate("go\n", timeout=30)[0] for one in processes]
    grants = [tuple(map(int, line.split())) for lines in said for line in lines.splitlines()]
    for since, _, _ in grants:
        until = since + 1_000_000_000
        surely = sum(n for asked, answered, n in grants if since <= asked and answered < until)
        assert surely <= 40
    assert sum(bool(lines) for lines in said) == 3  # each got its share
    assert sum(n for _, _, n in grants) >= 40  # and nearly all was used


@pytest.mark.redis
def test_places_are_shared_and_those_of_the_dead_are_free_again(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("colporteur.delivery.limits.sharing.PLACE_LASTS_S", 1)
    one, other = (Limits(Settings(broker_url=redis_url)) for _ in range(2))
    relay, wanted = Taking(connections=2, name="places.example:25"), publication()
    with (
        one.connect(wanted, relay, "rest") as first,
        other.connect(wanted, relay, "rest") as second,
    ):
        assert (first, second) == (True, True)
        with one.connect(wanted, relay, "rest") as third:
            assert third is False
    dead = other.connect(wanted, relay, "rest")
    assert dead.__enter__()
    other._held.clear()  # its process died
    with one.connect(wanted, relay, "rest") as beside, one.connect(wanted, relay, "rest") as none:
        assert (beside, none) == (True, False)
    time.sleep(1.1)
    with one.connect(wanted, relay, "rest") as mine, one.connect(wanted, relay, "rest") as theirs:
        assert (mine, theirs) == (True, True)


@pytest.mark.redis
def test_a_place_is_kept_for_as_long_as_it_is_held(redis_url: str, monkeypatch: pytest.MonkeyPatch):
    for module in ("sharing", "keeping"):
        monkeypatch.setattr(f"colporteur.delivery.limits.{module}.PLACE_LASTS_S", 1.2)
    one, other = (Limits(Settings(broker_url=redis_url)) for _ in range(2))
    relay, wanted = Taking(connections=1, name="kept.example:25"), publication()
    with one.connect(wanted, relay, "rest") as held:
        assert held
        time.sleep(1.5)
        with other.connect(wanted, relay, "rest") as second:
            assert not second
        redis.Redis.from_url(redis_url).flushall()
        time.sleep(0.7)  # told anew
        with other.connect(wanted, relay, "rest") as second:
            assert not second
    with other.connect(wanted, relay, "rest") as second:
        assert second


@pytest.mark.redis
def test_while_redis_is_away_each_process_keeps_the_limits_alone(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(keeping, "_LEFT_ALONE_S", 0.05)
    engine = make_engine(sqlite_url)
    with redis_on(port := free_port()):
        limits = Limits(Settings(broker_url=f"redis://127.0.0.1:{port}/0"))
        assert allow(limits, engine, "10/second", wanted=5).count == 1
    relay, wanted = Taking(connections=1), publication()
    with caplog.at_level(logging.WARNING):
        assert allow(limits, engine, "10/second", wanted=5).count == 1
        assert allow(limits, engine, "10/second", wanted=5).count == 0
        time.sleep(0.06)
        with limits.connect(wanted, relay, "rest") as first:
            with limits.connect(wanted, relay, "rest") as second:
                assert (first, second) == (True, False)
            assert sum("away" in one.message for one in caplog.records) == 1
            with redis_on(port):
                time.sleep(0.15)
                assert allow(limits, engine, "10/second", wanted=5).count == 1
        assert sum("is back" in one.message for one in caplog.records) == 1
    engine.dispose()


def _asker(broker: str, database: str, limit: str, seconds: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(ASKER), broker, database, limit, str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
