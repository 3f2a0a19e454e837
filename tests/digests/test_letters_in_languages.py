import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from house import SITE, TEMPLATES, channel, publication
from jinja2.ext import babel_extract
from lxml import html as lxml_html

from colporteur.config import shipped
from colporteur.config.settings import CHECKOUT
from colporteur.digests.letters import ALERT, MESSAGES, TEST, render_letter
from colporteur.digests.rendering import Rendering
from colporteur.digests.samples import letters

ADDRESSES = {"fr": "1 rue du Test\n75001 Paris", "en": "1 Test Street\nLondon", "ar": "زنقة 1\nفاس"}
PAPER = publication(
    languages=["fr", "en", "ar"],
    title="Le Relais",
    titles={"ar": "لو رولي"},
    senders={"ar": {"name": "لو رولي", "address": "ar@relais.example"}},
    footer={"ar": "جمعية", "fr": "Association <loi 1901>"},
    postal_address=ADDRESSES,
    topics={},
    channels=[
        channel("news", "fr", title="Actualités", topics=[]),
        channel("revue", "fr", title="Revue", topics=[]),
        channel("dispatch", "en", title="Dispatch", topics=[]),
        channel("nashra", "ar", title="النشرة", topics=[]),
    ],
)
LETTERS = [(tag, *one) for tag in PAPER.languages for one in letters(PAPER, tag, SITE)]
FRAMED = [one for one in LETTERS if one[1] != TEST]


def laid_out(tag: str, message: str, content: Any) -> Rendering:
    return render_letter(TEMPLATES, message, tag, content, PAPER, SITE)


def of(message: str, tag: str = "fr", **more: Any) -> Rendering:
    content = next(content for name, content in letters(PAPER, tag, SITE) if name == message)
    return laid_out(tag, message, {**content, **more})


def test_every_folder_of_letters_has_a_sample():
    assert {message for _, message, _ in LETTERS} == set(MESSAGES)


@pytest.mark.parametrize(("tag", "message", "content"), FRAMED)
def test_a_letter_says_who_sends_it_why_and_from_where_in_both_parts(tag, message, content):
    found = laid_out(tag, message, content)
    page = lxml_html.document_fromstring(found.html)
    (heading,) = page.iter("h1")
    assert found.subject
    assert plain(heading.text_content()) == plain(found.subject)
    assert (page.get("lang"), page.get("dir")) == (tag, "rtl" if tag == "ar" else "ltr")
    assert page.find('.//div[@class="preheader"]').text.strip()
    why = TEMPLATES.catalogue(tag).gettext(
        "Sent by %(sender)s, which is responsible for your data."
    )
    said = [*ADDRESSES[tag].split("\n"), why % {"sender": PAPER.sender_in(tag).name}]
    for text in (plain(page.text_content()), plain(found.text)):
        assert all(line in text for line in said)
        assert plain(PAPER.footer.get(tag, "")) in text


@pytest.mark.parametrize(("tag", "message", "content"), FRAMED)
def test_a_letters_text_reads_without_deserts_or_long_lines(tag, message, content):
    text = laid_out(tag, message, content).text
    assert "\n\n\n" not in text
    assert text == text.strip() + "\n"
    assert not re.search(r"[{}%]|None", text)
    for line in text.splitlines():
        assert line == line.strip()
        assert len(line) <= 72 or "://" in line


@pytest.mark.parametrize("message", [one for one in MESSAGES if one not in {ALERT, TEST}])
def test_an_arabic_letter_has_no_word_left_in_latin_letters(message):
    found = of(message, "ar")
    page = lxml_html.document_fromstring(found.html)
    shown = " ".join(page.find(".//body").itertext())
    for text in (found.subject, found.text, shown):
        assert not re.search("[A-Za-z]", re.sub(r"https?://\S+", "", text))


@pytest.mark.parametrize(
    ("message", "key", "label"),
    [
        ("confirm", "confirm_url", "Confirmer mon abonnement"),
        ("welcome", "preferences_url", "Choisir ce que je reçois, et quand"),
        ("goodbye", "undo_url", "Me réabonner"),
        ("reconfirm", "confirm_url", "Oui, continuez à m’écrire"),
    ],
)
def test_a_letter_has_one_button_that_says_what_happens_and_its_address_to_copy(
    message, key, label
):
    address = "https://relais.example/x?a=1&b=2"
    found = of(message, **{key: address})
    page = lxml_html.document_fromstring(found.html)
    (cell,) = page.xpath("//td[contains(@class, 'filled')]")
    (link,) = cell.iter("a")
    assert (link.get("href"), link.text_content()) == (address, label)
    assert "background-color" in cell.get("style")
    assert f">{address.replace('&', '&amp;')}</a>" in found.html
    assert address in found.text.splitlines()


def test_the_request_to_confirm_says_how_long_it_holds_and_that_nothing_comes_without_it():
    text = plain(of("confirm").text)
    assert "Actualités et Revue" in text
    assert "72 heures" in text
    assert "Si ce n’était pas vous, ne faites rien" in text


def test_the_welcome_gives_the_first_date_and_hour_on_the_readers_clock():
    assert "lundi 23 novembre 2026 à 08:00" in of("welcome").text
    assert "lundi 23 novembre 2026 à 07:00" in of("welcome", timezone="Africa/Casablanca").text
    assert "الاثنين، 23 نونبر 2026 على الساعة 08:00" in of("welcome", "ar").text
    assert "Monday, 23 November 2026 at 08:00" in of("welcome", "en").text


def test_a_farewell_from_everything_names_the_publication():
    assert of("goodbye", channels=[]).subject == "Vous ne recevrez plus Le Relais"


def test_a_letter_in_a_language_that_the_publication_has_not_speaks_its_first_one():
    content = next(iter(letters(PAPER, "fr", SITE)))[1]
    found = render_letter(TEMPLATES, "confirm", "de", content, PAPER, SITE)
    assert "75001 Paris" in found.text
    assert "Confirmer" in found.text


@pytest.mark.parametrize("message", ["confirm", "goodbye", "reconfirm"])
def test_what_is_hostile_in_a_letter_is_shown_and_not_obeyed(message):
    hostile = ["<script>alert(1)</script>", "“x” & {{ 7 * 7 }}\r\nBcc: x@example.org"]
    found = of(message, channels=hostile)
    assert "<script>" not in found.html
    assert "49" not in found.html
    assert len(found.subject.splitlines()) == 1


def test_a_test_letter_is_the_edition_as_it_was_rendered_with_a_mark_in_its_subject():
    edition = of("confirm")
    content = {"subject": edition.subject, "text": edition.text, "html": edition.html}
    for tag, mark in (("fr", "[Essai]"), ("en", "[Test]"), ("ar", "[تجربة]")):
        found = laid_out(tag, TEST, content)
        assert found.subject == f"{mark} {edition.subject}"
        assert (found.html.strip(), found.text) == (edition.html.strip(), edition.text)


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_every_word_that_templates_and_mails_say_has_a_translation(tag):
    known = TEMPLATES.catalogue(tag)._catalog  # type: ignore[attr-defined]
    said = {*_in_templates(), *_in_code()}
    assert len(said) > 60
    assert {one for one in said if one not in known and (one, 0) not in known} == set()


def _in_templates() -> Iterator[str]:
    options = {"trimmed": "false", "newstyle_gettext": "true"}
    for path in shipped("templates").rglob("*.j2"):
        with path.open("rb") as source:
            for _, _, found, _ in babel_extract(source, ["_", "gettext", "ngettext"], [], options):
                first = found[0] if isinstance(found, tuple) else found
                if first:  # else a variable, whose words stand in the code
                    yield first


def _in_code() -> Iterator[str]:
    for part in ("digests", "syndication", "web"):
        for path in (CHECKOUT / "src" / "colporteur" / part).rglob("*.py"):
            yield from _said_in(path)


def _said_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in {"gettext", "ngettext", "say"}:
                continue
            for one in node.args[:2]:  # the newsroom's `say` names the visitor first
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.value
                    break


def plain(text: str) -> str:
    return " ".join(text.split())
