"""Quotas and rates as pure rules."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from colporteur.config.limit import Limit
from colporteur.delivery.limits.pacing import rate_of, take
from colporteur.delivery.limits.quotas import in_any_span, on_a_day, room
from colporteur.publication.sending import WarmUp

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
limits = st.builds(Limit, st.integers(1, 50), st.integers(60, 5000))
asked = st.lists(
    st.tuples(st.integers(0, 900_000_000), st.integers(1, 20)), min_size=1, max_size=60
)  # microseconds since the one before; how many are wanted


def lived(limit, questions):
    """When how many left, asked one after the other; and the question after each wait."""
    used, left, now = {}, [], START
    for later, wanted in questions:
        now += timedelta(microseconds=later)
        quota = in_any_span("x", limit, now)
        found = room(quota, used, wanted, now)
        if found.count:
            used[quota.bucket] = used.get(quota.bucket, 0) + found.count
            left.append((now, found.count))
        if found.wait:
            assert found.count < wanted
            again = now + found.wait
            assert room(in_any_span("x", limit, again), used, 1, again).count == 1
    return left


@settings(max_examples=200)
@given(limits, asked)
def test_in_no_span_whatever_leaves_more_than_the_quota(limit, questions):
    left = lived(limit, questions)
    span = timedelta(seconds=limit.seconds)
    for since, _ in left:
        assert sum(count for at, count in left if since <= at < since + span) <= limit.count


@given(limits)
def test_a_quota_is_whole_again_after_its_span_and_a_sixtieth(limit):
    used = {in_any_span("x", limit, START).bucket: limit.count}
    assert room(in_any_span("x", limit, START), used, 1, START).count == 0
    later = START + timedelta(seconds=limit.seconds * 61 / 60 + 1)
    assert room(in_any_span("x", limit, later), used, 99, later).count == min(99, limit.count)


def test_what_left_before_the_clock_was_set_back_counts():
    limit = Limit(10, 3600)
    used = {in_any_span("x", limit, START + timedelta(hours=1)).bucket: 10}
    assert room(in_any_span("x", limit, START), used, 1, START).count == 0


def test_a_warm_up_counts_by_the_days_of_the_publications_zone():
    plan = WarmUp(start=date(2026, 3, 28), days=(50, 100))
    first = on_a_day("w", plan, "Europe/Paris", datetime(2026, 3, 28, 22, 59, tzinfo=UTC))
    second = on_a_day("w", plan, "Europe/Paris", datetime(2026, 3, 28, 23, 0, tzinfo=UTC))
    assert first is not None
    assert second is not None
    assert (first.count, second.count) == (50, 100)
    assert second.lasts == timedelta(hours=23)  # the clocks go forward
    used = {first.bucket: 50, second.bucket: 70}
    found = room(second, used, 99, datetime(2026, 3, 29, 12, 0, tzinfo=UTC))
    assert (found.count, found.wait) == (30, timedelta(hours=10))


def test_before_and_after_its_plan_a_domain_has_no_warm_up():
    plan = WarmUp(start=date(2026, 3, 28), days=(50, 100))
    for day in (27, 30):
        assert on_a_day("w", plan, "UTC", datetime(2026, 3, day, 12, tzinfo=UTC)) is None


@settings(max_examples=200)
@given(
    st.integers(1, 300),
    st.integers(1, 59),
    st.lists(st.tuples(st.integers(0, 2_000_000), st.integers(1, 100)), min_size=1, max_size=60),
)
def test_in_no_span_leaves_more_than_the_rate(count, seconds, questions):
    rate, known, now, left = rate_of("x", Limit(count, seconds)), {}, 10**15, []
    for later, wanted in questions:
        now += later
        got, wait = take([rate], known, wanted, now)
        left.append((now, got))
        assert (wait > 0) == (got < wanted)
        if wait:
            assert take([rate], dict(known), 1, now + wait)[0] == 1
    span = seconds * 1_000_000
    for since, _ in left:
        assert sum(many for at, many in left if since <= at < since + span) <= count


def test_a_rate_is_nearly_used_up_by_who_wants_more():
    rate, known, now, total = rate_of("x", Limit(200, 1)), {}, 10**15, 0
    for _ in range(1000):  # ten seconds
        total += take([rate], known, 50, now)[0]
        now += 10_000
    assert 1750 <= total <= 2020
