from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from colporteur.editions.choosing import Candidate, Profile, Rules, choose, open_windows
from colporteur.editions.readers import read_windows, write_windows

SLOT = datetime(2026, 11, 20, 7, tzinfo=UTC)
RULES = Rules(min_items=1, max_items=3, max_age=timedelta(days=7))
HEALTH, LAW = 1, 2
ANYTHING = Profile(frozenset(), frozenset(), "briefing")
windows = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair))),
    max_size=6,
)


def candidate(number: int, *topics: int, hours: int = 1) -> Candidate:
    return Candidate(100 + number, number, frozenset(topics), SLOT - timedelta(hours=hours))


def chosen(
    candidates: list[Candidate], profile: Profile = ANYTHING, **more: object
) -> tuple[int, ...]:
    found = choose(candidates, profile, [(0, 99)], more.get("rules", RULES), SLOT)  # type: ignore[arg-type]
    return found.articles if found else ()


def test_the_newest_comes_first_and_the_overflow_is_counted():
    found = choose(
        [candidate(one, hours=one) for one in range(1, 6)], ANYTHING, [(0, 9)], RULES, SLOT
    )
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
    found = choose(
        [candidate(one) for one in (2, 5, 8)], ANYTHING, open_windows(0, 9, [(4, 6)]), RULES, SLOT
    )
    assert found is not None
    assert found.articles == (108, 102)


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
