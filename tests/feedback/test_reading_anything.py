"""Reading what comes back survives whatever comes: it never raises and never takes long."""

import time
import tracemalloc

import pytest
from bounce_corpus import samples
from hypothesis import given, settings
from hypothesis import strategies as st

from colporteur.feedback.reading import Kind, Report, read_report

SAMPLES = [one.message for one in samples("standard", "own_words", "answers")]
BOUNCE = SAMPLES[0]
HEAD = b"From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail\n"
MEGABYTES_20 = 20_000_000
PIECES = (
    b"--b",
    b"--b--",
    b"\n",
    b"\r",
    b"\0",
    b"=?utf-8?b?w6k=?=",
    b"@",
    b"<a@b.example>: ",
    b"550 5.1.1 ",
)
FIELDS = (
    b"Content-Type: multipart/report; boundary=b\n",
    b"Content-Type: message/delivery-status\n",
    b"Content-Type: text/plain; charset=punycode\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Final-Recipient: utf-8; \\x{110000}@b.example\n",
    b"Action: failed\n",
    b"Status: 5.1.1\n",
    b"Feedback-Type: abuse\n",
)


@given(st.binary())
def test_any_bytes_are_read(message: bytes):
    assert isinstance(read_report(message), Report)


@given(st.lists(st.sampled_from(PIECES + FIELDS) | st.binary(max_size=20), max_size=40))
def test_any_order_of_a_bounces_pieces_is_read(pieces: list[bytes]):
    assert isinstance(read_report(HEAD + b"".join(pieces)), Report)


@settings(max_examples=150)
@given(st.data())
def test_a_bounce_broken_anywhere_is_read(data: st.DataObject):
    message = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(message) - 1))
        length = data.draw(st.integers(0, 60))
        message[at : at + length] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=9))
    assert isinstance(read_report(bytes(message)), Report)


@pytest.mark.parametrize(
    "message",
    [
        BOUNCE.decode().encode("utf-16"),
        BOUNCE.decode().encode("utf-16-le"),
        BOUNCE.decode().encode("utf-16-be"),
        BOUNCE.replace(b"\n", b"\r"),
        BOUNCE.replace(b"\n", b"\r\n"),
        BOUNCE.replace(b" ", b" \0"),
        b"From MAILER-DAEMON Mon Nov 23 07:00:00 2026\n" + BOUNCE,
        b"\n\n" + BOUNCE,
        BOUNCE.replace(b'boundary="4Tx0.1795/mx.lettres.example"', b"x=y"),
        BOUNCE.replace(b"charset=utf-8", b"charset=does-not-exist"),
        BOUNCE.replace(b"\n--4Tx0.1795/mx.lettres.example--", b""),
        BOUNCE.replace(b"message/delivery-status", b"application/octet-stream"),
    ],
    ids=["utf-16", "utf-16-le", "utf-16-be", "CR", "CR LF", "NUL", "mbox", "blank", "no boundary",
         "no such charset", "cut off", "wrong type"],
)  # fmt: skip
def test_a_bounce_in_another_garb_says_the_same(message: bytes):
    failure = read_report(message).failures[0]
    assert (failure.address, failure.verdict) == ("leila@example.org", "hard")


def _nested(depth: int, inner: bytes) -> bytes:
    begun = (
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth)
    )
    ended = (b"\n--b%d--\n" % at for at in reversed(range(depth)))
    return b"".join([HEAD, *begun, inner, *ended])


@pytest.mark.parametrize(
    "message",
    [
        BOUNCE.replace(b"Une lettre", b"Une lettre\n" * (MEGABYTES_20 // 11)),
        BOUNCE.replace(b"This is the mail", b"nothing of use\n" * (MEGABYTES_20 // 15) + b"This is the mail"),
        HEAD + b"\n" + b"<a@b.example> user " * (MEGABYTES_20 // 19),
        HEAD + b"Content-Type: text/html\n\n" + b"<style>" * (MEGABYTES_20 // 7),
        HEAD + b"X: " + b"=?" * (MEGABYTES_20 // 2),
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * (MEGABYTES_20 // 4),
        HEAD + b"Content-Type: message/delivery-status\n\n"
        + b"\nFinal-Recipient: rfc822;a@b.example\nAction: failed\n" * (MEGABYTES_20 // 51),
        _nested(100, b"x" * MEGABYTES_20),
        b"\0" * MEGABYTES_20,
        HEAD + b"\n" + b" \t" * (MEGABYTES_20 // 2),
        HEAD + b"\nSubject: a\n" + b" \t \n" * 1000 + b"x",
    ],
    ids=["returned message", "words before", "addresses", "markup", "a field", "parts", "recipients",
         "100 deep", "NULs", "blanks", "lines of blanks"],
)  # fmt: skip
def test_20_megabytes_are_read_in_a_moment(message: bytes):
    started = time.process_time()
    read_report(message)
    assert time.process_time() - started < 4  # as a rule a tenth of it, on a machine at rest


def test_20_megabytes_are_not_copied_many_times():
    message = BOUNCE.replace(b"Une lettre", b"Une lettre\r\n" * (MEGABYTES_20 // 12))
    tracemalloc.start()
    report = read_report(message)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.failures[0].verdict == "hard"
    assert most < MEGABYTES_20 / 2


def test_a_report_100_deep_is_a_bounce_of_nobody_known():
    report = read_report(_nested(100, BOUNCE))
    assert report.kind is Kind.BOUNCE
    assert len(read_report(_nested(10, BOUNCE)).failures) == 1
