"""A mail looks after inlining as before, and css-inline, another inliner, agrees."""

import re
from functools import cache

import css_inline
import pytest
from house import TEMPLATES
from lxml import html as lxml_html
from mails import LANGUAGES, LAYOUTS, brought, letter
from playwright.sync_api import Page

from colporteur.digests.inlining import inline
from colporteur.digests.rendering import digest_of

_STYLES = """() => [...document.body.querySelectorAll("*")].map(e => {
    const found = getComputedStyle(e);
    const values = [...found].map(name => `${name}: ${found.getPropertyValue(name)}`);
    return `${e.tagName} ${values.join("; ")}`;
})"""
_VIEWS = [(375, "light"), (375, "dark"), (700, "light"), (700, "dark")]


@cache
def written(language: str, layout: str = "briefing", kind: str = "digest") -> str:
    """A mail's HTML before it is inlined."""
    digest = digest_of(TEMPLATES, brought(language, layout, kind))
    return TEMPLATES.render(f"email/{kind}/body.html.j2", language, digest=digest)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "kind"), [("fr", "digest"), ("ar", "digest"), ("en", "article")]
)
def test_computed_styles_are_the_same_before_and_after(page: Page, language: str, kind: str):
    html = written(language, kind=kind)
    before, after = (views(page, one) for one in (html, inline(html)))
    assert len(before[0]) > 30
    for one, other in zip(before, after, strict=True):
        differing = [
            set(a.split("; ")) ^ set(b.split("; "))
            for a, b in zip(one, other, strict=True)
            if a != b
        ]
        assert differing == []


def views(page: Page, html: str) -> list[list[str]]:
    """The computed style of each element, at both widths and in both schemes."""
    page.set_content(html)
    found = []
    for width, scheme in _VIEWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found.append(page.evaluate(_STYLES))
    return found


@pytest.mark.parametrize(
    "html", [written("fr"), written("ar", "headlines"), letter("welcome").html]
)
def test_outlook_needs_no_padding_but_that_of_cells(html: str):
    page = lxml_html.document_fromstring(html if "style=" in html else inline(html))
    styled = [(one, _declared(one.get("style", ""))) for one in page.body.iter("*")]
    padded = [
        (one.tag, one.get("class"))
        for one, rules in styled
        if one.tag not in {"td", "body"} and any(name.startswith("padding") for name in rules)
    ]
    # A button's link: Outlook takes mso-padding-alt of its cell.
    assert [one for one in padded if one != ("a", "press-words unfilled")] == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_another_inliner_writes_the_same_rules_into_each_element(language: str, layout: str):
    html = written(language, layout)
    marked = html.replace('data-premailer="ignore"', 'data-css-inline="ignore"')
    theirs = css_inline.CSSInliner(load_remote_stylesheets=False).inline(marked)
    assert _rules(inline(html)) == _rules(theirs)


def _rules(html: str) -> list[tuple[str, dict[str, str]]]:
    page = lxml_html.document_fromstring(html)
    found = (one for one in page.body.iter("*") if one.tag != "tbody")  # which theirs adds
    return [(one.tag, _declared(one.get("style", ""))) for one in found]


def _declared(style: str) -> dict[str, str]:
    """The declarations of a style; what is said twice is said last."""
    pairs = (one.split(":", 1) for one in style.split(";") if ":" in one)
    return {
        name.strip(): re.sub(r"\s+", "", value.lower()).replace('"', "'") for name, value in pairs
    }
