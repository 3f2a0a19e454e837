from datetime import UTC, datetime

import pytest
from house import publication

from colporteur.editions.moments import read_moment, slot_named
from colporteur.exceptions import ChoiceRefused, UnknownName

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_a_moment_without_an_offset_is_on_the_clock_of_its_zone():
    found = read_moment("2026-11-24T07:00", "Europe/Paris")
    assert found == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def test_a_moment_with_an_offset_says_itself_when_it_is():
    found = read_moment("2026-11-24T07:00-05:00", "Europe/Paris")
    assert found == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_is_read_with_the_offset_before():
    found = read_moment("2026-03-29T02:30", "Europe/Paris")
    assert found == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01T07:00", "2026-11-24T25:00"])
def test_what_is_no_moment_is_refused(text: str):
    with pytest.raises(ChoiceRefused, match="is no moment"):
        read_moment(text, "Europe/Paris")


def test_a_date_that_a_zone_left_out_is_refused():
    with pytest.raises(ChoiceRefused, match="there was no 2011-12-30"):
        read_moment("2011-12-30T07:00", "Pacific/Apia")


def test_the_next_slot_is_meant_where_no_time_is_said():
    sample = publication()
    found = slot_named(sample, sample.channel("actualites"), "matin", None, NOW)
    assert found == datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def test_a_cadence_that_the_channel_does_not_offer_is_refused():
    sample = publication()
    with pytest.raises(UnknownName, match="no cadence 'soir'"):
        slot_named(sample, sample.channel("actualites"), "soir", None, NOW)
