import pytest
from house import TEMPLATES, channel, publication
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from lxml.html import HtmlElement
from mails import brought, card, rendered

from colporteur.digests.rendering import Brought, Words, render
from colporteur.digests.sections import by_topic
from colporteur.publication import Publication


def page(sample: Brought) -> HtmlElement:
    return lxml_html.document_fromstring(render(TEMPLATES, sample).html)


def headings(found: HtmlElement, *tags: str) -> list[str]:
    return [" ".join(one.text_content().split()) for one in found.iter(*tags)]


def test_a_briefing_lists_what_it_has_and_each_entry_leads_to_its_article():
    found = page(brought())
    numbers = [one.text_content() for one in found.find_class("number")]
    assert [one.strip() for one in numbers] == [str(number) for number in range(1, 7)]
    links = [one.find(".//a").get("href") for one in found.find_class("entry")]
    shown = [
        one.find("a").get("href") for one in found.iter("h2", "h3") if one.find("a") is not None
    ]
    assert links == shown


def test_cards_of_one_topic_stand_under_its_name_and_do_not_repeat_it():
    found = page(brought(count=5))
    assert headings(found, "h2")[2:] == ["Santé", "Secteur public"]
    assert len(headings(found, "h3")) == 5
    rubrics = [one.text_content() for one in found.find_class("rubric")]
    assert rubrics == ["Secteur public"]  # the lead's


def test_the_order_of_an_editor_is_kept_whatever_the_topics():
    sample = brought(count=5, ordered=True)
    titles = [one.title for one in sample.cards]
    found = headings(page(sample), "h2")
    assert [one.replace("\u202f", " ").replace("\u00a0", " ") for one in found[1:]] == titles


def test_headlines_have_no_pictures_and_one_teaser_and_text_first_no_pictures():
    pictures = {
        name: rendered("en", name).html.count("<img")
        for name in ("briefing", "headlines", "text-first")
    }
    assert pictures == {"briefing": 3, "headlines": 0, "text-first": 0}
    teasers = rendered("en", "headlines")
    assert "Sixty-two towns" in teasers.html
    assert "one order in five" not in teasers.html + teasers.text
    assert "one order in five" in rendered("en", "text-first").html


@pytest.mark.parametrize(
    ("kind", "said"), [("special", "Édition spéciale"), ("correction", "Rectificatif")]
)
def test_what_is_no_usual_digest_says_so_in_both_parts(kind: str, said: str):
    found = rendered("fr", kind=kind)
    assert said in found.html
    assert f"\n{said}\n" in found.text


def test_a_single_article_has_a_button_and_no_list():
    found = rendered("ar", kind="article")
    shown = lxml_html.document_fromstring(found.html)
    (button,) = shown.find_class("press-words")
    assert button.get("href") == "https://relais.example/articles/ar-0"
    assert shown.find_class("contents") == []
    assert not found.text.startswith("1.")


def test_a_note_alone_is_a_mail_too():
    found = render(TEMPLATES, brought("en", kind="special", cards=(), words=Words("Come *today*.")))
    assert found.subject == "Dispatch"
    assert "Come <em" in found.html
    assert "Come today." in found.text


def dressed(**changes: object) -> Publication:
    shared = {"postal_address": {"fr": "1 rue", "ar": "زنقة"}, "titles": {"ar": "لو رولي"}}
    return publication(**shared | changes)


def test_title_sender_footer_and_address_are_those_of_the_language():
    paper = dressed(
        senders={"ar": {"name": "نشرة", "address": "ar@relais.example"}},
        footer={"ar": "جمعية\nسجل 12"},
    )
    arabic = next(one for one in paper.channels if one.language == "ar")
    found = render(TEMPLATES, brought("ar", publication=paper, channel=arabic))
    for said in ("لو رولي", "نشرة", "زنقة", "جمعية", "سجل 12"):
        assert said in found.html
        assert said in found.text


def test_a_channels_own_sender_footer_and_address_come_first():
    own = {
        "sender": {"name": "La rédaction", "address": "r@relais.example"},
        "footer": "Édité par la rédaction",
        "postal_address": "7 impasse",
    }
    paper = dressed(channels=[channel("actualites", "fr", **own)], footer={"fr": "Le Relais SARL"})
    found = render(TEMPLATES, brought(publication=paper, channel=paper.channels[0]))
    for said in ("La rédaction", "Édité par la rédaction", "7 impasse"):
        assert said in found.html
        assert said in found.text
    assert "SARL" not in found.html
    assert "1 rue" not in found.html


def test_a_publishers_look_is_in_every_part_of_the_mail():
    look = {
        "light": {"accent": "#0b4f9c"},
        "dark": {"accent": "#9cc4ff"},
        "text": "'Gentium Book', Georgia, serif",
        "size": 20,
        "air": 0.6,
        "logo": "/static/logo.png",
    }
    found = render(TEMPLATES, brought(publication=dressed(look=look), layout="headlines")).html
    assert "color:#0b4f9c" in found.replace(" ", "")
    assert "#9cc4ff" in found
    assert "#a5331b" not in found
    assert "Gentium Book" in found
    assert 'src="https://relais.example/static/logo.png"' in found
    assert 'alt="Le Relais"' in found
    assert "font-size:20px" in found.replace(" ", "")


@given(st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30))
def test_sections_neither_lose_nor_repeat_a_card(topics: list[str]):
    cards = [card("en", n, topics=[one] if one else []) for n, one in enumerate(topics)]
    sections = by_topic(cards, "Also")
    shown = [one.url for section in sections for one in section.cards]
    assert sorted(shown) == sorted(one.url for one in cards)
    assert all(section.cards for section in sections)
    if len(sections) > 1:
        assert [one.title for one in sections].count("Also") == int("" in topics)
        assert sections[-1].title == "Also" or "" not in topics
