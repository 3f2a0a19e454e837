"""What is said to a relay, and how its words are read: no network here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.delivery.message import Envelope
from colporteur.delivery.transports import Parcel, Reply
from colporteur.delivery.transports.smtp.commands import (
    envelope_commands,
    message_and_dot,
    refusal,
    stuffed,
)
from colporteur.delivery.transports.smtp.extensions import Extensions, read_extensions
from colporteur.delivery.transports.smtp.replies import ReplyReader

ABLE = Extensions(
    pipelining=True, eight_bit=True, utf8=True, dsn=True, sizes=True, size=1000, auth=frozenset()
)
LINES = st.lists(st.text(st.sampled_from("a.\u00e9 "), max_size=6).map(str.encode), max_size=8)


def parcel(recipient: str, message: bytes = b"A: b\r\n\r\nc\r\n", sender: str = "a@x.example"):
    return Parcel(42, Envelope(sender, recipient), message)


@given(LINES)
def test_a_stuffed_message_is_read_back_as_it_was(lines: list[bytes]):
    message = b"".join(line + b"\r\n" for line in lines)
    sent = stuffed(message)
    head, dot, rest = (b"\r\n" + sent).partition(b"\r\n.\r\n")
    assert (dot, rest) == (b"\r\n.\r\n", b"")
    read = [line.removeprefix(b".") for line in head.split(b"\r\n")[1:]]
    assert b"".join(line + b"\r\n" for line in read) == message


@given(st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n"]), max_size=12).map(b"".join))
def test_no_message_ends_before_its_end_whatever_a_server_takes_for_a_line(message: bytes):
    sent = stuffed(message)
    assert sent.endswith(b".\r\n")
    for end in (b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r\n", b"\r\n.\n", b"\n.\r"):
        assert (b"\r\n" + sent[:-2]).find(end) == -1


def test_a_plain_message_is_not_looked_through():
    whole = Parcel(1, Envelope("a@x", "b@y"), b"A: b\r\n\r\nc\r\n", plain=True)
    assert message_and_dot(whole) == whole.message + b".\r\n"
    cut = Parcel(1, Envelope("a@x", "b@y"), b"A: b\r\n\r\nc", plain=True)
    assert message_and_dot(cut) == cut.message + b"\r\n.\r\n"


@pytest.mark.parametrize(
    "recipient",
    [
        "a@b\r\nRCPT TO:<c@d>",
        "a@b>",
        "a b@c",
        "a",
        "",
        "a@b@c",
        "a\n@b",
        '"a\r"@b',
        "é\x85@b",
        "a@",
        f"{'x' * 320}@b",
    ],
)
def test_an_address_that_would_say_more_than_an_address_is_refused(recipient: str):
    refused = refusal(parcel(recipient), ABLE)
    assert refused is not None
    assert (refused.code, refused.enhanced) == (553, "5.1.3")


@pytest.mark.parametrize(
    "recipient",
    [
        "a@b.example",
        '"a b"@c',
        '"a\\"b@c"@d',
        "a.b+c=d@e",
        "é@b",
        f"{'x' * 64}@{'y' * 255}",
        "a'b@c",
    ],
)
def test_an_odd_address_is_an_address(recipient: str):
    assert refusal(parcel(recipient), ABLE) is None
    mail, rcpt, _ = envelope_commands(parcel(recipient), ABLE)
    assert f"<{recipient}>".encode() in rcpt
    assert (mail.count(b"\r\n"), rcpt.count(b"\r\n")) == (1, 1)
    assert (b" SMTPUTF8" in mail) == (not recipient.isascii())


def test_what_a_relay_cannot_is_refused_before_it_is_asked():
    plain = Extensions()
    told = [
        refusal(parcel("é@b.example"), plain),
        refusal(parcel("a@b", b"x" * 1001), ABLE),
        refusal(parcel("a@b", "A: b\r\n\r\né\r\n".encode()), plain),
        refusal(parcel("a@b", "A: é\r\n\r\n\r\n".encode()), Extensions(eight_bit=True)),
    ]
    said = [(one.code, one.enhanced) for one in told if one]
    assert said == [(553, "5.6.7"), (552, "5.3.4"), (554, "5.6.3"), (554, "5.6.7")]
    assert refusal(parcel("a@b"), plain) is None


def test_only_what_is_offered_is_asked_for():
    mail, rcpt, data = envelope_commands(parcel("a+b=c@d"), Extensions())
    assert (mail, rcpt, data) == (
        b"MAIL FROM:<a@x.example>\r\n",
        b"RCPT TO:<a+b=c@d>\r\n",
        b"DATA\r\n",
    )
    mail, rcpt, _ = envelope_commands(parcel("a+b=c@d"), ABLE)
    assert mail == b"MAIL FROM:<a@x.example> SIZE=11 RET=HDRS ENVID=42\r\n"
    assert rcpt == b"RCPT TO:<a+b=c@d> NOTIFY=FAILURE ORCPT=rfc822;a+2Bb+3Dc@d\r\n"


def test_what_a_relay_offers_is_read_and_nonsense_is_not():
    lines = ["pipelining", "SIZE 100", "AUTH PLAIN login", "AUTH=CRAM-MD5 XYZ", "", "8BITMIME"]
    able = read_extensions(lines)
    assert (able.pipelining, able.eight_bit, able.utf8, able.size) == (True, True, False, 100)
    assert able.auth == {"PLAIN", "LOGIN", "CRAM-MD5", "XYZ"}
    assert read_extensions(["SIZE"]) == read_extensions(["SIZE 0"]) == Extensions(sizes=True)
    assert read_extensions(["SIZE ten"]).size is None


@given(st.data())
def test_replies_are_the_same_however_their_bytes_are_cut(data: st.DataObject):
    said = b"250-a\r\n250-b\r\n250 c\r\n550-5.1.1 no\r\n550 5.1.1 one\r\n354\r\n421 \xff\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=8)))
    reader, replies = ReplyReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
        reader.feed(said[start:end])
        while (reply := reader.next()) is not None:
            replies.append(reply)
    assert replies == [
        Reply(250, "a b c"),
        Reply(550, "5.1.1 no one"),
        Reply(354, ""),
        Reply(421, "\ufffd"),
    ]
    assert reader.empty
