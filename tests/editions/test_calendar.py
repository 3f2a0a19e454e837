import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colporteur.editions.calendar import next_slot, previous_slot, slots
from colporteur.publication import Cadence

PARIS = "Europe/Paris"
ZONES = [
    "Europe/Paris",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]
zones = st.sampled_from(ZONES)


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


def rule(**said: object) -> Cadence:
    return Cadence.model_validate({"at": ["08:00"]} | said)


def dates(found: list[datetime], zone: str = "UTC") -> list[str]:
    return [slot.astimezone(zoneinfo.ZoneInfo(zone)).date().isoformat() for slot in found]


def test_an_instant_cadence_has_no_slots():
    instant = Cadence(rule="instant")
    now = utc(2026, 11, 20)
    assert slots(instant, PARIS, now, utc(2027, 1, 1)) == []
    assert previous_slot(instant, PARIS, now) == now
    assert next_slot(instant, PARIS, now) is None


MONTHLY = [
    ({"on": "first monday"}, ["2027-01-04", "2027-02-01", "2027-03-01"]),
    ({"on": "fourth sunday"}, ["2027-01-24", "2027-02-28", "2027-03-28"]),
    ({"on": "last friday"}, ["2027-01-29", "2027-02-26", "2027-03-26"]),
    ({"on": "last wednesday"}, ["2027-01-27", "2027-02-24", "2027-03-31"]),
    ({"day": 30}, ["2027-01-30", "2027-02-28", "2027-03-30"]),
]


@pytest.mark.parametrize(("day", "wanted"), MONTHLY)
def test_a_monthly_cadence_is_due_once_a_month(day: dict[str, object], wanted: list[str]):
    found = slots(rule(rule="monthly", **day), "UTC", utc(2027, 1, 1), utc(2027, 4, 1))
    assert dates(found) == wanted


def test_every_two_weeks_keeps_its_local_hour_across_a_change_of_clocks():
    fortnight = rule(rule="every", every="2w", starting="2026-10-12")
    found = slots(fortnight, PARIS, utc(2026, 9, 1), utc(2026, 11, 20))
    assert found == [utc(2026, 10, 12, 6), utc(2026, 10, 26, 7), utc(2026, 11, 9, 7)]


def test_every_so_often_is_counted_from_its_first_date_however_late_one_looks():
    third_day = rule(rule="every", every="3d", starting="2026-11-23")
    assert next_slot(third_day, "UTC", utc(2005, 1, 1)) == utc(2026, 11, 23, 8)
    assert previous_slot(third_day, "UTC", utc(2026, 11, 23)) == utc(2026, 11, 23)
    found = slots(third_day, "UTC", utc(2027, 11, 20), utc(2027, 11, 30))
    assert dates(found) == ["2027-11-21", "2027-11-24", "2027-11-27"]


def test_a_date_to_skip_has_no_slot():
    christmas = frozenset([date(2026, 12, 25)])
    found = slots(daily("07:00"), PARIS, utc(2026, 12, 24), utc(2026, 12, 27), christmas)
    assert dates(found, PARIS) == ["2026-12-24", "2026-12-26"]
    boxing_day = utc(2026, 12, 26)
    assert previous_slot(daily("07:00"), PARIS, boxing_day, christmas) == utc(2026, 12, 24, 6)
    assert next_slot(daily("07:00"), PARIS, utc(2026, 12, 24, 6), christmas) == utc(2026, 12, 26, 6)


def test_a_date_to_skip_is_told_in_the_cadences_zone():
    late = daily("23:30")
    auckland = "Pacific/Auckland"
    found = slots(late, auckland, utc(2026, 12, 24), utc(2026, 12, 26), [date(2026, 12, 25)])
    assert dates(found, auckland) == ["2026-12-24"]


def test_neighbours_are_found_a_year_and_more_away():
    yearly = rule(rule="every", every="52w", starting="2020-01-06")
    now = utc(2026, 12, 20)
    (last,) = slots(yearly, "UTC", now - timedelta(days=364), now)
    assert previous_slot(yearly, "UTC", now) == last
    assert previous_slot(yearly, "UTC", now, [last.date()]) == last - timedelta(weeks=52)
    after = last + timedelta(weeks=52)
    assert next_slot(yearly, "UTC", now, [after.date()]) == after + timedelta(weeks=52)
    monthly = rule(rule="monthly", day=1)
    skip = [date(2026, month, 1) for month in range(1, 13)]
    assert previous_slot(monthly, "UTC", now, skip) == utc(2025, 12, 1, 8)


def test_an_hour_skipped_at_midnight_stays_on_its_date():
    """Pyongyang went from 23:30 to midnight on 2018-05-04."""
    found = slots(daily("23:45"), "Asia/Pyongyang", utc(2018, 5, 3), utc(2018, 5, 6))
    assert dates(found, "Asia/Pyongyang") == ["2018-05-03", "2018-05-04", "2018-05-05"]
    local = found[1].astimezone(zoneinfo.ZoneInfo("Asia/Pyongyang"))
    assert local.strftime("%H:%M") == "23:29"


def test_a_date_that_does_not_exist_has_no_slot():
    """Apia left out 2011-12-30."""
    for hour in ("00:00", "07:00", "23:59"):
        found = slots(daily(hour), "Pacific/Apia", utc(2011, 12, 28), utc(2012, 1, 2))
        local = dates(found, "Pacific/Apia")
        assert "2011-12-30" not in local
        assert {"2011-12-29", "2011-12-31"} <= set(local)
        assert len(local) == len(set(local))


def test_a_slot_is_not_lost_when_clocks_go_back_over_midnight():
    """St John's went from 00:01 back to 23:01 of the day before, so 00:00 happened twice."""
    cadence, zone = daily("00:00"), "America/St_Johns"
    (slot,) = slots(cadence, zone, utc(2010, 11, 7, 2), utc(2010, 11, 8, 2))
    for minutes in range(0, 180, 10):
        middle = utc(2010, 11, 7, 2) + timedelta(minutes=minutes)
        halves = slots(cadence, zone, utc(2010, 11, 7, 2), middle)
        assert halves + slots(cadence, zone, middle, utc(2010, 11, 8, 2)) == [slot]


def _existing(zone: str, start: datetime, years: int) -> list[date]:
    """The local dates of a zone, told hour by hour."""
    place = zoneinfo.ZoneInfo(zone)
    hours = years * 366 * 24
    return sorted(
        {(start + timedelta(hours=hour)).astimezone(place).date() for hour in range(hours)}
    )


@settings(max_examples=30, deadline=None)
@given(zones, st.integers(0, 1439), st.integers(2006, 2044))
def test_a_daily_cadence_has_one_slot_for_each_local_day(zone: str, minute: int, year: int):
    start = utc(year, 1, 1)
    cadence = daily(f"{minute // 60:02}:{minute % 60:02}")
    found = slots(cadence, zone, start - timedelta(days=3), start + timedelta(days=3 + 2 * 366))
    local = [slot.astimezone(zoneinfo.ZoneInfo(zone)).date() for slot in found]
    assert local == sorted(set(local))
    existing = _existing(zone, start, 2)
    assert [day for day in local if existing[0] <= day <= existing[-1]] == existing


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", ["00:00", "00:30", "02:30", "23:45"])
def test_forty_years_of_a_zone_have_one_slot_a_day(zone: str, hour: str):
    found = slots(daily(hour), zone, utc(2006, 1, 1, 12), utc(2046, 1, 1, 12))
    local = [slot.astimezone(zoneinfo.ZoneInfo(zone)).date() for slot in found]
    assert local == sorted(set(local))
    left_out = (local[-1] - local[0]).days + 1 - len(local)
    assert left_out == (zone == "Pacific/Apia")  # its 2011-12-30, and nothing else


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
