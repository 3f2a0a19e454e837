"""axe-core on mails as a webmail shows them: inside the main part of its own page."""

from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from house import TEMPLATES
from mails import KINDS, LANGUAGES, LAYOUTS, LETTERS, brought, card, letter, rendered
from playwright.sync_api import Page

from colporteur.digests.rendering import Words, render

pytestmark = pytest.mark.browser
_IN_A_WEBMAIL = """() => {
    const main = document.createElement("main");
    main.append(...document.body.childNodes);
    document.body.append(main);
}"""
_FAULTS_ALONE = {"resultTypes": ["violations"]}  # not all that is right, node by node
_SIZES_OF_WORDS = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), sizes = [];
    while (walk.nextNode()) {
        const around = walk.currentNode.parentElement;
        if (walk.currentNode.data.trim() && around.checkVisibility())
            sizes.push(parseFloat(getComputedStyle(around).fontSize));
    }
    return sizes;
}"""
_PLACES_OF = """words => words.map(word => {
    const walk = document.createTreeWalker(
        document.querySelector("p.meta"), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const at = walk.currentNode.data.indexOf(word), range = document.createRange();
        if (at < 0) continue;
        range.setStart(walk.currentNode, at);
        range.setEnd(walk.currentNode, at + word.length);
        return range.getBoundingClientRect().x;
    }
})"""
MAILS = [
    *((layout, language, "digest") for layout in LAYOUTS for language in LANGUAGES),
    *(("briefing", "fr", kind) for kind in KINDS[1:]),
]


@pytest.mark.parametrize(("layout", "language", "kind"), MAILS)
def test_axe_finds_nothing_in_light_or_dark(page: Page, layout: str, language: str, kind: str):
    assert violations(page, rendered(language, layout, kind).html) == []


@pytest.mark.parametrize(
    ("message", "language"), [*((one, "fr") for one in LETTERS), ("welcome", "ar")]
)
def test_axe_finds_nothing_in_letters(page: Page, message: str, language: str):
    assert violations(page, letter(message, language).html) == []


def violations(page: Page, html: str) -> list[tuple[str, str]]:
    """The rule and the first place of each, in light and in dark."""
    page.set_content(html)
    page.evaluate(_IN_A_WEBMAIL)
    told = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found: list[dict[str, Any]] = Axe().run(page, options=_FAULTS_ALONE).response["violations"]
        told += [(one["id"], one["nodes"][0]["html"]) for one in found]
    return told


def test_axe_would_find_a_picture_without_words(page: Page):
    page.set_content(rendered().html)
    page.evaluate("document.querySelector('img').removeAttribute('alt')")
    assert [one["id"] for one in Axe().run(page).response["violations"]].count("image-alt") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_go_down_one_level_at_a_time(page: Page, language: str):
    page.set_content(rendered(language).html)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("width", [320, 375, 700])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_scrolls_sideways(page: Page, language: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(rendered(language).html)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


LONG = "x" * 500
ADDRESS = "https://relais.example/" + "un-tres-long-chemin-" * 8


@pytest.mark.parametrize(
    "sample",
    [
        {"cards": (card("fr", 0, title=LONG), card("fr", 1, title=ADDRESS))},
        {"cards": (card("fr", 0, teaser=LONG[:400]), card("fr", 2, teaser=ADDRESS))},
        {"words": Words(f"{ADDRESS}\n\n- {LONG}\n\n# {LONG}\n\n    {ADDRESS}")},
    ],
    ids=["titles", "teasers", "intro"],
)
def test_no_word_is_too_long_for_a_phone(page: Page, sample: dict[str, Any]):
    for language in ("briefing", "headlines"):
        page.set_content(render(TEMPLATES, brought(layout=language, **sample)).html)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_latin_name_beside_an_arabic_date_leaves_its_day_and_month_together(page: Page):
    cards = (card("ar", 0, authors=["Leïla A."]),)
    found = render(TEMPLATES, brought("ar", cards=cards, more=0))
    assert "\u2068Leïla A.\u2069، 20 نونبر 2026" in found.text
    page.set_content(found.html)
    day, month = page.evaluate(_PLACES_OF, ["20", "نونبر"])
    author = page.evaluate(_PLACES_OF, ["Leïla"])[0]
    assert month < day < author


@pytest.mark.parametrize("language", LANGUAGES)
def test_blocked_pictures_leave_their_words_and_the_layout(page: Page, language: str):
    page.route("**/*", lambda route: route.abort())
    html = rendered(language).html.replace("data:image/svg+xml,", "https://blocked.example/")
    page.set_content(html)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert all(image.get_attribute("alt") for image in page.query_selector_all("img"))


@pytest.mark.parametrize(("language", "least"), [("ar", 18), ("fr", 14)])
def test_no_words_are_too_small_to_read(page: Page, language: str, least: int):
    for html in (rendered(language).html, letter("welcome", language).html):
        page.set_content(html)
        sizes = page.evaluate(_SIZES_OF_WORDS)
        assert len(sizes) > 10
        assert min(sizes) >= least
