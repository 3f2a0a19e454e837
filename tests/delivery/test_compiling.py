"""A variant compiled once: each reader's message is the rendering with their own link in it."""

from email.message import EmailMessage

import pytest
from composed import parse
from fast_mail_parser import parse_email
from house import TEMPLATES
from hypothesis import given
from hypothesis import strategies as st
from mails import LANGUAGES, SATURDAY, SITE, brought, card, paper, rendered

from colporteur.delivery.composing import Compiled, Post, compile_post, reader_message
from colporteur.delivery.message import compose
from colporteur.digests.rendering import UNSUBSCRIBE_MARK, Rendering, render
from colporteur.exceptions import AddressRefused
from colporteur.tokens import UNSUBSCRIBE, make_token

KEY = "k" * 32
pieces = st.lists(
    st.text("نشرة الصباح\n. ") | st.text(st.characters(codec="utf-8", exclude_characters="\r")),
    min_size=1,
    max_size=4,
)


def post(language: str = "fr") -> Post:
    return Post(paper(), brought(language).channel, "abcdef", SITE, KEY, SATURDAY, 10)


def link_of(subscription_id: int) -> str:
    return f"{SITE}/unsubscribe/{make_token(KEY, UNSUBSCRIBE, subscription_id)}"


def bodies(message: EmailMessage) -> list[str]:
    parts = (one.get_payload(decode=True) for one in message.iter_parts())
    return [one.decode().replace("\r\n", "\n") for one in parts]


def check(compiled: Compiled, rendering: Rendering, number: int) -> None:
    data = compiled.message(number, f"reader{number}@example.org")
    link = link_of(number)
    expected = [
        one.replace(UNSUBSCRIBE_MARK, link).removesuffix("\n") + "\n"
        for one in (rendering.text, rendering.html)
    ]
    found, other = parse(data), parse_email(data)
    assert bodies(found) == expected
    assert [other.text_plain[0], other.text_html[0]] == [
        one.replace("\n", "\r\n") for one in expected
    ]
    assert found["List-Unsubscribe"] == f"<{link}>"
    assert found["To"] == f"reader{number}@example.org"
    assert found["Message-ID"] == f"<{compiled.message_id(number)}>"
    assert data.replace(b"\r\n", b"").isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reader_gets_the_rendering_with_their_own_link(language: str):
    compiled = compile_post(post(language), rendered(language), None)
    for number in (1, 12, 123, 1234, 123_456_789):
        check(compiled, rendered(language), number)


@given(pieces, st.integers(0, 2**31))
def test_wherever_the_links_stand_they_are_the_readers_own(texts: list[str], number: int):
    text = UNSUBSCRIBE_MARK.join(texts)
    rendering = Rendering("Un sujet", text, f"<p>{text}</p>")
    check(compile_post(post(), rendering, None), rendering, number)


def test_what_is_shown_is_the_very_message_that_leaves():
    shown = reader_message(post(), rendered(), 7, "amina@example.org")
    assert compose(shown) == compile_post(post(), rendered(), None).message(7, "amina@example.org")


def test_messages_of_two_readers_differ_in_nothing_but_their_own():
    compiled = compile_post(post(), rendered(), None)
    one, two = (compiled.message(number, "a@b.example").split(b"\r\n") for number in (7, 8))
    differing = [line for line, other in zip(one, two, strict=True) if line != other]
    assert len(differing) == 4
    assert [line.partition(b" ")[0] for line in differing[:2]] == [
        b"Message-ID:",
        b"List-Unsubscribe:",
    ]
    assert {line.rstrip(b"=") for line in differing[2:]} == {
        make_token(KEY, UNSUBSCRIBE, 7).encode()
    }


def test_one_address_that_cannot_be_stops_no_other():
    compiled = compile_post(post(), rendered(), None)
    with pytest.raises(AddressRefused):
        compiled.message(7, "a@b.example\r\nBcc: c@d.example")
    assert compiled.message(8, "c@d.example")


def test_no_article_takes_a_readers_own_link_along():
    stolen = card("fr", 0, url=f"https://evil.example/?{UNSUBSCRIBE_MARK}")
    rendering = render(TEMPLATES, brought(cards=(stolen,), more=0))
    message = parse(compile_post(post(), rendering, None).message(7, "a@b.example"))
    text, html = bodies(message)
    assert text.count(link_of(7)) == html.count(link_of(7)) == 1
    assert "https://evil.example/?" in html
