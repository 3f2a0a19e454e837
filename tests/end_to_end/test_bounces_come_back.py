"""A digest leaves, a bounce comes back, and the next edition spares the reader: real processes."""

import email
import signal
from pathlib import Path

import pytest
from bouncing_in import bring
from house import House
from returns import dsn, state_of
from running import Installation, wait_for
from servers import free_port, wait_for_port
from sink import Sink

from colporteur.clock import utcnow
from colporteur.db import database_now, make_engine
from colporteur.editions import scheduling

DOMAIN = "retours.example"
LEILA, OMAR, SARA = "leila@example.org", "omar@example.org", "sara@example.org"
pytestmark = pytest.mark.smtp


def installed(folder: Path, sink: Sink, listen: str = "") -> Installation:
    settings = {
        "MAIL_URL": f"{sink.url}?starttls=no",
        "BOUNCE_DOMAIN": DOMAIN,
        "FEEDBACK_LISTEN": listen,
        "FEEDS": "",
    }
    return Installation(folder, {f"COLPORTEUR_{name}": value for name, value in settings.items()})


def sent_to(sink: Sink) -> dict[str, tuple[str, str]]:
    """Who got an edition since the last look: the envelope's sender and the Message-ID."""
    found = {}
    for sender, (address, content) in zip(sink.senders, sink.accepted, strict=True):
        message_id = email.message_from_bytes(content)["Message-ID"]
        if not message_id.startswith("<letter-"):
            found[address] = (sender, message_id)
    sink.senders.clear()
    sink.accepted.clear()
    return found


def send(house: House, sink: Sink, title: str, readers: int) -> dict[str, tuple[str, str]]:
    """Publish an article and have an edition of it sent; who got it."""
    house.take(title, body_html="<p>Un texte assez long.</p>", language="fr")
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        now = database_now(connection)
        scheduling.send_now(connection, revision, names, channel, "matin", by="test", now=now)
    wait_for(lambda: len(sink.accepted) >= readers)
    return sent_to(sink)


def test_a_digest_that_bounces_ends_its_reader_and_the_next_spares_them(
    tmp_path: Path, smtp_sink: Sink
):
    lmtp, smtp = free_port(), free_port()
    up = installed(tmp_path, smtp_sink, f"lmtp://127.0.0.1:{lmtp}")
    with up.up():
        house = House(make_engine(f"sqlite:///{tmp_path}/var/colporteur.db"), utcnow())
        for reader in (LEILA, OMAR, SARA):
            house.subscribe(reader)
        house.go_live()
        first = send(house, smtp_sink, "Le premier", 3)
        assert first.keys() == {LEILA, OMAR, SARA}
        assert {one.partition("@")[2] for one, _ in first.values()} == {DOMAIN}
        assert bring(lmtp, first[LEILA][0], dsn(first[LEILA][0]))[0] == 250

        served = installed(tmp_path, smtp_sink, f"smtp://127.0.0.1:{smtp}")
        with served.running(served.command("feedback", "serve"), "serve") as process:
            wait_for_port(smtp, process)
            told = dsn(f"bounce@{DOMAIN}", failing=OMAR, message_id=first[OMAR][1])
            assert bring(smtp, f"bounce@{DOMAIN}", told, "smtp")[0] == 250
            process.send_signal(signal.SIGTERM)
            wait_for(lambda: process.poll() is not None)
            assert process.returncode == 0, served.log("serve")
            assert "nothing was left half-done" in served.log("serve")

        assert send(house, smtp_sink, "Le second", 1).keys() == {SARA}
        assert [state_of(house, one) for one in (LEILA, OMAR, SARA)] == ["bounced"] * 2 + ["active"]
        house.engine.dispose()
    assert "Traceback" not in up.log("up")
