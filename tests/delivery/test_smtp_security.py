"""Who a relay is, and who hears what is said to it (RFC 3207, 4954)."""

import base64
import ssl
from pathlib import Path

import pytest
from certificates import certificate, server_context, trusting
from scripted import ABLE, Relay, Script, scripted

from colporteur.config.relay import parse_relay
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports import Parcel, Result
from colporteur.delivery.transports.smtp import SmtpTransport, Timeouts

SHORT = Timeouts(2, 2, 2, 2, 2, 2, 2, 0.1)
PARCEL = Parcel(7, Envelope("a@relais.example", "b@example.org"), b"Subject: x\r\n\r\nBonjour\r\n")
TLS = (*ABLE, "STARTTLS")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("here"), "127.0.0.1")


@pytest.fixture(scope="module")
def others_pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("there"), "relay.example.org")


def post(relay: Relay, url: str, tls: ssl.SSLContext | None = None) -> tuple[list[Result], str]:
    """What became of one parcel, and why."""
    out = SmtpTransport(parse_relay(url.format(port=relay.port)), SHORT, tls)
    results = list(out.deliver([PARCEL]))
    out.close()
    return results, str(out.trouble or "")


def sent(results: list[Result]) -> bool:
    return bool(results[0].reply and results[0].reply.taken)


def test_starttls_comes_first_and_what_was_said_in_clear_is_forgotten(pem: Path):
    in_tls = ("8BITMIME", "SIZE 10", "AUTH PLAIN")  # PIPELINING gone, SIZE another
    script = Script(able=TLS, able_in_tls=in_tls, tls=server_context(pem))
    with scripted(script) as relay:
        results, _ = post(relay, "smtp://127.0.0.1:{port}?starttls=require", trusting(pem))
    assert [command.split()[0] for command in relay.commands[:3]] == ["EHLO", "STARTTLS", "EHLO"]
    assert results[0].reply is not None
    assert (results[0].reply.code, results[0].reply.enhanced) == (552, "5.3.4")


def test_tls_from_the_first_octet(pem: Path):
    with scripted(Script(implicit_tls=True, tls=server_context(pem))) as relay:
        results, _ = post(relay, "smtps://127.0.0.1:{port}", trusting(pem))
    assert sent(results)
    assert relay.taken == [PARCEL.message]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_of_another_or_of_nobody_is_refused(scheme: str, pem: Path, others_pem: Path):
    for served, trusted in ((others_pem, trusting(others_pem)), (pem, None)):
        implicit = scheme == "smtps"
        script = Script(able=TLS, implicit_tls=implicit, tls=server_context(served))
        with scripted(script) as relay:
            option = "" if implicit else "?starttls=require"
            results, why = post(relay, f"{scheme}://127.0.0.1:{{port}}{option}", trusted)
        assert results == [Result(7, None)]
        assert "its certificate is refused" in why
        assert not relay.taken


def test_a_relay_without_starttls_gets_nothing_where_it_is_required():
    with scripted() as relay:
        results, why = post(relay, "smtp://127.0.0.1:{port}?starttls=require")
    assert results == [Result(7, None)]
    assert "offers no STARTTLS" in why
    assert not any(command.startswith("MAIL") for command in relay.commands)


def test_words_slipped_in_behind_starttls_end_it(pem: Path):
    """Somebody on the way could have said them (command injection)."""
    script = Script(able=TLS, injects=b"250 2.1.0 Ok\r\n" * 9, tls=server_context(pem))
    with scripted(script) as relay:
        results, why = post(relay, "smtp://127.0.0.1:{port}?starttls=require", trusting(pem))
    assert results == [Result(7, None)]
    assert why


@pytest.mark.parametrize("offer", ["AUTH LOGIN PLAIN", "AUTH=PLAIN", "AUTH CRAM-MD5 LOGIN"])
def test_a_user_says_who_they_are(offer: str):
    with scripted(Script(able=(*ABLE, offer))) as relay:
        results, _ = post(relay, "smtp://me%40x:h%2Funter2é@127.0.0.1:{port}")
    assert sent(results)
    said = " ".join(relay.commands).split()
    words = [one for one in said if one.endswith("=") or len(one) == 32]
    decoded = b"|".join(base64.b64decode(word) for word in words if not word.startswith("SIZE"))
    assert b"me@x" in decoded
    assert "h/unter2é".encode() in decoded


@pytest.mark.parametrize("offer", ["AUTH PLAIN", "AUTH LOGIN", "AUTH XOAUTH2", "SIZE"])
def test_a_user_who_is_refused_is_told_without_the_password(offer: str):
    echo = base64.b64encode(b"\0me\0hunter2").decode()
    answers = {"AUTH": f"535 5.7.8 hunter2 no: AUTH PLAIN {echo}"}
    with scripted(Script(able=(*ABLE, offer), answers=answers)) as relay:
        results, why = post(relay, "smtp://me:hunter2@127.0.0.1:{port}")
    assert results == [Result(7, None)]
    assert "AUTH" in why
    assert "hunter2" not in why
    assert echo not in why


def test_a_pipelined_message_goes_over_tls_whole(pem: Path):
    big = b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n"
    big += (b"y" * 70 + b"\r\n") * 5000
    parcels = [Parcel(at, PARCEL.envelope, big) for at in range(3)]
    with scripted(Script(implicit_tls=True, tls=server_context(pem))) as relay:
        url = f"smtps://127.0.0.1:{relay.port}"
        out = SmtpTransport(parse_relay(url), SHORT, trusting(pem))
        assert all(one.reply and one.reply.taken for one in out.deliver(parcels))
        assert all(one.reply and one.reply.taken for one in out.deliver(parcels))
        out.close()
    assert relay.taken == [big] * 6
    assert relay.connections == 1
