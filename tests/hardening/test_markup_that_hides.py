"""Markup that is something else once it was read."""

import pytest

from colporteur.articles.cleaning import clean_html, has_forbidden


@pytest.mark.parametrize(
    "markup",
    [
        "<p>a&#1;b</p>",
        "<p>a&#x1f;b&#xfffe;</p>",
        '<a href="/x&#1;y" title="a&#8;b">c</a>',
        '<img src="/a.jpg" alt="&#11;Quai">',
    ],
)
def test_what_xml_forbids_does_not_come_in_as_a_reference(markup: str):
    assert not has_forbidden(clean_html(markup, "https://relais.example/"))


@pytest.mark.parametrize("reference", ["&#1;", "&#x1f;", "&#8;", "&Tab;", "&NewLine;", "\x01"])
@pytest.mark.parametrize("base", ["", "https://relais.example/"])
def test_an_address_that_runs_is_not_put_together_by_what_is_dropped(reference: str, base: str):
    for scheme in ("javascript", "data", "vbscript"):
        for at in (0, 2, len(scheme)):
            address = f"{scheme[:at]}{reference}{scheme[at:]}:alert(1)"
            found = clean_html(f'<p><a href="{address}">x</a></p>', base)
            assert f'href="{scheme}:' not in found.replace("\t", "").replace("\n", "")


def test_a_reference_that_is_text_stays_text():
    assert clean_html("<p>&amp;#1; &lt;script&gt;</p>") == "<p>&amp;#1; &lt;script&gt;</p>"
