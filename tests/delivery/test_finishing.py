"""When an edition will have left: worked out, and as the limits then really let it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.config.limit import Limit, parse_limit
from colporteur.delivery.limits.finishing import Bounds, Pace, RelayLimits, Wave, finishing
from colporteur.delivery.limits.pacing import rate_of, take
from colporteur.delivery.limits.quotas import in_any_span, room
from colporteur.publication.sending import DomainGroup, WarmUp

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 07:00 in Paris
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
PACE = Pace(messages=50, on_a_connection=20)


def orange(*limits: str, connections: int | None = None) -> dict[str, DomainGroup]:
    return {
        "orange": DomainGroup(("orange.fr",), connections, None, tuple(map(parse_limit, limits)))
    }


def relay(name: str, *limits: str, connections: int | None = None) -> RelayLimits:
    return RelayLimits(name, tuple(map(parse_limit, limits)), connections)


def done(bounds: Bounds, **readers: int) -> tuple[timedelta, str | None]:
    found = finishing([Wave(START, readers)], bounds, PACE)
    assert found.at is not None
    return found.at - START, found.slowest


def test_without_limits_the_pace_says_it_all():
    assert done(Bounds(), rest=15_000) == (5 * MINUTE, None)


def test_a_slow_group_is_named():
    assert done(Bounds(groups=orange("1000/hour")), orange=2500, rest=500) == (
        2 * timedelta(seconds=3660),
        "orange (1000/hour)",
    )
    assert done(Bounds(groups=orange("1000/hour")), orange=900, rest=500) == (28 * SECOND, None)
    by_connection = Bounds(groups=orange(connections=1))
    assert done(by_connection, orange=6000) == (5 * MINUTE, "orange (1 connection)")


def test_what_was_used_already_is_waited_for():
    limit = parse_limit("1000/hour")
    used = {in_any_span("", limit, START - 30 * MINUTE).bucket: 1000}
    bounds = Bounds(groups=orange("1000/hour"), used={("orange", 3600): used})
    assert done(bounds, orange=1000)[0] == 31 * MINUTE


def test_relays_take_mail_beside_each_other():
    both = Bounds(relays=[relay("a:25", "300/day"), relay("b:25", "300/day")])
    assert done(both, rest=600)[0] == 12 * SECOND
    assert done(both, rest=700) == (timedelta(hours=24.4), "a:25 (300/day), b:25 (300/day)")
    free = Bounds(relays=[relay("a:25", "300/day"), relay("b:25")])
    assert done(free, rest=700)[1] is None
    assert (
        done(Bounds(relays=[relay("a:25", connections=1)]), rest=6000)[1] == "a:25 (1 connection)"
    )


def test_a_warm_up_lets_the_rest_leave_on_the_days_after():
    plan = WarmUp(start=date(2026, 11, 22), days=(50, 100, 200, 300))
    bounds = Bounds(warm_up=("relais.example", plan), zone="Europe/Paris")
    assert done(bounds, rest=100) == (2 * SECOND, None)
    assert done(bounds, rest=101) == (17 * HOUR, "the warm-up of relais.example")
    assert done(bounds, rest=100_000)[0] == 17 * HOUR + 48 * HOUR  # the plan is over then
    begun = Bounds(
        warm_up=("relais.example", plan), zone="Europe/Paris", warmed={date(2026, 11, 23): 60}
    )
    assert done(begun, rest=41)[0] == 17 * HOUR


def test_what_readers_chose_later_is_waited_for():
    waves = [Wave(START, {"orange": 100}), Wave(START + 12 * HOUR, {"orange": 50})]
    found = finishing(waves, Bounds(groups=orange("100/hour")), PACE)
    assert found.at == START + 12 * HOUR + SECOND
    many = [Wave(START, {"orange": 200}), waves[1]]
    found = finishing(many, Bounds(groups=orange("10/hour")), PACE)
    assert found.at == START + 24 * 61 * MINUTE  # the second wave waits for the first


def test_what_would_take_decades_has_no_end():
    found = finishing([Wave(START, {"orange": 10**6})], Bounds(groups=orange("1/31 days")), PACE)
    assert (found.at, found.slowest) == (None, "orange (1/31 days)")


def test_nobody_is_done_at_no_time():
    assert finishing([], Bounds(), PACE).at is None


@given(st.integers(1, 40), st.integers(60, 4000), st.integers(1, 300))
def test_a_quota_lets_all_leave_when_it_was_foretold(count: int, seconds: int, readers: int):
    limit = Limit(count, seconds)
    groups = {"orange": DomainGroup(("orange.fr",), None, None, (limit,))}
    waves = [Wave(START, {"orange": readers})]
    foretold = finishing(waves, Bounds(groups=groups), Pace(messages=10**9)).at
    used: dict[datetime, int] = {}
    now, owed = START, readers
    while True:
        quota = in_any_span("", limit, now)
        found = room(quota, used, owed, now)
        used[quota.bucket] = used.get(quota.bucket, 0) + found.count
        owed -= found.count
        if not owed:
            break
        now += found.wait
    windows = -(-readers // count)  # a bucket begins up to its length before what it counts
    assert foretold is not None
    assert abs(foretold - now) <= windows * timedelta(seconds=max(1, seconds // 60)) + 2 * SECOND


@pytest.mark.parametrize("said", ["20/second", "7/3 seconds", "1/second", "400/10 seconds"])
def test_a_rate_lets_all_leave_when_it_was_foretold(said: str):
    limit = parse_limit(said)
    groups = {"orange": DomainGroup(("orange.fr",), None, None, (limit,))}
    foretold = finishing([Wave(START, {"orange": 500})], Bounds(groups=groups), Pace(10**9)).at
    rate, known, now, owed = rate_of("x", limit), {}, 0, 500
    while owed:
        got, wait = take([rate], known, owed, now)
        owed -= got
        now += wait
    assert foretold is not None
    assert abs((foretold - START).total_seconds() - now / 1_000_000) <= 2
