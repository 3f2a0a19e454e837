import mailbox
import time
from pathlib import Path

import pytest
from servers import free_port
from single import open_transport
from sink import Sink

from colporteur.config import Settings
from colporteur.config.relay import parse_relay
from colporteur.delivery.message import Envelope
from colporteur.exceptions import ConfigurationError, ServiceUnavailable

ENVELOPE = Envelope("a@relais.example", "b@example.org")
MESSAGE = b"Subject: x\r\n\r\n.dot\r\n..dots\r\n"


def test_the_outbox_keeps_a_message_as_a_file(tmp_path: Path):
    transport = open_transport(Settings(mail_url=f"maildir:{tmp_path}/outbox"))
    assert transport.send(ENVELOPE, MESSAGE).code == 250
    (kept,) = mailbox.Maildir(tmp_path / "outbox")
    assert (kept["Delivered-To"], kept.get_payload()) == ("b@example.org", ".dot\n..dots\n")


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("")
    transport = open_transport(Settings(mail_url=f"maildir:{tmp_path}/file/outbox"))
    with pytest.raises(ServiceUnavailable, match="cannot be written"):
        transport.send(ENVELOPE, MESSAGE)


@pytest.mark.smtp
def test_lines_that_begin_with_dots_arrive_unchanged(smtp_sink: Sink):
    transport = open_transport(Settings(mail_url=smtp_sink.url))
    for _ in range(2):
        assert transport.send(ENVELOPE, MESSAGE).code == 250
    transport.close()
    assert smtp_sink.accepted == [("b@example.org", MESSAGE)] * 2


@pytest.mark.smtp
def test_after_a_refusal_the_same_connection_serves_the_next(smtp_sink: Sink):
    smtp_sink.answers["b@example.org"] = "550 5.1.1 no"
    transport = open_transport(Settings(mail_url=smtp_sink.url))
    assert transport.send(ENVELOPE, MESSAGE).code == 550
    assert transport.send(Envelope("a@relais.example", "c@example.org"), MESSAGE).code == 250
    transport.close()


@pytest.mark.smtp
def test_a_connection_that_was_lost_between_messages_is_opened_again(smtp_sink: Sink):
    smtp_sink.hangs_up_after = 1
    transport = open_transport(Settings(mail_url=smtp_sink.url))
    for _ in range(3):
        assert transport.send(ENVELOPE, MESSAGE).code == 250
        time.sleep(0.1)
    transport.close()
    assert len(smtp_sink.accepted) == 3


def test_a_relay_that_is_not_there_is_named_without_its_password():
    port = free_port()
    transport = open_transport(Settings(mail_url=f"smtp://me:secret@127.0.0.1:{port}"))
    with pytest.raises(ServiceUnavailable) as away:
        transport.send(ENVELOPE, MESSAGE)
    assert f"127.0.0.1:{port}" in away.value.message
    assert "secret" not in away.value.message


@pytest.mark.parametrize(
    ("url", "port", "starttls"),
    [
        ("smtp://relay.example.org", 587, True),
        ("smtp://relay.example.org:2525?starttls=no", 2525, False),
        ("smtp://127.0.0.1", 25, False),
        ("smtp://localhost:1025?starttls=require", 1025, True),
        ("smtps://relay.example.org", 465, False),
    ],
)
def test_tls_is_required_beyond_this_machine(url: str, port: int, starttls: bool):
    relay = parse_relay(url)
    assert (relay.port, relay.starttls) == (port, starttls)


@pytest.mark.parametrize("url", ["smtp://", "smtp://h:x", "smtp://h?starttls=maybe"])
def test_a_malformed_relay_is_refused_with_an_example(url: str):
    with pytest.raises(ConfigurationError) as refusal:
        parse_relay(url)
    assert "starttls=require" in refusal.value.cure
