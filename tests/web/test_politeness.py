import pytest
from asking import Ask
from hypothesis import given
from hypothesis import strategies as st

from colporteur.web.politeness import IN_A_WINDOW, WINDOW_S, Politeness

DATABASES = ("sqlite",)  # the stores below have their tests on both

CURL = b"curl/8.9"
FEED = "feeds/actualites.rss"


def hammer(politeness: Politeness, times: int, agent: bytes = CURL, now: float = 0.0) -> list[int]:
    return [politeness.wait("192.0.2.1", agent, FEED, now) for _ in range(times)]


def test_a_program_that_hammers_is_told_when_to_come_back():
    politeness = Politeness()
    waits = hammer(politeness, IN_A_WINDOW + 2, now=100.0)
    assert waits[:IN_A_WINDOW] == [0] * IN_A_WINDOW
    assert all(0 < wait <= WINDOW_S + 1 for wait in waits[IN_A_WINDOW:])
    assert politeness.wait("192.0.2.1", CURL, FEED, 100.0 + WINDOW_S) == 0


def test_others_at_the_same_address_and_other_feeds_are_served():
    politeness = Politeness()
    hammer(politeness, IN_A_WINDOW + 1)
    assert politeness.wait("192.0.2.1", b"NetNewsWire/6", FEED, 1.0) == 0
    assert politeness.wait("192.0.2.2", CURL, FEED, 1.0) == 0
    assert politeness.wait("192.0.2.1", CURL, "feeds/all.rss", 1.0) == 0


@pytest.mark.parametrize(
    "agent",
    [
        b"Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)",
        b"Inoreader/1.0",
        b"NewsBlur Feed Fetcher - 3 subscribers",
        b"W3C_Validator/1.3",
    ],
)
@pytest.mark.usefixtures("published")
def test_aggregators_are_never_slowed(ask: Ask, agent: bytes):
    told = {"User-Agent": agent.decode()}
    found = [ask("GET", "/feeds/all.rss", headers=told) for _ in range(IN_A_WINDOW + 5)]
    assert {one.status_code for one in found} == {200}


def test_an_address_from_which_someone_polls_conditionally_is_let_be():
    politeness = Politeness()
    politeness.conditional("192.0.2.1", 0.0)
    assert set(hammer(politeness, 5 * IN_A_WINDOW, now=WINDOW_S - 1)) == {0}
    assert any(hammer(politeness, 5 * IN_A_WINDOW, now=2 * WINDOW_S))


@given(st.lists(st.floats(0, WINDOW_S * 3), max_size=150).map(sorted))
def test_polling_within_the_limit_is_never_slowed_and_waiting_always_helps(times: list[float]):
    politeness = Politeness()
    for moment in times:
        wait = politeness.wait("192.0.2.1", CURL, FEED, moment)
        if wait:
            assert politeness.wait("192.0.2.1", CURL, FEED, moment + wait) == 0
            return


@pytest.mark.usefixtures("published")
def test_hammering_gets_429_with_whole_seconds_and_a_conditional_poll_never(ask: Ask):
    for _ in range(IN_A_WINDOW):
        found = ask("GET", "/feeds/actualites.rss", headers={"User-Agent": "curl/8"})
        assert found.status_code == 200
    slowed = ask("GET", "/feeds/actualites.rss", headers={"User-Agent": "curl/8"})
    assert slowed.status_code == 429
    assert slowed.headers["retry-after"].isdecimal()
    junk = {"User-Agent": "curl/8", "If-None-Match": '"made-up"'}
    assert ask("GET", "/feeds/actualites.rss", headers=junk).status_code == 200
    slowed = ask("GET", "/feeds/actualites.rss", headers={"User-Agent": "curl/8"})
    assert slowed.status_code == 429  # a validator that we never gave shows no one that behaves
    validators = {"User-Agent": "curl/8", "If-None-Match": found.headers["etag"]}
    assert ask("GET", "/feeds/actualites.rss", headers=validators).status_code == 304
