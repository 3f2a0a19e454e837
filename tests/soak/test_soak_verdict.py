"""The judge of ``make soak`` sees what went wrong; the soak itself takes ten minutes by hand."""

from datetime import UTC, datetime

import pytest

from bench.soak import verdict
from bench.soak.figures import slope, spread
from bench.soak.mailbag import Mail, Mailbag
from bench.soak.verdict import Stay
from bench.soak.world import GONE, Article, Group, groups, owed, publication

A, B = "even-1@d1.example.org", "new-7@d7.example.org"
PORT = Article("port", 10.0, "sante")
VILLE = Article("ville", 20.0, "villes")


def mail(who: str, *articles: str, at: float = 30.0, number: str = "1") -> Mail:
    return Mail(at, who, f"<{number}@x>", frozenset(articles), 0, 0)


def test_a_steady_reader_without_an_article_is_missed():
    kept = verdict.nobody_missed([mail(A, "port")], {A: {"port", "ville"}}, [], {})
    assert kept.broken == (f"{A} lacks ville",)


@pytest.mark.parametrize(("since", "broken"), [(5.0, 1), (15.0, 0)])
def test_a_newcomer_is_owed_what_came_after_they_confirmed(since: float, broken: int):
    published = {"port": 10.0, "ville": 20.0}
    came = [Stay(B, since)]
    assert len(verdict.nobody_missed([mail(B, "ville")], {}, came, published).broken) == broken


def test_an_article_in_two_messages_is_twice_but_not_in_one_that_was_doubled():
    again = [mail(A, "port"), mail(A, "port")]
    assert verdict.nobody_twice(again).broken == ()
    assert verdict.nobody_twice([*again, mail(A, "port", number="2")]).broken == (f"{A} got port",)


def test_what_is_doubled_must_be_recorded_and_no_more_than_was_cut():
    again = [mail(A, "port"), mail(A, "port")]
    assert verdict.doubles_recorded(again, {A}, 1).broken == ()
    assert verdict.doubles_recorded(again, set(), 1).broken == (f"{A}'s is not recorded",)
    assert verdict.doubles_recorded(again, {A}, 0).broken == ("1 doubled after 0 cut connections",)


def test_who_left_hears_nothing_after_a_while():
    left = [Stay(B, 0.0, 10.0)]
    soon, late = mail(B, "port", at=15.0), mail(B, "ville", at=25.0)
    assert verdict.who_left_hears_nothing([soon, late], left, 10.0).broken == (f"{B} after 15 s",)


def test_the_ledger_and_the_relay_must_agree():
    assert verdict.ledger_agrees([mail(A), mail(A)], {A: 1}, set()).broken == ()
    assert verdict.ledger_agrees([mail(A)], {}, {A}).broken == ()  # taken, then cut, then they left
    assert verdict.ledger_agrees([mail(A)], {B: 1}, {B}).broken == (
        f"{A}: 0 sent, 1 taken",
        f"{B}: 1 sent, 0 taken",
    )
    assert verdict.nothing_is_left({"sent": 3, "deferred": 1}).broken == ("1 deferred",)


def test_readers_are_owed_what_their_topics_let_through_and_nothing_that_was_withdrawn():
    every, topic = Group("even", 1, "pairs"), Group("topic", 1, "pairs", topic=True)
    gone = Group("gone", 1, "pairs", domain=GONE)
    assert owed(every, [PORT, VILLE]) == {"port", "ville"}
    assert owed(every, [PORT.taken_back(), VILLE]) == {"ville"}
    assert owed(topic, [PORT, VILLE]) == {"port"}
    assert owed(gone, [PORT]) == set()


def test_a_soak_has_a_publication_that_is_valid_and_readers_with_addresses_of_their_own():
    made = publication(datetime(2026, 11, 22, 22, 55, tzinfo=UTC), 10)
    assert [*made.channels[0].digest.cadences] == ["pairs", "impairs", "instant"]
    addresses = [one for group in groups(100) for one in group.addresses()]
    assert len(addresses) == len({*addresses}) == 85


def test_memory_that_grows_a_mebibyte_a_minute_has_a_slope_of_sixty():
    samples = [(60.0 * n, n * 1024 * 1024) for n in range(10)]
    assert slope(samples, 120) == pytest.approx(60)
    assert slope(samples, 9000) == 0.0
    assert spread([3.0, 1.0, 2.0]).median == 2.0


def test_the_mailbag_reads_on_where_it_stood_and_leaves_what_is_being_written(tmp_path):
    path = tmp_path / "messages"
    body = (
        b"Message-ID: <7@x>\r\nList-Unsubscribe: <https://relais.example/unsubscribe/t0>\r\n\r\n"
        b"https://relais.example/confirm/abc et https://relais.example/artic=\r\nles/port\r\n"
    )
    whole = b"1.500 %d %s\n" % (len(body), A.encode()) + body
    path.write_bytes(whole + whole[:40])
    bag = Mailbag(path)
    bag.look()
    bag.look()
    (one,) = bag.mails
    assert (one.at, one.recipient, one.message_id, one.articles) == (1.5, A, "<7@x>", {"port"})
    assert bag.link(one, "/confirm/") == "/confirm/abc"
    assert bag.way_out(one) == "/unsubscribe/t0"
    path.write_bytes(whole + whole)
    bag.look()
    assert len(bag.of(A)) == 2
