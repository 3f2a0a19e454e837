"""Every field comes back equal from Python's parser and from one in Rust that shares nothing."""

import base64
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parseaddr

import pytest
from composed import message, parse
from fast_mail_parser import parse_email
from hypothesis import assume, example, given
from hypothesis import strategies as st

from colporteur.delivery.headers import address_field, parameter_field
from colporteur.delivery.message import compose
from colporteur.exceptions import AddressRefused

NAMES = [
    "Le Relais",
    "Relais, Le",
    "Le Relais · Actualités",
    "L’été à l’œuvre : « où en est-on ? »",
    "النشرة الصباحية",
    "👩‍👩‍👧‍👦🇲🇦",
    'Le "Relais" <x@evil.example>',
    "=?utf-8?q?a?=",
    "a\\b",
    "(un commentaire)",
    "Dr. O'Neil; undisclosed:",
    "deux  blancs",
    "x" * 200,
    "é" * 200,
    '"' * 80,
]
words = st.lists(
    st.sampled_from(
        ["Été", "النشرة", "👩‍👩‍👧", '"', "\\", "<a@b.c>", ",", "=?utf-8?q?x?=", "a", " "]
    )
    | st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=9),
    min_size=1,
    max_size=30,
).map(" ".join)
ADDRESSES = [
    "amina@example.org",
    "o'neil+news=relais@mail.example.org",
    '"deux mots"@example.org',
    '"a@b"@example.org',
    f"{'l' * 64}@{'.'.join(['d' * 61] * 4)}.example",
    "amina@[192.0.2.1]",
]


def mailbox(data: bytes, field: str) -> tuple[str, str]:
    """A display name and an address.

    Not by Python's newer parser, which keeps the blanks between encoded words in names.
    """
    raw = BytesHeaderParser(policy=compat32).parsebytes(data)[field].replace("\r\n", "")
    name, address = parseaddr(raw)
    return str(make_header(decode_header(name))), address


def as_one_line(text: str) -> str:
    return " ".join(text.split())


@given(words)
@example("")
@example("x" * 2000)
@example(" " + "mot " * 90)
def test_a_subject_comes_back_equal(subject: str):
    data = compose(message(subject=subject))
    expected = subject.strip(" ")
    assert parse(data)["Subject"] == expected
    # The one in Rust closes up runs of blanks, in plain text as RFC 5322 has it unfolded.
    assert as_one_line(parse_email(data).subject) == as_one_line(expected)
    assert all(
        len(line) <= 78
        for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        if line[:5] != b"List-"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_comes_back_equal_with_its_address(name: str):
    data = compose(message(sender_name=name, list_name=name))
    assert mailbox(data, "From") == (name, "bonjour@relais.example")
    other = parse_email(data).from_
    assert (other.display_name, other.address) == (name, "bonjour@relais.example")
    assert parse_email(data).headers["List-Id"][0].endswith("<actualites.relais.example>")


@given(words)
def test_any_name_comes_back_equal_in_short_lines(name: str):
    assume(name.strip())
    data = compose(message(sender_name=name))
    assert mailbox(data, "From") == (name.strip(), "bonjour@relais.example")
    raw = data[data.index(b"From: ") :].partition(b"\r\nReply-To")[0]
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_comes_back_equal(address: str):
    data = compose(message(recipient=address))
    (found,) = parse(data)["To"].addresses
    assert found.addr_spec == address
    assert parse_email(data).headers["To"] == [address]


def test_an_address_with_dots_where_none_may_be_is_quoted():
    assert address_field("To", "", "a..b.@example.org") == b'To: "a..b."@example.org\r\n'
    assert address_field("To", "", 'a"b c@example.org') == b'To: "a\\"b c"@example.org\r\n'
    assert address_field("To", "", "a,b@example.org") == b'To: "a,b"@example.org\r\n'
    field = address_field("To", "", "a@b>, <c@example.org")
    assert field == b'To: "a@b>, <c"@example.org\r\n'


def test_an_address_beyond_ascii_is_raw_utf8_and_its_name_is_not():
    field = address_field("To", "Élodie", "élodie@exemple.fr")
    assert field == "To: =?utf-8?b?w4lsb2RpZQ==?= <élodie@exemple.fr>\r\n".encode()


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a\n@example.org",
        "a\x00@example.org",
        "a\u2028@example.org",
        "a@example.org, b",
        "@example.org",
        "nobody",
        "",
        "a@",
        f"{'l' * 65}@example.org",
        f"{'é' * 33}@example.org",
        f"a@{'d' * 256}",
        "a\ud800@example.org",
    ],
)
def test_an_address_that_no_field_may_hold_is_refused_and_not_told(address: str):
    with pytest.raises(AddressRefused) as refused:
        compose(message(recipient=address))
    assert refused.value.cure
    assert "example" not in refused.value.message


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Z", "Cs")), min_size=1)
    | st.sampled_from(NAMES)
)
def test_a_parameter_comes_back_equal(value: str):
    field = parameter_field("Content-Type", "text/plain", {"name": value, "charset": "utf-8"})
    assert field.isascii()
    assert all(len(line) <= 78 for line in field.split(b"\r\n"))
    found = parse(field + b"\r\nx")["Content-Type"]
    assert (found.params["name"], found.params["charset"]) == (value, "utf-8")


def test_both_parts_come_back_equal_from_the_other_parser():
    texts = {"text": "Bonjour\n.point\n\nالنشرة 👩‍👩‍👧\n", "html": "<p>نشرة  الصباح</p>\n" * 40}
    found = parse_email(compose(message(**texts)))
    (text,), (html,) = found.text_plain, found.text_html
    assert (text.replace("\r\n", "\n"), html.replace("\r\n", "\n")) == tuple(texts.values())
    assert found.warnings == []


def test_what_is_no_ascii_in_links_is_written_in_ascii():
    data = compose(
        message(
            archive_url="https://été.example/archive/à la une",
            unsubscribe_url="https://été.example/unsubscribe/abc",
            reply_to="éditeur@relais.example",
        )
    )
    found = parse(data)
    assert found["List-Archive"] == "<https://xn--t-9fab.example/archive/%C3%A0%20la%20une>"
    assert found["List-Unsubscribe"] == "<https://xn--t-9fab.example/unsubscribe/abc>"
    assert found["List-Owner"] == "<mailto:%C3%A9diteur@relais.example>"


def test_encoded_words_hold_whole_graphemes_even_long_ones():
    family = "👩🏽‍❤️‍💋‍👨🏿"
    data = compose(message(subject=f"a plain subject, then {family * 9}"))
    words = [one for one in data.split() if one.startswith(b"=?utf-8?")]
    assert all(len(word) <= 75 for word in words)
    assert str(make_header(decode_header(b"\r\n ".join(words).decode()))).count(family) >= 9
    assert base64.b64encode(family.encode())
