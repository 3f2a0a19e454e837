"""What publications really hand in: titles and teasers of every length, and no pictures."""

import email.policy
from dataclasses import replace
from email.parser import BytesParser

import pytest
from house import TEMPLATES
from lxml import html as lxml_html
from mails import SATURDAY, SITE, brought, card

from colporteur.delivery.composing import Post, Recipient, reader_message
from colporteur.delivery.message import compose
from colporteur.digests.fitting import CUT_ABOVE, WARN_ABOVE, encoded_size
from colporteur.digests.rendering import Rendering, Words, render

TITLES = [
    "A",
    "Un très long titre " * 26,
    "x" * 500,
    "Il a dit \"non\" & <b>oui</b> 'peut-être'",
    "Fusées 🚀🚀 et drapeaux 🇲🇦 👩‍👩‍👧",
    "Le mot «سلام» dans un titre",
    "Tout à l’envers \u202eabc",
    "Deux\r\nBcc: tous@example.org\r\nlignes",
    "{{ 7 * 7 }} {% include 'x' %} ${x}",
]


def digest(title: str, language: str = "fr", **changes: object) -> Rendering:
    first = card(language, 0, title=title, **changes)
    return render(TEMPLATES, brought(language, cards=(first, card(language, 1)), more=0))


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
def test_any_title_is_shown_as_it_is_and_makes_one_subject(title: str):
    found = digest(title)
    shown = lxml_html.document_fromstring(found.html).find(".//h2/a").text_content()
    seen = "".join(shown.split())
    assert seen == "".join(title.split())
    assert 1 <= len(found.subject) <= 61
    assert len(found.subject.splitlines()) == 1
    assert "\u202e" not in found.subject
    assert "49" not in found.subject + found.text.partition("2.")[0]
    post = Post(brought().publication, brought().channel, "abc", SITE, "k" * 32, SATURDAY, 10)
    data = compose(reader_message(post, found, Recipient(1, 1, "amina@example.org")))
    read = BytesParser(policy=email.policy.default).parsebytes(data)
    assert read["Subject"] == found.subject
    assert read["Bcc"] is None


def test_sixty_articles_stay_below_what_gmail_clips_and_none_is_lost():
    cards = tuple(card("fr", number, teaser="Une phrase de teaser. " * 26) for number in range(60))
    found = render(TEMPLATES, brought(cards=cards, more=2))
    assert encoded_size(found.html) <= CUT_ABOVE
    page = lxml_html.document_fromstring(found.html)
    shown = len(page.find_class("entry"))
    assert 20 < shown < 60
    said = " ".join(page.find_class("more")[0].text_content().split())
    assert said.startswith(f"Et {62 - shown} autres articles")
    assert "Se désabonner" in found.html
    assert found.subject.endswith("(et 61 autres)")
    assert f"{shown}. " in found.text
    assert f"{shown + 1}. " not in found.text


@pytest.mark.parametrize("nothing", ["\u200b", "\u2060\u00ad", "\u202e"])
def test_a_title_that_nobody_sees_makes_the_channels_name_the_subject(nothing: str):
    found = render(TEMPLATES, brought(cards=(card("fr", 0, title=nothing),), more=0))
    assert found.subject == "Actualités"


def test_a_digest_of_twenty_articles_is_small():
    for language in ("fr", "en", "ar"):
        cards = tuple(card(language, number) for number in range(20))
        assert encoded_size(render(TEMPLATES, brought(language, cards=cards)).html) < WARN_ABOVE


def test_an_intro_that_fills_the_mail_keeps_its_lead():
    found = render(TEMPLATES, brought(words=Words("Un long mot d’accueil. " * 6000)))
    assert len(lxml_html.document_fromstring(found.html).find_class("lead")) == 1


def test_a_picture_without_words_of_its_own_has_the_titles():
    image = card("fr").image
    assert image is not None
    silent = replace(image, alt="")
    found = lxml_html.document_fromstring(digest("Un titre", image=silent).html)
    assert found.find(".//img").get("alt") == "Un titre"
