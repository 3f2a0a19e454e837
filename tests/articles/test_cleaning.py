import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.articles.cleaning import (
    clean_html,
    clean_text,
    nesting,
    one_ellipsis,
    paragraphs,
    plain_to_html,
    title_key,
)

PAGE = "https://relais.example/articles/un"
anything = st.text(st.characters(codec=None))  # lone surrogates too, as JSON may hold
NO_BREAK, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("  une   ville \t\r\n publie ", "une ville publie"),
        ("bel\x00le\x07 page\x1b", "belle page"),
        ("un\x85deux\u2028trois\u2029quatre", "un deux trois quatre"),
        ("e\u0301te\u0301", "été"),
        (
            f"Qui répond{NARROW}? «{NO_BREAK}Moi{NO_BREAK}»",
            f"Qui répond{NARROW}? «{NO_BREAK}Moi{NO_BREAK}»",
        ),
        (f"deux{NO_BREAK}{NO_BREAK}espaces", "deux espaces"),
        (f"deux {NARROW}espaces", "deux espaces"),
        ("moitié\ud83d", "moitié"),
        ("fin\uffff\ufffe\ufdd0", "fin"),
    ],
)
def test_text_is_cleaned(given_text, wanted):
    assert clean_text(given_text) == wanted


@given(anything)
def test_clean_text_is_one_line_that_xml_can_hold_and_stays_as_it_is(text):
    clean = clean_text(text)
    assert clean == clean_text(clean) == unicodedata.normalize("NFC", clean)
    assert len(clean.splitlines()) <= 1
    assert ET.fromstring(f"<a>{plain_to_html(clean)}</a>").text == (clean or None)


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("la suite...", "la suite…"),
        ("la suite .....", "la suite…"),
        ("la suite…...", "la suite…"),
        ("la suite... … …", "la suite…"),
        ("oui... puis non", "oui… puis non"),
        ("art. 5. Fin..", "art. 5. Fin.."),
    ],
)
def test_dots_become_one_ellipsis(given_text, wanted):
    assert one_ellipsis(given_text) == wanted


@given(anything)
def test_no_two_ellipses_follow_each_other(text):
    once = one_ellipsis(text)
    assert "……" not in once
    assert "...." not in once
    assert one_ellipsis(once) == once


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>"),
        ('<p onclick="x()" style="color:red" class="y">a</p>', "<p>a</p>"),
        ('<iframe src="https://example.org/"></iframe><p>a</p>', "<p>a</p>"),
        ("<style>p { }</style><!-- note --><p>a</p>", "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="java\nscript:alert(1)">a</a>', "<a>a</a>"),
        ('<img src="data:image/png;base64,AAAA" alt="x">', ""),
        ("a<img alt='src=\"x\" > b'>c", "ac"),
        ('<p lang="ar" dir="rtl">نص</p>', '<p lang="ar" dir="rtl">نص</p>'),
        ("<p>e\u0301\x00\x0b</p>", "<p>é</p>"),
        ("<p>ouvert", "<p>ouvert</p>"),
    ],
)
def test_html_keeps_only_what_is_safe(markup, wanted):
    assert clean_html(markup, PAGE) == wanted


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("/clause", "https://relais.example/clause"),
        ("deux", "https://relais.example/articles/deux"),
        ("#note", "https://relais.example/articles/un#note"),
        ("//example.org/x", "https://example.org/x"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_relative_addresses_become_whole(address, wanted):
    assert clean_html(f'<a href="{address}">a</a>', PAGE) == f'<a href="{wanted}">a</a>'


def test_relative_pictures_become_whole():
    assert 'src="https://relais.example/i.png"' in clean_html('<img src="/i.png">', PAGE)


def test_an_address_that_is_none_loses_its_link_and_nothing_else():
    assert clean_html('<a href="http://[">a</a>', PAGE) == "<a>a</a>"


@given(anything)
def test_any_markup_is_cleaned_to_something_that_stays_as_it_is(markup):
    clean = clean_html(markup, PAGE)
    assert clean_html(clean, PAGE) == clean
    paragraphs(clean)


@pytest.mark.parametrize(
    "address", ["/clause", "deux", "#note", "?a=b", "//example.org/x", "", "http://["]
)
def test_half_addresses_lose_their_link_where_no_page_completes_them(address):
    assert clean_html(f'<p><a href="{address}">a</a><img src="{address}"></p>') == "<p><a>a</a></p>"


@pytest.mark.parametrize("address", ["https://x.example/a", "mailto:a@example.org"])
def test_whole_addresses_stay_without_a_page(address):
    assert clean_html(f'<a href="{address}">a</a>') == f'<a href="{address}">a</a>'


def test_a_picture_with_a_source_keeps_what_is_said_of_it():
    picture = '<img alt="a > b" width="4" src="https://x.example/i">'
    clean = clean_html(picture)
    assert 'src="https://x.example/i"' in clean
    assert 'width="4"' in clean


@pytest.mark.parametrize(
    ("markup", "deep"),
    [
        ("<div><p>a<p>b<p>c</div>", 1),
        ("<div>" * 50, 50),
        ("<div></x>" * 50, 50),
        ("<i>a</i>" * 50, 1),
        ("<!-- <i> <i> --><b>", 1),
        ("<!--><i><!---><i>", 2),
        ("<script>'<i>' + '<i>'</script><b>", 1),
        ("a < b", 0),
    ],
)
def test_nesting_is_counted_without_parsing(markup, deep):
    assert nesting(markup) == deep


def test_deeply_nested_markup_is_cleaned():
    assert "x" in clean_html("<blockquote>" * 5000 + "x", PAGE)


def test_paragraphs_leave_out_quotes_tables_and_captions():
    markup = (
        "<p>a</p><blockquote><p>b</p></blockquote><h2>c</h2><ul><li><p>d <b>e</b></p></li></ul>"
    )
    assert paragraphs(markup) == ["a", "d e"]
    assert paragraphs("") == []


@pytest.mark.parametrize(
    "other",
    [
        "Registre des algorithmes : la ville d'Ambrelle ouvre ses tiroirs",
        f"REGISTRE des algorithmes{NO_BREAK}: la ville d’Ambrelle ouvre ses tiroirs…",
        "Registre  des algorithmes: la ville d`Ambrelle ouvre ses tiroirs...",
        "« Registre des algorithmes » – la ville d´Ambrelle, ouvre ses tiroirs ?!",
    ],
)
def test_spellings_of_one_title_share_a_key(other):
    assert title_key(other) == title_key(
        "Registre des algorithmes : la ville d’Ambrelle ouvre ses tiroirs"
    )


@pytest.mark.parametrize("other", ["L’IA et le droit", "L’IA et la loi de 2024", "", "الذكاء"])
def test_other_titles_have_other_keys(other):
    assert title_key("L’IA et la loi") != title_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hausse de 1,5 % des prix", "Hausse de 15 % des prix"),
        ("À 10:30", "À 1030"),
        ("Hausse de 15 %", "Hausse de 15"),
        ("Le langage C", "Le langage C++"),
        ("Le langage C", "Le langage C#"),
    ],
)
def test_what_tells_two_titles_apart_stays_in_their_keys(one, other):
    assert title_key(one) != title_key(other)
