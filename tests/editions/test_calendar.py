import zoneinfo
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.editions.calendar import next_slot, previous_slot, slots
from colporteur.publication import Cadence

PARIS = "Europe/Paris"
zones = st.sampled_from(
    [
        "Europe/Paris",
        "Africa/Casablanca",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ]
)


def daily(*at: str, **more: object) -> Cadence:
    return Cadence.model_validate({"rule": "daily", "at": at, **more})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_casablanca_is_at_utc_for_good_and_paris_an_hour_ahead():
    day = (utc(2026, 11, 23), utc(2026, 11, 24))
    assert slots(daily("07:00"), "Africa/Casablanca", *day) == [utc(2026, 11, 23, 7)]
    assert slots(daily("07:00"), PARIS, *day) == [utc(2026, 11, 23, 6)]


def test_an_hour_that_the_clocks_skip_is_due_an_hour_later():
    assert slots(daily("02:30"), PARIS, utc(2026, 3, 29), utc(2026, 3, 29, 12)) == [
        utc(2026, 3, 29, 1, 30)
    ]


def test_an_hour_that_happens_twice_is_due_the_first_time():
    assert slots(daily("02:30"), PARIS, utc(2026, 10, 25), utc(2026, 10, 25, 12)) == [
        utc(2026, 10, 25, 0, 30)
    ]


def test_a_daily_cadence_keeps_its_weekdays():
    weekdays = daily("07:00", weekdays=["mon", "fri"])
    found = slots(weekdays, PARIS, utc(2026, 11, 16), utc(2026, 11, 30))
    assert [slot.strftime("%a") for slot in found] == ["Mon", "Fri", "Mon", "Fri"]


def test_a_monthly_cadence_on_the_31st_takes_the_last_day():
    monthly = Cadence.model_validate({"rule": "monthly", "at": ["08:00"], "day": 31})
    found = slots(monthly, "UTC", utc(2027, 1, 1), utc(2027, 4, 1))
    assert [slot.date().isoformat() for slot in found] == ["2027-01-31", "2027-02-28", "2027-03-31"]


def test_the_neighbours_of_a_moment_are_found():
    cadence = daily("07:00", weekdays=["sun"])
    now = utc(2026, 11, 20, 12)
    assert previous_slot(cadence, PARIS, now) == utc(2026, 11, 15, 6)
    assert next_slot(cadence, PARIS, now) == utc(2026, 11, 22, 6)


@given(zones, st.times(), st.integers(0, 20 * 365))
def test_a_daily_cadence_has_one_slot_for_each_local_day_in_twenty_years(
    zone: str, at: time, day: int
):
    cadence = daily(at.strftime("%H:%M"))
    start = utc(2026, 1, 1) + timedelta(days=day)
    found = slots(cadence, zone, start, start + timedelta(days=30))
    local = [slot.astimezone(zoneinfo.ZoneInfo(zone)).date() for slot in found]
    assert len(local) in {29, 30, 31}
    assert local == sorted(set(local))
    assert (local[-1] - local[0]).days == len(local) - 1


@given(zones, st.integers(0, 14 * 365 * 24), st.integers(0, 100))
def test_two_halves_of_a_span_hold_the_slots_of_the_whole(zone: str, start: int, hours: int):
    low = utc(2026, 1, 1) + timedelta(hours=start)
    middle, high = low + timedelta(hours=hours), low + timedelta(hours=150)
    cadence = daily("02:30", "07:00")
    whole = slots(cadence, zone, low, high)
    assert slots(cadence, zone, low, middle) + slots(cadence, zone, middle, high) == whole


@pytest.mark.parametrize("moment", [utc(2026, 11, 20, 6), utc(2026, 11, 20, 5, 59)])
def test_a_slot_is_found_from_before_and_not_from_itself(moment: datetime):
    found = slots(daily("07:00"), PARIS, moment, utc(2026, 11, 20, 12))
    assert bool(found) == (moment < utc(2026, 11, 20, 6))
