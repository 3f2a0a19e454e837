from datetime import UTC, datetime, timedelta

import pytest
from house import channel, digest, publication

from colporteur.simulation.log import (
    Chose,
    Ended,
    Event,
    Froze,
    Handed,
    Left,
    Log,
    Missed,
    Row,
    Sent,
    Ticked,
    Withdrawn,
)
from colporteur.simulation.oracle import judge
from colporteur.simulation.verdict import Verdict

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SLOT = datetime(2026, 11, 21, 6, tzinfo=UTC)
DAY = timedelta(days=1)
READER = "r@readers.example"


def judged(*events: Event, **rules: object) -> Verdict:
    channels = [channel("actualites", "fr", digest=digest(**rules))]
    wanted = publication(channels=channels, languages=["fr"])
    return judge(Log(wanted, NOON - DAY, list(events)))


def handed(name: str, at: datetime = NOON, **said: object) -> Handed:
    values: dict[str, object] = {"language": "fr", "channels": ("actualites",)}
    return Handed(at, name, **(values | {"topics": frozenset()} | said))  # type: ignore[arg-type]


def chose(**said: object) -> Chose:
    return Chose(NOON - timedelta(hours=1), READER, "actualites", "matin", **said)  # type: ignore[arg-type]


def froze(day: int, *brought: str, due: datetime | None = None) -> Froze:
    slot = SLOT + day * DAY
    rows = {READER: Row(brought, due or slot)} if brought else {}
    return Froze(slot, day + 1, "actualites", "matin", slot, rows=rows)


def ticked(day: int) -> Ticked:
    return Ticked(SLOT + day * DAY)


def counts(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.repeated, verdict.missing, verdict.extra


def test_what_the_rules_give_is_no_fault():
    events = [chose(), handed("a"), ticked(0), froze(0, "a"), Sent(SLOT, 1, READER, ("a",))]
    assert counts(judged(*events)) == (0, 0, 0)


def test_an_article_in_two_live_deliveries_is_repeated():
    events = [chose(), handed("a"), ticked(0), froze(0, "a"), ticked(1), froze(1, "a")]
    assert counts(judged(*events)) == (1, 0, 0)


def test_an_article_sent_after_the_delivery_that_has_it_failed_late_is_none():
    ended = Ended(SLOT + timedelta(hours=1), 1, READER, "failed")
    events = [chose(), handed("a"), ticked(0), froze(0, "a"), ended, ticked(1), froze(1, "a")]
    assert counts(judged(*events)) == (0, 0, 0)


def test_what_failed_and_is_not_brought_again_is_missing():
    ended = Ended(SLOT + timedelta(hours=1), 1, READER, "failed")
    events = [chose(), handed("a"), ticked(0), froze(0, "a"), ended, ticked(1), froze(1)]
    assert counts(judged(*events)) == (0, 1, 0)


@pytest.mark.parametrize("instead", [[], [Missed(SLOT, 1, "actualites", "matin", SLOT)]])
def test_an_edition_that_is_not_made_is_missing_for_its_readers(instead: list[Event]):
    events = [chose(), handed("a"), handed("b"), ticked(0), *instead, ticked(1)]
    assert counts(judged(*events))[1] >= 2


def test_an_edition_that_no_slot_asks_for_is_extra():
    assert counts(judged(chose(), handed("a"), froze(0, "a"))) == (0, 0, 1)


@pytest.mark.parametrize(
    "said",
    [
        {"language": "ar"},
        {"dated_at": SLOT - timedelta(days=8)},
        {"topics": frozenset({"law"})},
        {"topics": frozenset()},
        {"in_digests": False},
        {"publish_at": SLOT + DAY},
    ],
)
def test_what_a_rule_keeps_out_is_extra(said: dict[str, object]):
    wants = chose(topics_in=frozenset({"health"}))
    right = {"topics": frozenset({"health"})}
    good = [wants, handed("a", **right), ticked(0), froze(0, "a")]
    assert counts(judged(*good)) == (0, 0, 0)
    bad = [wants, handed("a", **(right | said)), ticked(0), froze(0, "a")]
    assert counts(judged(*bad)) == (0, 0, 1)


def test_what_is_withdrawn_after_the_freeze_and_sent_all_the_same_is_extra():
    withdrawn, tick = Withdrawn(SLOT, "a"), Ticked(SLOT + timedelta(minutes=1))
    events = [chose(), handed("a"), handed("b", NOON + DAY / 24), ticked(0), froze(0, "b", "a")]
    sent = Sent(SLOT, 1, READER, ("b", "a"))
    assert counts(judged(*events, withdrawn, tick, sent)) == (0, 0, 1)
    rest = Sent(SLOT, 1, READER, ("b",))
    assert counts(judged(*events, withdrawn, tick, rest)) == (0, 0, 0)


def test_too_few_articles_are_carried_over_and_the_overflow_is_not():
    few = [chose(), handed("a"), ticked(0), froze(0), handed("b", SLOT), ticked(1)]
    assert counts(judged(*few, froze(1, "b", "a"), min_items=2)) == (0, 0, 0)
    many = [chose(), handed("a"), handed("b", NOON + DAY / 24), ticked(0), froze(0, "b"), ticked(1)]
    assert counts(judged(*many, froze(1), max_items=1)) == (0, 0, 0)
    assert counts(judged(*many, froze(1, "a"), max_items=1)) == (0, 0, 1)


def test_an_hour_that_was_not_chosen_is_noticed():
    evening = SLOT + timedelta(hours=13)
    events = [chose(minute=20 * 60), handed("a"), ticked(0)]
    assert counts(judged(*events, froze(0, "a", due=evening))) == (0, 0, 0)
    assert counts(judged(*events, froze(0, "a"))) == (0, 1, 0)


def test_mail_before_its_hour_or_to_nobodys_order_is_extra():
    events = [chose(), handed("a"), ticked(0), froze(0, "a")]
    early = Sent(SLOT - timedelta(minutes=1), 1, READER, ("a",))
    assert counts(judged(*events, early)) == (0, 0, 1)
    again = Sent(SLOT, 1, READER, ("a",))
    assert counts(judged(*events, again, again)) == (0, 0, 1)


def test_a_delivery_that_never_ends_is_missing():
    events = [chose(), handed("a"), ticked(0), froze(0, "a")]
    assert counts(judged(*events, handed("b", SLOT + 7 * DAY)))[1] == 1


def test_who_left_is_owed_nothing_and_who_comes_back_what_came_since_the_last_slot():
    left = Left(SLOT + timedelta(hours=1), READER, "actualites")
    back = Chose(SLOT + 2 * DAY + timedelta(hours=2), READER, "actualites", "matin")
    events = [chose(), handed("a"), ticked(0), froze(0, "a"), left, handed("b", SLOT + DAY / 4)]
    events += [ticked(1), froze(1), handed("c", SLOT + 2 * DAY + timedelta(hours=1)), back]
    assert counts(judged(*events, ticked(3), froze(3, "c"))) == (0, 0, 0)
    assert counts(judged(*events, ticked(3), froze(3, "c", "b"))) == (0, 0, 1)


def test_what_was_missed_is_caught_up_once_if_it_is_young():
    events = [chose(), handed("a"), Ticked(SLOT + DAY + timedelta(hours=5))]
    assert counts(judged(*events, froze(1, "a"))) == (0, 0, 0)
    assert counts(judged(*events, froze(0, "a"), froze(1))) == (0, 0, 1)
    old = [chose(), handed("a"), Ticked(SLOT + DAY + timedelta(hours=7))]
    assert counts(judged(*old)) == (0, 0, 0)
    assert counts(judged(*old, froze(1, "a"))) == (0, 0, 1)
