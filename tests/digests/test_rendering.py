import re
from datetime import timedelta

import pytest
from house import NOW, SITE, House
from lxml import html as lxml_html
from sqlalchemy import select

from colporteur.config import Settings
from colporteur.db.tables.editions import variants
from colporteur.digests.fitting import encoded_size
from colporteur.digests.inlining import inline
from colporteur.digests.rendering import UNSUBSCRIBE_MARK, Rendering
from colporteur.digests.variants import render_variant
from colporteur.editions import scheduling
from colporteur.exceptions import TemplateBroken
from colporteur.templating import Templates

DATABASES = ("sqlite",)  # the stores below have their tests on both

TITLES = {"actualites": "Un titre : l’IA & le droit", "nashra": "الحكامة & القانون"}


@pytest.fixture
def templates() -> Templates:
    return Templates(Settings().template_folders)


def rendered(
    house: House,
    templates: Templates,
    slug: str,
    count: int = 2,
    teaser: str = "<Un> extrait.",
) -> Rendering:
    language = "ar" if slug == "nashra" else "fr"
    for number in range(count):
        house.take(
            f"{TITLES[slug]} {number}",
            language=language,
            teaser=teaser,
            dated_at=NOW - timedelta(hours=number),
        )
    house.subscribe("amina@example.org", channel=slug)
    with house.open() as (connection, revision, names):
        found = revision.publication.channel(slug)
        scheduling.send_now(connection, revision, names, found, "matin", by="test", now=NOW)
        (variant_id,) = connection.scalars(select(variants.c.id))
        first = render_variant(connection, templates, variant_id, SITE, NOW, secret_key="k" * 32)
        again = render_variant(
            connection, templates, variant_id, "https://other.example", NOW, secret_key="k" * 32
        )
        assert first == again  # rendered once, for all
        return first


@pytest.fixture(params=["actualites", "nashra"])
def digest(request: pytest.FixtureRequest, house: House, templates: Templates) -> Rendering:
    return rendered(house, templates, request.param)


def test_both_bodies_hold_each_article_and_the_way_out(digest: Rendering):
    assert digest.html.count(UNSUBSCRIBE_MARK) == digest.text.count(UNSUBSCRIBE_MARK) == 1
    page = lxml_html.document_fromstring(digest.html)
    titles = [node.text_content().strip() for node in page.iter("h2")]
    assert len(titles) == 2
    for number in range(2):
        assert any(title.endswith(f" {number}") for title in titles)
        assert re.search(rf" {number}$", digest.text, re.MULTILINE)
    assert "&lt;Un&gt; extrait." in digest.html
    assert "<Un> extrait." in digest.text


def test_language_and_direction_are_on_the_page_and_on_what_webmail_keeps(
    house: House, templates: Templates
):
    page = lxml_html.document_fromstring(rendered(house, templates, "nashra").html)
    inner = page.find('.//div[@role="article"]')
    for node in (page, inner):
        assert (node.get("lang"), node.get("dir")) == ("ar", "rtl")


def test_a_french_digest_has_a_french_subject_date_and_footer(house: House, templates: Templates):
    found = rendered(house, templates, "actualites", count=3)
    assert found.subject == "Un titre : l’IA & le droit 0 (et 2 autres)"
    assert "vendredi 20 novembre 2026" in found.html
    assert "vous avez demandé à recevoir" in found.html
    assert "75001 Paris" in found.html
    assert "75001 Paris" in found.text


def test_an_arabic_date_has_maghrebi_months_and_digits(house: House, templates: Templates):
    assert "الجمعة، 20 نونبر 2026" in rendered(house, templates, "nashra").text


def test_the_text_reads_without_deserts_or_long_lines(digest: Rendering):
    assert "\n\n\n" not in digest.text
    for line in digest.text.splitlines():
        assert len(line) <= 72 or "://" in line


def test_a_digest_of_twelve_stays_well_under_what_gmail_clips(house: House, templates: Templates):
    found = rendered(house, templates, "actualites", count=12)
    assert len(found.html.encode()) < 80_000


@pytest.mark.parametrize("teaser", ["", "mot " * 499, "x" * 2_000])
def test_a_teaser_may_be_empty_or_huge(house: House, templates: Templates, teaser: str):
    found = rendered(house, templates, "actualites", teaser=teaser)
    assert encoded_size(found.html) < 20_000
    assert "\n\n\n" not in found.text


def test_styles_are_inlined_and_what_cannot_be_stays_in_style(digest: Rendering):
    page = lxml_html.document_fromstring(digest.html)
    assert all(node.get("style") for node in page.iter("h1", "h2"))
    assert "prefers-color-scheme: dark" in digest.html


@pytest.mark.parametrize(
    "asked",
    ['<link rel="stylesheet" href="http://10.0.0.1/x.css">', "<style>@import url(x)</style>"],
)
def test_a_template_that_would_fetch_something_is_refused(asked: str):
    with pytest.raises(TemplateBroken, match="must not fetch"):
        inline(f"<!DOCTYPE html><html><head>{asked}</head><body></body></html>")
