import email.policy
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.delivery.headers import address_field, text_field, token_field

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=200)
SUBJECTS = [
    "Gouvernance de l’IA : où en est-on ? (et 4 autres)",
    "الحكامة الرقمية: مجلس بلدي يُخضع خوارزمية المنح المدرسية لتدقيق مستقل",
    "👩‍👩‍👧‍👦 familles et 🇲🇦 drapeaux, e\u0301te\u0301",
    "=?utf-8?q?ceci_est_du_texte?=",
    "A plain subject that is much longer than one line of seventy-eight characters may be, so it folds",
    "x" * 500,
    "é" * 300,
]


def read(field: bytes, name: str) -> str:
    message = BytesHeaderParser(policy=email.policy.compat32).parsebytes(field + b"\r\n")
    unfolded = message[name].replace("\r\n", "")
    return str(make_header(decode_header(unfolded)))


def lines(field: bytes) -> list[bytes]:
    assert field.endswith(b"\r\n")
    return field[:-2].split(b"\r\n")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_comes_back_equal(subject: str):
    assert read(text_field("Subject", subject), "Subject") == subject


@given(texts)
def test_any_subject_comes_back_equal_in_lines_that_fit(subject: str):
    field = text_field("Subject", subject)
    # Python's own parser, like others, trims the ends of a value.
    assert read(field, "Subject").strip(" \t") == subject.strip(" \t")
    assert all(len(line) <= 998 for line in lines(field))
    assert all(len(word) <= 75 for word in field.split() if word.startswith(b"=?"))


@given(st.text(max_size=80))
def test_no_text_can_begin_a_header_of_its_own(subject: str):
    field = text_field("Subject", f"{subject}\r\nBcc: everyone@example.org\n\nbody")
    assert all(line.startswith(b" ") for line in lines(field)[1:])


@pytest.mark.parametrize("subject", SUBJECTS)
def test_encoded_words_are_whole_graphemes_of_valid_utf8(subject: str):
    for word in text_field("Subject", subject).split():
        if word.startswith(b"=?"):
            ((data, charset),) = decode_header(word.decode())
            assert charset == "utf-8"
            assert isinstance(data, bytes)
            decoded = data.decode("utf-8")
            assert not decoded.startswith(("\u0301", "\u200d"))


@given(texts.filter(lambda name: name.strip() != ""))
def test_any_display_name_comes_back_with_its_address(name: str):
    field = address_field("From", name, "a@example.org")
    message = BytesHeaderParser(policy=email.policy.default).parsebytes(field + b"\r\n")
    (found,) = message["From"].addresses
    assert found.addr_spec == "a@example.org"


@pytest.mark.parametrize(
    "name", ['Le "Relais"', "Relais, Le", "Le Relais · Actualités", "النشرة", "a\\b"]
)
def test_a_display_name_with_specials_comes_back_equal(name: str):
    field = address_field("From", name, "a@example.org")
    message = BytesHeaderParser(policy=email.policy.default).parsebytes(field + b"\r\n")
    assert message["From"].addresses[0].display_name == name


def test_a_long_unsubscribe_link_is_never_encoded_nor_broken():
    url = "https://news.example.org/unsubscribe/" + "a" * 200
    field = token_field("List-Unsubscribe", [f"<{url}>,", "<mailto:leave@example.org>"])
    assert b"=?" not in field
    assert f"<{url}>".encode() in field
    assert [line[:5] for line in lines(field)] == [b"List-", b" <mai"]


def test_a_short_field_stays_on_one_line():
    assert token_field("MIME-Version", ["1.0"]) == b"MIME-Version: 1.0\r\n"
