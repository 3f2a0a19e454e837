from datetime import UTC, date, datetime, time, timedelta

import pytest

from colporteur.editions.calendar import slots
from colporteur.simulation.minutes import Minutes, Rule
from colporteur.simulation.press import publication


def readings(zone: str, minute: int, first: str, days: int) -> list[tuple[date, datetime]]:
    since = datetime.fromisoformat(first).replace(tzinfo=UTC)
    return Minutes(since, since + timedelta(days=days)).readings(zone, minute)


def test_an_hour_that_is_leapt_over_is_counted_on():
    found = dict(readings("Europe/Paris", 150, "2026-03-27", 4))
    assert found[date(2026, 3, 29)] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_hour_that_happens_twice_is_the_first():
    found = dict(readings("Europe/Paris", 150, "2026-10-24", 3))
    assert found[date(2026, 10, 25)] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_date_that_does_not_exist_has_no_hour():
    found = dict(readings("Pacific/Apia", 9 * 60, "2011-12-28", 5))
    assert date(2011, 12, 30) not in found
    assert {date(2011, 12, 29), date(2011, 12, 31)} <= set(found)


@pytest.mark.parametrize("first", ["2026-02-12", "2026-09-14"])
def test_looking_at_every_minute_finds_what_the_calendar_says(first: str):
    since = datetime.combine(date.fromisoformat(first), time(), UTC)
    until = since + timedelta(days=60)
    minutes = Minutes(since, until)
    for channel in publication().channels:
        assert channel.digest
        for name, cadence in channel.digest.cadences.items():
            zone = cadence.timezone or publication().timezone
            found = minutes.slots(Rule((channel.slug, name), cadence, zone, channel.digest))
            edges = since + timedelta(days=2), until - timedelta(days=2)
            skip = frozenset(channel.digest.skip)
            inside = [slot for slot in found if edges[0] < slot <= edges[1]]
            assert inside == slots(cadence, zone, *edges, skip), (channel.slug, name)


def test_a_weekday_counts_for_a_week_alone():
    rules = publication().channels[0].digest
    assert rules
    since = datetime(2026, 9, 14, tzinfo=UTC)
    minutes = Minutes(since, since + timedelta(days=21))
    slot = datetime(2026, 9, 20, 5, tzinfo=UTC)
    weekly = Rule(("journal", "hebdo"), rules.cadences["hebdo"], "Europe/Paris", rules)
    daily = Rule(("journal", "matin"), rules.cadences["matin"], "Europe/Paris", rules)
    assert minutes.due(weekly, slot, 2, 600, None) == datetime(2026, 9, 23, 8, tzinfo=UTC)
    assert minutes.due(daily, slot, 2, 600, None) == datetime(2026, 9, 20, 8, tzinfo=UTC)
    assert minutes.due(daily, slot, None, 360, None) == datetime(2026, 9, 21, 4, tzinfo=UTC)
