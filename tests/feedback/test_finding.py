"""Whose a bounce or a complaint is, and what it does: verified, or dropped and counted."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from house import NOW, House
from hypothesis import given
from hypothesis import strategies as some
from returns import (
    KEY,
    came,
    clues,
    delivery_to,
    drops,
    kept,
    mail_to,
    sent,
    state_of,
    verp,
)
from sink import Sink
from sqlalchemy import select, update

from colporteur.audience.heard import Effect, Kind
from colporteur.db import reading, writing
from colporteur.db.tables.delivery import backoffs, batches, deliveries
from colporteur.delivery.classifier import Verdict
from colporteur.delivery.letters import write_letter
from colporteur.feedback.clues import Clues, Incoming, quoted, tags_of
from colporteur.feedback.dropping import Drop
from colporteur.feedback.summing import summed
from colporteur.tokens import BOUNCE, LEAVE_BY_MAIL, MESSAGE_ID, fingerprint, make_tag

pytestmark = pytest.mark.smtp
AMINA, BRUNO = "amina@example.org", "bruno@example.org"


def bounce(clue: Clues, verdict: Verdict = Verdict.HARD, event: str = "1") -> Incoming:
    return Incoming(event, Kind.BOUNCE, verdict, clue)


def complaint(clue: Clues) -> Incoming:
    return Incoming("c", Kind.COMPLAINT, None, clue)


@pytest.fixture
def house(house: House, smtp_sink: Sink) -> House:
    sent(house, smtp_sink, "amina", "bruno", "chloe", "dora")
    return house


def tag(house: House, address: str) -> str:
    return make_tag(KEY, BOUNCE, delivery_to(house, address))


def test_the_tag_of_an_envelope_sender_finds_its_delivery(house: House):
    found = clues(tags=[tag(house, AMINA).upper()], addresses=["forwarded@elsewhere.example"])
    assert came(house, bounce(found)) is Effect.BOUNCED
    assert (state_of(house, AMINA), state_of(house, BRUNO)) == ("bounced", "active")
    (row,) = kept(house)
    assert row.delivery_id == delivery_to(house, AMINA)
    assert came(house, bounce(found)) is None


def test_forged_tags_are_dropped_and_counted(house: House):
    good = tag(house, AMINA)
    other = make_tag("x" * 32, BOUNCE, delivery_to(house, AMINA))
    leaving = make_tag(KEY, LEAVE_BY_MAIL, delivery_to(house, AMINA))
    flipped = ("a" if good[0] != "a" else "b") + good[1:]
    for one in (other, leaving, flipped, good[:-1], "", "é" * 24, "1" * 24):
        assert came(house, bounce(clues(tags=[one]))) is Drop.FORGED
    unsent = make_tag(KEY, BOUNCE, 4711)
    assert came(house, bounce(clues(tags=[unsent]))) is Drop.UNKNOWN
    assert came(house, bounce(clues(addresses=[AMINA]))) is Drop.UNKNOWN
    assert drops(house) == {"forged": 7, "unknown": 2}
    assert state_of(house, AMINA) == "active"
    assert kept(house) == []


def test_a_message_id_finds_the_delivery_of_the_reader_it_was_made_for(
    house: House, smtp_sink: Sink
):
    message_id = mail_to(smtp_sink, AMINA)["Message-ID"]
    of_another = clues(message_ids=[message_id], addresses=[BRUNO])
    assert came(house, bounce(of_another)) is Drop.FORGED
    assert came(house, bounce(clues(message_ids=[message_id]))) is Drop.UNKNOWN
    assert came(house, bounce(clues(message_ids=["<a@b>", "", "x.y"]))) is Drop.UNKNOWN
    named = clues(message_ids=[message_id], addresses=["AMINA@Example.org", "no address"])
    assert came(house, bounce(named)) is Effect.BOUNCED


def test_a_redacted_complaint_is_found_by_the_link_that_it_quotes(house: House, smtp_sink: Sink):
    mail = mail_to(smtp_sink, AMINA)
    named = quoted(f"List-Unsubscribe: {mail['List-Unsubscribe']}".encode(), "")
    assert len(named.links) == 1
    assert came(house, complaint(named)) is Drop.UNKNOWN  # a forwarded mail has that much
    found = Clues(message_ids=(mail["Message-ID"],), links=named.links)
    assert came(house, complaint(found)) is Effect.COMPLAINED
    assert state_of(house, AMINA) == "complained"


def test_the_relays_own_name_finds_a_delivery_of_the_reader_named(house: House):
    with writing(house.engine) as connection:
        mine = update(deliveries).where(deliveries.c.id == delivery_to(house, AMINA))
        connection.execute(mine.values(relay_id="0102-abc"))
    assert came(house, bounce(clues(relay_id="0102-abc", addresses=[BRUNO]))) is Drop.UNKNOWN
    assert came(house, bounce(clues(relay_id="0102-abd", addresses=[AMINA]))) is Drop.UNKNOWN
    assert came(house, bounce(clues(relay_id="0102-abc", addresses=[AMINA]))) is Effect.BOUNCED


def test_a_letter_that_bounces_is_its_readers(house: House):
    with writing(house.engine) as connection:
        query = select(deliveries.c.subscriber_id).where(
            deliveries.c.id == delivery_to(house, AMINA)
        )
        reader = connection.scalar(query)
        write_letter(connection, "confirm:1", "confirm", reader, "fr", {}, NOW)
        write_letter(connection, "alert:1", "alert", "desk@relais.example", "fr", {}, NOW)
    mark = fingerprint(KEY, MESSAGE_ID, "letter.confirm:1")
    forged = fingerprint(KEY, MESSAGE_ID, "letter.confirm:2")
    ours = fingerprint(KEY, MESSAGE_ID, "letter.alert:1")
    for name, what in (
        (f"letter-1.{forged}", Drop.FORGED),
        (f"letter-99.{mark}", Drop.UNKNOWN),
        (f"letter-{10**30}.{mark}", Drop.UNKNOWN),
        (f"letter-x.{mark}", Drop.UNKNOWN),
        (f"letter-2.{ours}", Drop.UNKNOWN),  # to nobody who reads us
        (f"letter-1.{mark}", Effect.BOUNCED),
    ):
        assert came(house, bounce(clues(message_ids=[f"<{name}@relais.example>"]))) is what
    assert state_of(house, AMINA) == "bounced"


def test_a_policy_block_of_several_readers_pauses_the_provider_and_spares_them(house: House):
    with writing(house.engine) as connection:
        connection.execute(update(batches).values(domain_group="orange"))
        connection.execute(update(deliveries).values(ended_at=NOW))
    chloe = "chloe@example.org"
    early = bounce(clues(tags=[tag(house, chloe)]), Verdict.POLICY, "early")
    assert came(house, early, NOW - timedelta(hours=2)) is Effect.NOTHING
    for number in range(4):  # of two readers, however many reports
        for one in (AMINA, BRUNO):
            found = bounce(clues(tags=[tag(house, one)]), Verdict.POLICY, f"{one}{number}")
            assert came(house, found) is Effect.NOTHING
    again = bounce(clues(tags=[tag(house, chloe)]), Verdict.POLICY, "again")
    assert came(house, again) is Effect.NOTHING  # the same delivery as before
    assert rests(house) == []
    dora = bounce(clues(tags=[tag(house, "dora@example.org")]), Verdict.RATE)
    assert came(house, dora) is Effect.NOTHING
    ((group, step, until),) = rests(house)
    assert (group, step) == ("orange", 0)
    assert until == NOW + timedelta(minutes=1)
    for number in range(3):
        same = bounce(clues(tags=[tag(house, AMINA)]), Verdict.POLICY, f"later{number}")
        assert came(house, same, NOW + timedelta(minutes=10 * number)) is Effect.NOTHING
    assert rests(house) == [(group, step, until)]
    assert state_of(house, AMINA) == "active"


def rests(house: House) -> list[tuple[str, int, datetime]]:
    with reading(house.engine) as connection:
        rows = connection.execute(select(backoffs)).all()
    return [(one.domain_group, one.step, one.until) for one in rows]


def test_an_old_policy_block_and_one_of_many_servers_pause_nothing(house: House):
    assert came(house, bounce(clues(tags=[tag(house, AMINA)]), Verdict.POLICY)) is Effect.NOTHING
    with writing(house.engine) as connection:
        connection.execute(update(batches).values(domain_group="orange"))
    late = bounce(clues(tags=[tag(house, BRUNO)]), Verdict.POLICY)
    with reading(house.engine) as connection:
        left = connection.scalar(select(deliveries.c.ended_at).limit(1))
    assert came(house, late, left.replace(year=left.year + 1)) is Effect.NOTHING
    with reading(house.engine) as connection:
        assert connection.execute(select(backoffs)).all() == []


def test_what_a_message_quotes_of_ours_is_seen_within_bounds(house: House):
    one = verp(7)
    assert quoted(f"Return-Path: <{one}>".encode(), "retours.example").tags
    assert not quoted(f"Return-Path: <{one}>".encode(), "autre.example").tags
    assert not quoted(b"x" * 300_000 + one.encode(), "retours.example").tags
    many = "".join(verp(number) + "\r\n" for number in range(100)).encode()
    assert len(quoted(many, "retours.example").tags) == 20
    found = tags_of([one, f"<{one.upper()}>", "b@retours.example", ""], "b", "retours.example")
    assert [one.lower() for one in found] == [re.findall(r"\+(.*)@", one)[0]] * 2


weird = some.text(some.characters(exclude_categories=()), max_size=40) | some.sampled_from(
    ["\x00", "\ud800", "a" * 1000, "letter-1.\x00@b", "x@y.z", "é.é@é", "0." + "0" * 20 + "@b"]
)
lists = some.lists(weird, max_size=3)


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite holds anything
def test_no_clue_however_strange_stops_the_others(house: House):
    found = tag(house, AMINA)

    @given(lists, lists, lists, lists, weird, weird)
    def strange(tags, ids, addresses, links, relay_id, text):
        named = Clues(
            tuple(tags), tuple(ids), relay_id, tuple(addresses), tuple(links), tuple(tags)
        )
        assert came(house, Incoming(text, Kind.COMPLAINT, None, named, text=text)) in {*Drop}
        more = Clues((*tags, found), tuple(ids), relay_id, tuple(addresses))
        heard = bounce(more, Verdict.MESSAGE, text)
        heard = replace(heard, enhanced_code=text, text=text, raw=b"\0")
        assert came(house, heard) in {Effect.NOTHING, None}

    strange()


def test_what_came_back_is_summed(house: House):
    assert came(house, bounce(clues(tags=["no"]))) is Drop.FORGED
    assert came(house, bounce(clues(tags=["no"]))) is Drop.FORGED
    assert came(house, bounce(clues(tags=[tag(house, AMINA)]))) is Effect.BOUNCED
    assert came(house, complaint(clues(tags=[tag(house, BRUNO)]))) is Effect.COMPLAINED
    with reading(house.engine) as connection:
        found = [(one.what, one.became, one.count) for one in summed(connection, NOW, 2)]
        assert found == [
            ("bounce, hard", "bounced", 1),
            ("complaint", "complained", 1),
            ("forged", "dropped", 2),
        ]
        assert summed(connection, NOW + timedelta(days=9), 2) == []
