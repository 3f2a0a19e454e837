"""What comes back by LMTP and SMTP, over real sockets."""

import contextlib
import smtplib
import socket
import threading
import time

import pytest
from bouncing_in import bring, client, hearing
from house import House
from returns import DOMAIN, EARS, KEY, delivery_to, drops, dsn, kept, mail_to, sent, state_of, verp
from servers import free_port
from sink import Sink
from sqlalchemy import select, text, update

from colporteur.audience.leaving import take_back
from colporteur.config.listening import Listening
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscriber_events, subscribers, subscriptions
from colporteur.feedback.ways.listening import Listener
from colporteur.tokens import LEAVE_BY_MAIL, make_tag

pytestmark = [
    pytest.mark.smtp,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
AMINA, BRUNO = "amina@example.org", "bruno@example.org"


@pytest.fixture
def house(house: House, smtp_sink: Sink) -> House:
    sent(house, smtp_sink, "amina", "bruno")
    return house


@pytest.mark.parametrize("scheme", ["lmtp", "smtp"])
def test_a_bounce_to_its_envelope_sender_ends_a_reader_once(house: House, scheme: str):
    to = verp(delivery_to(house, AMINA))
    with hearing(house.engine, scheme) as port:
        assert bring(port, to, dsn(to), scheme)[0] == 250
        assert bring(port, to, dsn(to), scheme)[0] == 250
        assert (state_of(house, AMINA), state_of(house, BRUNO)) == ("bounced", "active")
    (row,) = kept(house)
    assert (row.source, row.verdict, row.smtp_code) == (scheme, "hard", 550)
    assert (row.enhanced_code, row.domain) == ("5.1.1", "example.org")
    assert "amina" not in row.text
    assert row.raw == dsn(to)


def test_a_bounce_without_a_tag_is_found_by_what_it_returns(house: House, smtp_sink: Sink):
    message_id = mail_to(smtp_sink, AMINA)["Message-ID"]
    with hearing(house.engine) as port:
        to = f"bounce@{DOMAIN}"
        assert bring(port, to, dsn(to, event="1"))[0] == 250
        assert state_of(house, AMINA) == "active"
        assert bring(port, to, dsn(to, event="2", message_id=message_id))[0] == 250
    assert state_of(house, AMINA) == "bounced"
    assert drops(house) == {"unknown": 1}


def test_only_recipients_that_there_are_are_let_in(house: House):
    good = verp(delivery_to(house, AMINA))
    forged = "b+" + "a" * 24
    refused = [f"{forged}@{DOMAIN}", "amina@example.org", good.replace(DOMAIN, "example.org")]
    refused += [f"b@{DOMAIN}", f"b+@{DOMAIN}", f"nobody@{DOMAIN}", f"leave+{forged[2:]}@{DOMAIN}"]
    with hearing(house.engine) as port, client(port) as made:
        made.mail("")
        for one in refused:
            assert made.rcpt(one) == (550, b"5.1.1 No such recipient here"), one
        assert made.rcpt(good.upper())[0] == 250
        assert made.rcpt(verp(delivery_to(house, BRUNO)))[0] == 452  # one at a time
        made.rset()
        for name in ("abuse", "Postmaster", "bounces"):
            made.mail("")
            assert made.rcpt(f"{name}@{DOMAIN}")[0] == 250
            made.rset()
    assert drops(house) == {"forged": 3}


def test_who_writes_to_leave_leaves_that_channel_whatever_they_write(house: House):
    with reading(house.engine) as connection:
        (mine, other) = connection.scalars(
            select(subscriptions.c.id).order_by(subscriptions.c.id)
        ).all()
    to = f"leave+{make_tag(KEY, LEAVE_BY_MAIL, mine)}@{DOMAIN}"
    mail = b"From: amina@example.org\r\nMessage-ID: <1@x>\r\nSubject: hm\r\n\r\n\r\n"
    gone = f"leave+{make_tag(KEY, LEAVE_BY_MAIL, 4711)}@{DOMAIN}"
    bounced = f"leave+{make_tag(KEY, LEAVE_BY_MAIL, other)}@{DOMAIN}"
    with hearing(house.engine) as port:
        for _ in range(2):
            assert bring(port, to, mail)[0] == 250
        assert bring(port, gone, mail)[0] == 250
        assert bring(port, bounced, dsn(BRUNO))[0] == 250
        assert choices(house) == ["unsubscribed", "active"]
        with writing(house.engine) as connection:
            told = subscriber_events.c.kind == "unsubscribed"
            (detail,) = connection.scalars(select(subscriber_events.c.detail).where(told))
            assert detail["by"] == "mail"
            assert take_back(connection, mine, by="page", now=database_now(connection))
        assert bring(port, to, mail)[0] == 250  # the same once more
        assert choices(house) == ["active", "active"]
        assert bring(port, to, mail.replace(b"<1@x>", b"<2@x>"))[0] == 250
    assert choices(house) == ["unsubscribed", "active"]
    assert state_of(house, AMINA) == "active"
    assert {(one.kind, one.effect) for one in kept(house)} == {("unsubscribe", "unsubscribed")}
    assert drops(house) == {"unknown": 2}


def choices(house: House) -> list[str]:
    with reading(house.engine) as connection:
        query = select(subscriptions.c.state).order_by(subscriptions.c.id)
        return list(connection.scalars(query))


def test_machines_that_answer_are_counted_and_do_nothing(house: House):
    to = verp(delivery_to(house, AMINA))
    away = f"From: {AMINA}\r\nTo: {to}\r\nSubject: Absence\r\nAuto-Submitted: auto-replied\r\n\r\nOk\r\n"
    with hearing(house.engine) as port:
        assert bring(port, to, away.encode())[0] == 250
        assert bring(port, to, b"\x00\xff\xfe")[0] == 250
    assert drops(house)["auto_reply"] == 1
    assert sum(drops(house).values()) == 2
    assert state_of(house, AMINA) == "active"


def test_twenty_megabytes_are_taken_and_more_is_refused(house: House):
    to = verp(delivery_to(house, AMINA))
    with hearing(house.engine) as port, client(port) as made:
        made.mail("")
        made.rcpt(to)
        assert made.data(dsn(to) + (b"x" * 998 + b"\r\n") * (20 * 2**20 // 1000))[0] == 250
        assert made.mail("", [f"size={26 * 2**20}"])[0] == 552
    assert state_of(house, AMINA) == "bounced"
    assert len(kept(house)[0].raw) == 2**20


def test_what_anybody_can_address_may_not_be_large(house: House):
    message = dsn("bounces") + b"." * 2**20 + b"\r\n"
    with hearing(house.engine) as port:
        assert bring(port, f"bounces@{DOMAIN}", message)[0] == 552
        assert bring(port, verp(delivery_to(house, AMINA)), message)[0] == 250
    assert state_of(house, AMINA) == "bounced"


def test_many_connections_together_hold_no_more_than_there_is_room_for(house: House):
    to, small = verp(delivery_to(house, AMINA)), b"x" * 400_000
    with hearing(house.engine, held_at_most=1_000_000) as port:
        with client(port) as slow:
            slow.mail("")
            slow.rcpt(to)
            slow.docmd("DATA")
            slow.send(b"x" * 998_000)
            deadline = time.monotonic() + 10
            while bring(port, to, small)[0] == 250 and time.monotonic() < deadline:
                time.sleep(0.01)  # what the slow one sent is under way
            assert bring(port, to, small)[0] == 451
            slow.close()
        while bring(port, to, small)[0] == 451 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert bring(port, to, dsn(to))[0] == 250
    assert state_of(house, AMINA) == "bounced"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b".",
        b"\r\n",
        b"a.\r\nb.\r\n..\r\n...\r\n.c\r\n",
        b".\r.\r\n",
        b"\n.\n\r\n",
        b"x" * 600_000 + b"\r\n.\r\n" + b"." * 600_000,
    ],
)
def test_what_is_sent_is_what_is_heard(house: House, monkeypatch, message: bytes):
    came = []
    monkeypatch.setattr(
        "colporteur.feedback.ways.listening.take", lambda _e, _s, one: came.append(one.message)
    )
    to = verp(delivery_to(house, AMINA))
    with hearing(house.engine) as port, client(port) as made:
        for _ in range(2):
            made.mail("")
            made.rcpt(to)
            made.docmd("DATA")
            stuffed = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:]
            end = b"" if not message or message.endswith(b"\r\n") else b"\r\n"
            made.send(stuffed + end + b".\r\nNOOP\r\n")
            assert made.getreply()[0] == 250
            assert made.getreply() == (250, b"OK")
    assert came == [message + end] * 2


def test_while_the_database_is_away_nothing_is_taken(house: House):
    to = verp(delivery_to(house, AMINA))
    with hearing(house.engine) as port:
        with writing(house.engine) as connection:
            connection.execute(text("ALTER TABLE feedback RENAME TO feedback_away"))
        assert bring(port, to, dsn(to))[0] == 451
        with writing(house.engine) as connection:
            connection.execute(text("ALTER TABLE feedback_away RENAME TO feedback"))
        assert bring(port, to, dsn(to))[0] == 250
    assert state_of(house, AMINA) == "bounced"


def test_a_stop_finishes_what_is_being_read_and_takes_nothing_more(house: House):
    to, port, answers = verp(delivery_to(house, AMINA)), free_port(), []
    listener = Listener(house.engine, EARS, Listening("lmtp", "127.0.0.1", port))
    listener.start()
    busy = threading.Thread(target=lambda: answers.append(bring(port, to, dsn(to))))
    stop = threading.Thread(target=listener.stop)
    with writing(house.engine) as connection:
        connection.execute(update(subscribers).values(name="held"))
        busy.start()
        deadline = time.monotonic() + 10
        while not listener.at_work and time.monotonic() < deadline:
            time.sleep(0.01)
        stop.start()
    stop.join(10)
    busy.join(10)
    assert answers == [(250, "2.0.0 Heard")]
    assert state_of(house, AMINA) == "bounced"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 1)


def test_connections_beyond_the_limit_are_sent_away(house: House):
    with hearing(house.engine, connections=2) as port, client(port), client(port):
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.LMTP("127.0.0.1", port, timeout=5)
        assert refused.value.smtp_code == 421
    assert drops(house) == {}


def test_one_client_has_a_share_of_the_places_of_smtp(house: House, monkeypatch):
    monkeypatch.setattr("colporteur.feedback.ways.listening.OF_ONE", 2)
    to = verp(delivery_to(house, AMINA))
    with hearing(house.engine, "smtp") as port, client(port, "smtp"), client(port, "smtp"):
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", port, timeout=5)
        assert refused.value.smtp_code == 421
    with hearing(house.engine) as port, client(port), client(port), client(port):
        assert bring(port, to, dsn(to))[0] == 250


def test_no_connection_lasts_for_ever_whatever_it_asks_for(house: House, monkeypatch):
    monkeypatch.setattr("colporteur.feedback.ways.receiving.SESSION_S", 0.3)
    with hearing(house.engine) as port, socket.create_connection(("127.0.0.1", port), 10) as one:
        deadline = time.monotonic() + 10
        with contextlib.suppress(ConnectionError):
            while one.recv(4096) and time.monotonic() < deadline:
                time.sleep(0.02)
                one.sendall(b"NOOP\r\n")
        assert time.monotonic() < deadline
