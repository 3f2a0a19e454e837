from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colporteur.editions.calendar import next_slot, slots
from colporteur.editions.hours import Hour, after_quiet_hours, due_at, due_outside
from colporteur.publication import Cadence
from colporteur.publication.sending import QuietHours, parse_quiet_hours

PARIS, CASABLANCA, NEW_YORK = "Europe/Paris", "Africa/Casablanca", "America/New_York"
RULES: list[dict[str, object]] = [
    {"rule": "daily", "at": ["07:00"]},
    {"rule": "daily", "at": ["02:30", "18:00"], "weekdays": ["mon", "thu"]},
    {"rule": "weekly", "at": ["09:00"], "weekdays": ["sun"]},
    {"rule": "monthly", "at": ["00:00"], "on": "last friday"},
    {"rule": "monthly", "at": ["23:59"], "day": 31},
    {"rule": "every", "at": ["08:00"], "every": "3d", "starting": "2005-01-01"},
    {"rule": "every", "at": ["08:00"], "every": "2w", "starting": "2005-01-01"},
]
ZONES = [
    PARIS,
    CASABLANCA,
    NEW_YORK,
    "Africa/Cairo",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]
zones = st.sampled_from(ZONES)
cadences = st.sampled_from([Cadence.model_validate(rule) for rule in RULES])
hours = st.builds(
    Hour, st.none() | st.integers(0, 6), st.none() | st.integers(0, 1439), st.none() | zones
)
moments = st.datetimes(datetime(2006, 1, 1), datetime(2046, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def cadence(index: int) -> Cadence:
    return Cadence.model_validate(RULES[index])


DAILY, WEEKLY, MONTHLY = cadence(0), cadence(2), cadence(3)
MORNING, TOMORROW = utc(2026, 11, 23, 6), utc(2026, 11, 24, 6)  # 07:00 in Paris, a Monday
SUNDAY, NEXT_SUNDAY = utc(2026, 11, 22, 8), utc(2026, 11, 29, 8)

EXAMPLES = [
    (DAILY, MORNING, TOMORROW, Hour(), MORNING),
    (DAILY, MORNING, TOMORROW, Hour(minute=19 * 60 + 30), utc(2026, 11, 23, 18, 30)),
    (DAILY, MORNING, TOMORROW, Hour(timezone=CASABLANCA), utc(2026, 11, 23, 7)),
    (DAILY, MORNING, TOMORROW, Hour(timezone=NEW_YORK), utc(2026, 11, 23, 12)),
    (DAILY, MORNING, TOMORROW, Hour(minute=6 * 60), utc(2026, 11, 24, 5)),
    (DAILY, MORNING, TOMORROW, Hour(minute=7 * 60), MORNING),
    (DAILY, MORNING, utc(2026, 11, 23, 17), Hour(minute=19 * 60), MORNING),  # 18:00 is next
    (DAILY, MORNING, TOMORROW, Hour(weekday=2), MORNING),  # a daily one has no weekday of theirs
    (DAILY, MORNING, None, Hour(minute=19 * 60), utc(2026, 11, 23, 18)),
    (WEEKLY, SUNDAY, NEXT_SUNDAY, Hour(weekday=2), utc(2026, 11, 25, 8)),
    (WEEKLY, SUNDAY, NEXT_SUNDAY, Hour(6), SUNDAY),
    (WEEKLY, SUNDAY, NEXT_SUNDAY, Hour(6, 8 * 60), utc(2026, 11, 29, 7)),
    (WEEKLY, SUNDAY, utc(2026, 11, 25), Hour(weekday=2), SUNDAY),  # the next one is earlier
    (WEEKLY, SUNDAY, NEXT_SUNDAY, Hour(5, 1439, CASABLANCA), utc(2026, 11, 28, 23, 59)),
    (MONTHLY, utc(2026, 11, 27, 8), utc(2026, 12, 25, 8), Hour(0), utc(2026, 11, 30, 8)),
    (Cadence(rule="instant"), MORNING, None, Hour(minute=0, timezone=NEW_YORK), MORNING),
]


@pytest.mark.parametrize(("rule", "slot", "following", "hour", "due"), EXAMPLES)
def test_a_delivery_is_due_at_the_first_match_before_the_next_slot(
    rule: Cadence, slot: datetime, following: datetime | None, hour: Hour, due: datetime
):
    assert due_at(rule, PARIS, slot, following, hour) == due


def test_a_readers_hour_that_the_clocks_skip_is_an_hour_later():
    slot = utc(2026, 3, 28, 6)
    found = due_at(DAILY, PARIS, slot, utc(2026, 3, 29, 5), Hour(minute=150))
    assert found == utc(2026, 3, 29, 1, 30)


def test_a_readers_hour_that_happens_twice_is_due_the_first_time():
    slot = utc(2026, 10, 24, 5)
    found = due_at(DAILY, PARIS, slot, utc(2026, 10, 25, 6), Hour(minute=150))
    assert found == utc(2026, 10, 25, 0, 30)


def test_a_weekday_that_was_left_out_comes_a_week_later():
    slot = utc(2011, 12, 26, 8)  # there was no Friday that week in Apia
    found = due_at(MONTHLY, PARIS, slot, utc(2012, 1, 27, 8), Hour(4, 480, "Pacific/Apia"))
    assert found == utc(2012, 1, 5, 18)


@settings(max_examples=300, deadline=None)
@given(cadences, zones, moments, hours)
def test_each_due_time_lies_between_its_slot_and_the_following(
    rule: Cadence, zone: str, moment: datetime, hour: Hour
):
    slot = next_slot(rule, zone, moment)
    assert slot is not None
    following = next_slot(rule, zone, slot)
    assert following is not None
    due = due_at(rule, zone, slot, following, hour)
    assert slot <= due < following
    assert due.utcoffset() == timedelta(0)


@settings(max_examples=40, deadline=None)
@given(cadences, zones, moments, hours)
def test_a_years_editions_are_due_one_after_the_other(
    rule: Cadence, zone: str, moment: datetime, hour: Hour
):
    found = slots(rule, zone, moment, moment + timedelta(days=366))
    dues = [due_at(rule, zone, slot, following, hour) for slot, following in pairwise(found)]
    assert dues == sorted(set(dues))


@settings(max_examples=200, deadline=None)
@given(cadences, zones, moments, hours)
def test_a_due_time_is_the_slot_or_what_the_reader_chose(
    rule: Cadence, zone: str, moment: datetime, hour: Hour
):
    slot = next_slot(rule, zone, moment)
    assert slot is not None
    due = due_at(rule, zone, slot, next_slot(rule, zone, slot), hour)
    local = due.astimezone(ZoneInfo(hour.timezone or zone))
    if due == slot:
        return
    if rule.spans_weeks and hour.weekday is not None:
        assert local.weekday() == hour.weekday
    wanted = hour.minute
    if wanted is None:
        at = slot.astimezone(ZoneInfo(zone))
        wanted = at.hour * 60 + at.minute
    shown = local.hour * 60 + local.minute
    skipped = local.replace(hour=wanted // 60, minute=wanted % 60)
    exists = skipped.astimezone(UTC).astimezone(local.tzinfo) == skipped
    assert shown == wanted or not exists


QUIET = [
    ("22:00-07:00", utc(2026, 11, 22, 20, 59), utc(2026, 11, 22, 20, 59)),
    ("22:00-07:00", utc(2026, 11, 22, 21), utc(2026, 11, 23, 6)),
    ("22:00-07:00", utc(2026, 11, 23, 5, 59), utc(2026, 11, 23, 6)),
    ("22:00-07:00", utc(2026, 11, 23, 6), utc(2026, 11, 23, 6)),
    ("12:00-14:00", utc(2026, 11, 23, 12, 30), utc(2026, 11, 23, 13)),
    ("12:00-14:00", utc(2026, 11, 23, 13), utc(2026, 11, 23, 13)),
    ("00:00-06:00", utc(2026, 11, 22, 23), utc(2026, 11, 23, 5)),
    ("none", utc(2026, 11, 22, 23), utc(2026, 11, 22, 23)),
    ("22:00-07:00", utc(2026, 3, 28, 21), utc(2026, 3, 29, 5)),  # a short night
    ("22:00-07:00", utc(2026, 10, 24, 20), utc(2026, 10, 25, 6)),  # a long one
    ("22:00-02:30", utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 30)),  # 02:30 is leapt over
    ("22:00-02:30", utc(2026, 10, 25, 0, 15), utc(2026, 10, 25, 0, 30)),  # the first of two
    ("22:00-02:30", utc(2026, 10, 25, 1, 15), utc(2026, 10, 25, 1, 15)),  # once over, it is over
    ("02:15-02:45", utc(2026, 3, 29, 1, 20), utc(2026, 3, 29, 1, 45)),  # leapt over whole
]


@pytest.mark.parametrize(("said", "due", "leaves"), QUIET)
def test_what_is_due_in_quiet_hours_leaves_at_their_end(said: str, due: datetime, leaves: datetime):
    assert after_quiet_hours(due, parse_quiet_hours(said), PARIS) == leaves


def test_quiet_hours_over_a_date_that_a_zone_leaves_out_end_on_the_next_one():
    due = utc(2011, 12, 30, 9)  # the 29th, 23:00, in Apia; the next day was the 31st
    night = parse_quiet_hours("22:00-07:00")
    assert after_quiet_hours(due, night, "Pacific/Apia") == utc(2011, 12, 30, 17)


def test_who_chose_an_hour_is_not_kept_waiting():
    night, at = parse_quiet_hours("22:00-07:00"), utc(2026, 11, 22, 22)
    assert due_outside(night, at, Hour(minute=23 * 60), PARIS, instant=False) == at
    assert due_outside(night, at, Hour(weekday=6), PARIS, instant=False) == utc(2026, 11, 23, 6)
    theirs = Hour(timezone=NEW_YORK)  # where it is 17:00
    assert due_outside(night, at, theirs, PARIS, instant=False) == at
    assert due_outside(night, at, Hour(minute=420), PARIS, instant=True) == utc(2026, 11, 23, 6)


times_of_day = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@settings(max_examples=200, deadline=None)
@given(times_of_day, times_of_day, zones, moments)
def test_mail_is_never_early_and_waits_a_day_at_most_and_once(
    since: time, until: time, zone: str, due: datetime
):
    quiet = QuietHours(since, until)
    leaves = after_quiet_hours(due, quiet, zone)
    assert due <= leaves <= due + timedelta(hours=49)  # two dates, where a zone leaves one out
    assert after_quiet_hours(leaves, quiet, zone) == leaves
    if leaves == due:
        return
    place = ZoneInfo(zone)
    offsets = {
        (due + timedelta(hours=hours)).astimezone(place).utcoffset() for hours in range(-50, 51)
    }
    if len(offsets) == 1:  # no clock change near: what the clock on the wall shows says it all
        wall = due.astimezone(place).time()
        inside = since <= wall < until if since < until else wall >= since or wall < until
        assert inside
        assert leaves.astimezone(place).time() == until
