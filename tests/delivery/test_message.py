from composed import message, parse
from hypothesis import given
from hypothesis import strategies as st

from colporteur.delivery.message import compose

texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x00", exclude_categories=("Cs",))
)


def test_a_message_has_what_bulk_senders_must_have():
    found = parse(compose(message()))
    assert found["List-Unsubscribe"] == f"<{message().unsubscribe_url}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Id"].endswith("<actualites.relais.example>")
    assert found["Message-ID"] == "<edition.0123456789@relais.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Date"].datetime == message().date
    assert [one.addr_spec for one in found["To"].addresses] == ["amina@example.org"]
    assert found["Subject"] == message().subject
    assert "Return-Path" not in found


def test_text_comes_before_html_and_both_come_back_equal():
    found = parse(compose(message()))
    kinds = [part.get_content_type() for part in found.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    plain, html = (
        found.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html")
    )
    assert (plain, html) == (message().text, message().html)


def test_the_same_message_is_the_same_bytes():
    assert compose(message()) == compose(message())


def test_nothing_from_outside_makes_a_header():
    hostile = message(subject="Bonjour\r\nBcc: x@example.org", sender_name="A\nB: c")
    found = parse(compose(hostile))
    assert "Bcc" not in found
    assert "B" not in found


def test_all_lines_end_in_crlf_and_none_is_too_long():
    data = compose(message(html="<p>" + "é" * 5000 + "</p>"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 998


@given(texts)
def test_any_text_comes_back_equal_from_either_part(text: str):
    found = parse(compose(message(text=f"{text}\n", html=f"{text}\n")))
    for kind in ("plain", "html"):
        body = found.get_body((kind,)).get_payload(decode=True).decode()
        assert body.replace("\r\n", "\n") == f"{text}\n"
