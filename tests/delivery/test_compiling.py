"""A variant compiled once: each reader's message is the rendering with their own link in it."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from itertools import cycle

import pytest
from composed import parse
from fast_mail_parser import parse_email
from house import TEMPLATES
from hypothesis import given
from hypothesis import strategies as st
from mails import LANGUAGES, SATURDAY, SITE, brought, card, paper, rendered

from colporteur.delivery.composing import Compiled, Post, Recipient, compile_post, reader_message
from colporteur.delivery.message import compose
from colporteur.digests.rendering import (
    MARKS,
    PREFERENCES_MARK,
    UNSUBSCRIBE_MARK,
    Rendering,
    render,
)
from colporteur.exceptions import AddressRefused
from colporteur.tokens import (
    LEAVE_BY_MAIL,
    PREFERENCES,
    UNSUBSCRIBE,
    make_tag,
    make_token,
    passing_maker,
)

KEY = "k" * 32
pieces = st.lists(
    st.text("نشرة الصباح\n. ") | st.text(st.characters(codec="utf-8", exclude_characters="\r")),
    min_size=1,
    max_size=4,
)


def post(language: str = "fr") -> Post:
    return Post(paper(), brought(language).channel, "abcdef", SITE, KEY, SATURDAY, 10)


def reader(number: int) -> Recipient:
    return Recipient(number + 5, number, f"reader{number}@example.org")


def link_of(subscription_id: int) -> str:
    return f"{SITE}/unsubscribe/{make_token(KEY, UNSUBSCRIBE, subscription_id)}?edition=abcdef"


def choice_of(subscriber_id: int) -> str:
    until = SATURDAY + timedelta(days=30)
    return f"{SITE}/preferences/{passing_maker(KEY, PREFERENCES, until)(subscriber_id)}"


def bodies(message: EmailMessage) -> list[str]:
    parts = (one.get_payload(decode=True) for one in message.iter_parts())
    return [one.decode().replace("\r\n", "\n") for one in parts]


def check(compiled: Compiled, rendering: Rendering, number: int) -> None:
    data = compiled.message(reader(number))
    link, choice = link_of(number), choice_of(number + 5)
    expected = [
        one.replace(UNSUBSCRIBE_MARK, link).replace(PREFERENCES_MARK, choice).removesuffix("\n")
        + "\n"
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
    text = "".join(f"{one}{mark}" for one, mark in zip(texts, cycle(MARKS), strict=False))
    rendering = Rendering("Un sujet", text, f"<p>{text}</p>")
    check(compile_post(post(), rendering, None), rendering, number)


def test_what_is_shown_is_the_very_message_that_leaves():
    shown = reader_message(post(), rendered(), reader(7))
    assert compose(shown) == compile_post(post(), rendered(), None).message(reader(7))


def test_messages_of_two_readers_differ_in_nothing_but_their_own():
    compiled = compile_post(post(), rendered(), None)
    one, two = (compiled.message(reader(number)).split(b"\r\n") for number in (3, 4))
    differing = [line for line, other in zip(one, two, strict=True) if line != other]
    assert [line.partition(b" ")[0] for line in differing[:3]] == [
        b"To:",
        b"Message-ID:",
        b"List-Unsubscribe:",
    ]
    choice = choice_of(8).rpartition("/")[2].encode()
    assert [line.rstrip(b"=") for line in differing[3:]] == [
        choice,
        make_token(KEY, UNSUBSCRIBE, 3).encode(),
    ] * 2


def test_who_cannot_follow_links_leaves_by_mail_to_an_address_of_their_own():
    with_mail = replace(post(), bounce_domain="bounces.relais.example")
    compiled = compile_post(with_mail, rendered(), None)
    found = parse(compiled.message(reader(7)))["List-Unsubscribe"]
    web, _, mail = found.partition(", ")
    assert web == f"<{link_of(7)}>"
    tag = make_tag(KEY, LEAVE_BY_MAIL, 7)
    assert mail == f"<mailto:leave+{tag}@bounces.relais.example?subject=unsubscribe>"
    assert compose(reader_message(with_mail, rendered(), reader(7))) == compiled.message(reader(7))


def test_one_address_that_cannot_be_stops_no_other():
    compiled = compile_post(post(), rendered(), None)
    with pytest.raises(AddressRefused):
        compiled.message(Recipient(7, 7, "a@b.example\r\nBcc: c@d.example"))
    assert compiled.message(reader(8))


def test_no_article_takes_a_readers_own_link_along():
    stolen = card("fr", 0, url=f"https://evil.example/?{UNSUBSCRIBE_MARK}")
    rendering = render(TEMPLATES, brought(cards=(stolen,), more=0))
    message = parse(compile_post(post(), rendering, None).message(reader(7)))
    text, html = bodies(message)
    assert text.count(link_of(7)) == html.count(link_of(7)) == 1
    assert "https://evil.example/?" in html
