import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from colporteur.editions.arrangement import Arrangement, read_arrangement
from colporteur.editions.choosing import Candidate, Fate, Offer, Profile, Rules, choose, fates
from colporteur.editions.windows import (
    holds,
    joined,
    open_windows,
    read_windows,
    without,
    write_windows,
)

SLOT = datetime(2026, 11, 20, 7, tzinfo=UTC)
RULES = Rules(min_items=1, max_items=3, max_age=timedelta(days=7))
HEALTH, LAW = 1, 2
ANYTHING = Profile(frozenset(), frozenset(), "briefing")
ALL = Offer(((0, 99),))
windows = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair))),
    max_size=6,
)


def candidate(number: int, *topics: int, hours: int = 1) -> Candidate:
    return Candidate(100 + number, number, frozenset(topics), SLOT - timedelta(hours=hours))


def chosen(
    candidates: list[Candidate],
    profile: Profile = ANYTHING,
    *,
    rules: Rules = RULES,
    offer: Offer = ALL,
    arrangement: Arrangement = Arrangement(),  # noqa: B008 - frozen
) -> tuple[int, ...]:
    found = choose(candidates, profile, offer, rules, SLOT, arrangement)
    return found.articles if found else ()


def test_the_newest_comes_first_and_the_overflow_is_counted():
    found = choose([candidate(one, hours=one) for one in range(1, 6)], ANYTHING, ALL, RULES, SLOT)
    assert found is not None
    assert (found.articles, found.more) == ((101, 102, 103), 2)


def test_a_wanted_topic_lets_through_what_has_it_and_nothing_else():
    wants = Profile(frozenset({HEALTH}), frozenset(), "briefing")
    assert chosen([candidate(1, HEALTH, LAW), candidate(2, LAW), candidate(3)], wants) == (101,)


def test_an_unwanted_topic_keeps_out_what_has_it_and_what_has_none():
    shuns = Profile(frozenset(), frozenset({LAW}), "briefing")
    assert chosen([candidate(1, HEALTH, LAW), candidate(2, HEALTH), candidate(3)], shuns) == (102,)


def test_an_article_older_than_max_age_never_goes_out():
    assert chosen([candidate(1, hours=24 * 7), candidate(2, hours=24 * 7 + 1)]) == (101,)


def test_too_few_articles_are_carried_over():
    rules = Rules(min_items=2, max_items=3, max_age=timedelta(days=7))
    assert chosen([candidate(1)], rules=rules) == ()
    assert chosen([candidate(1), candidate(2)], rules=rules) == (102, 101)


def test_what_an_earlier_digest_settled_is_not_brought_again():
    offer = Offer(open_windows(0, 9, [(4, 6)]))
    assert chosen([candidate(one) for one in (2, 5, 8)], offer=offer) == (108, 102)


def test_what_another_delivery_brings_is_left_to_it():
    offer = Offer(((0, 99),), frozenset({102}))
    assert chosen([candidate(1), candidate(2)], offer=offer) == (101,)


def test_the_lead_comes_first_then_what_was_put_in_order_then_the_newest():
    wished = Arrangement(lead=103, order=(101, 104))
    four = [candidate(one, hours=one) for one in (1, 2, 3, 4)]
    assert chosen(four, rules=Rules(1, 9, RULES.max_age), arrangement=wished) == (
        103,
        101,
        104,
        102,
    )
    assert chosen(four, arrangement=wished) == (103, 101, 104)  # what is pinned is not cut off


def test_a_pin_brings_nothing_to_those_whose_topics_keep_it_out():
    wants = Profile(frozenset({HEALTH}), frozenset(), "briefing")
    two = [candidate(1, HEALTH), candidate(2, LAW)]
    assert chosen(two, wants, arrangement=Arrangement(lead=102)) == (101,)


def test_what_an_editor_left_out_stays_out_and_counts_for_nothing():
    wished = Arrangement(left_out=frozenset({101}))
    assert chosen([candidate(1), candidate(2)], arrangement=wished) == (102,)
    rules = Rules(min_items=2, max_items=3, max_age=RULES.max_age)
    assert chosen([candidate(1), candidate(2)], rules=rules, arrangement=wished) == ()


def test_each_candidate_has_a_fate_and_the_first_rule_that_bars_it_is_named():
    wants = Profile(frozenset({HEALTH}), frozenset(), "briefing")
    offer = Offer(((1, 99),), frozenset({102}))
    wished = Arrangement(left_out=frozenset({104}))
    candidates = [
        candidate(1, HEALTH),
        candidate(2, HEALTH),
        candidate(3, HEALTH, hours=24 * 8),
        candidate(4, HEALTH),
        candidate(5, LAW),
        candidate(6, HEALTH, hours=1),
        candidate(7, HEALTH, hours=2),
    ]
    assert fates(candidates, wants, offer, Rules(1, 1, RULES.max_age), SLOT, wished) == {
        101: Fate.NOT_THEIRS,
        102: Fate.ALREADY_GOT,
        103: Fate.TOO_OLD,
        104: Fate.LEFT_OUT,
        105: Fate.FILTERED,
        106: Fate.IN,
        107: Fate.OVERFLOW,
    }
    too_few = Rules(3, 9, RULES.max_age)
    assert fates(candidates, wants, offer, too_few, SLOT, wished)[106] is Fate.TOO_FEW


def test_words_written_for_a_lead_are_not_said_of_another():
    wished = Arrangement(lead=7, subject="Sept", preheader="sur sept")
    assert wished.words_for(7) == ("Sept", "sur sept")
    assert wished.words_for(8) == ("", "")


def test_an_arrangement_survives_being_stored():
    wished = Arrangement(7, (8, 9), frozenset({3, 4}), "Intro", "Sujet", "Suite")
    assert read_arrangement(wished.as_json()) == wished
    assert Arrangement().as_json() == {}


@given(st.integers(0, 60), st.integers(0, 80), windows)
def test_open_windows_hold_each_number_that_is_new_and_not_settled(
    start: int, upto: int, settled: list[tuple[int, int]]
):
    found = open_windows(start, upto, settled)
    for number in range(90):
        expected = start < number <= upto and not any(low < number <= high for low, high in settled)
        assert any(low < number <= high for low, high in found) == expected


@given(windows)
def test_windows_survive_being_written(some: list[tuple[int, int]]):
    assert read_windows(write_windows(some)) == tuple(some)


@given(windows, st.lists(st.integers(0, 80), max_size=5))
def test_windows_without_numbers_hold_all_the_others(
    some: list[tuple[int, int]], numbers: list[int]
):
    left = without(some, numbers)
    for number in range(90):
        assert holds(left, number) == (holds(some, number) and number not in numbers)


@given(windows)
def test_joined_windows_hold_the_same_numbers_in_order_and_apart(some: list[tuple[int, int]]):
    found = joined(some)
    assert all(holds(found, number) == holds(some, number) for number in range(90))
    assert all(one[1] < two[0] for one, two in itertools.pairwise(found))
