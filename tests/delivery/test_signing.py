"""Signatures, as dkimpy verifies them against a DNS answer of the tests' own."""

import hashlib
import smtplib
from dataclasses import replace
from functools import cache

import dkim
import pytest
from composed import message as pattern
from hypothesis import given
from hypothesis import strategies as st
from mails import LANGUAGES, SATURDAY, SITE, brought, paper, rendered
from sink import Sink

from colporteur.config.dkim import read_key
from colporteur.delivery.composing import Post, Recipient, compile_post, reader_message
from colporteur.delivery.dkim import Signer
from colporteur.delivery.dkim.keys import SigningKey, new_key
from colporteur.delivery.message import compose

DOMAIN = "relais.example"
hostile = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=120)


@cache
def pair() -> SigningKey:
    return new_key(DOMAIN, "col1")


@cache
def signer() -> Signer:
    return Signer(DOMAIN, "col1", read_key(pair().pem))


def verifies(message: bytes) -> bool:
    def answer(name: bytes, timeout: float = 5) -> bytes:
        assert name == b"col1._domainkey.relais.example."
        return pair().record.encode()

    return bool(dkim.verify(message, dnsfunc=answer))


def post(language: str) -> Post:
    channel = brought(language).channel
    return Post(paper(), channel, "abcdef", SITE, "k" * 32, SATURDAY, 10)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_compiled_message_verifies_in_every_language_for_every_reader(language: str):
    compiled = compile_post(post(language), rendered(language), signer())
    for number, address in ((7, "amina@example.org"), (12_345, "élodie.martin@exemple.fr")):
        message = compiled.message(Recipient(number, number, address))
        assert message.startswith(b"DKIM-Signature: v=1;")
        assert verifies(message)
        assert not verifies(message + b"x")


def test_a_preview_signed_is_the_very_message_that_a_reader_gets():
    for language in LANGUAGES:
        compiled = compile_post(post(language), rendered(language), signer())
        to = Recipient(7, 7, "amina@example.org")
        shown = reader_message(post(language), rendered(language), to)
        assert compose(shown, signer()) == compiled.message(to)


@given(subject=hostile, name=hostile, text=hostile, html=hostile)
def test_any_message_verifies(subject: str, name: str, text: str, html: str):
    message = pattern(subject=subject, sender_name=name, list_name=name, text=text, html=html)
    assert verifies(compose(message, signer()))


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Un très long sujet qui se plie en plusieurs mots encodés, " * 5},
        {"subject": "A very long subject that is folded between words and never encoded " * 5},
        {"unsubscribe_url": f"{SITE}/unsubscribe/{'t' * 700}"},
        {"recipient": f'"a  {"b" * 58}"@{"c" * 60}.example'},
        {"list_id": ""},
        {"reply_to": None},
        {"text": "\n\n\n", "html": "\n \n\t\n"},
    ],
    ids=["encoded", "folded", "long link", "blanks", "letter", "no reply-to", "empty"],
)
def test_long_folded_and_bare_headers_verify(changes: dict[str, object]):
    message = compose(pattern(**changes), signer())
    assert verifies(message)
    assert max(map(len, message.split(b"\r\n"))) <= 998


def test_a_signature_survives_the_refolding_and_renaming_that_relays_do():
    message = compose(pattern(), signer())
    assert verifies(message.replace(b"\r\nSubject: ", b"\r\nSUBJECT:\r\n\t "))


@pytest.mark.smtp
def test_a_message_verifies_as_it_arrives_dots_and_all(smtp_sink: Sink):
    message = compose(pattern(text=".\n..\n.point\nFrom ici\n", recipient="a@b.example"), signer())
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as relay:
        relay.sendmail("bonjour@relais.example", ["a@b.example"], message)
    ((_, arrived),) = smtp_sink.accepted
    assert verifies(arrived)


@pytest.mark.parametrize(
    "added",
    [
        b"From: Autre <autre@example.org>\r\n",
        b"To: autre@example.org\r\n",
        b"Subject: Autre\r\n",
        b"Date: Sun, 22 Nov 2026 07:00:00 +0000\r\n",
        b"Reply-To: autre@example.org\r\n",
    ],
)
def test_nobody_can_add_a_field_that_readers_see(added: bytes):
    assert not verifies(added + compose(pattern(reply_to=None), signer()))
    assert verifies(b"Received: by a relay\r\n" + compose(pattern(reply_to=None), signer()))


@pytest.mark.parametrize(
    "name",
    [
        *("From", "To", "Date", "Subject", "Reply-To", "Message-ID", "MIME-Version"),
        *("Content-Type", "Feedback-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
        *("List-Archive", "List-Help", "List-Owner", "List-Post"),
    ],
)
def test_a_field_that_matters_cannot_be_changed(name: str):
    message = compose(pattern(), signer())
    start = f"\r\n{name}: ".encode()
    assert start in message
    assert not verifies(message.replace(start, start + b"x", 1))


def test_a_message_signed_twice_is_the_same_bytes():
    assert compose(pattern(), signer()) == compose(pattern(), signer())


def test_a_signer_signs_any_fields_over_a_bodys_hash():
    fields = [
        b"From: a@relais.example\r\n",
        b"Subject:  Deux   mots \r\n",
        b"X-Own: not signed\r\n",
    ]
    body = b"Bonjour\r\n"
    signature = signer().sign(fields, hashlib.sha256(body).digest())
    assert all(len(line) <= 78 for line in signature.split(b"\r\n"))
    assert verifies(signature + b"".join(fields) + b"\r\n" + body)
    assert verifies(signature + b"".join(fields).replace(b"not", b"never") + b"\r\n" + body)


def test_nothing_of_a_key_is_shown():
    assert "PRIVATE" not in repr(signer())
    assert repr(signer().key) not in repr(replace(signer(), selector="col2"))
