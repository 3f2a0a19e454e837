"""``colporteur check`` renders every template: of yours it tells each mistake, file and line."""

from pathlib import Path
from typing import Any

import pytest

from colporteur.config import shipped
from colporteur.digests.letters import MESSAGES
from colporteur.digests.samples import KINDS
from colporteur.publication.files import read_publication
from colporteur.web.samples import sample_pages

SAMPLE = read_publication(shipped("feeds")).publication
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def own(installation: Any, tmp_path: Path) -> Path:
    """A folder of templates of one's own."""
    folder = tmp_path / "own"
    folder.mkdir()
    installation.settings["COLPORTEUR_TEMPLATES"] = str(folder)
    return folder


def told(installation: Any, own: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text, encoding="utf-8")
    done = installation.run("check")
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "No mistake found" not in done.stdout
    return str(done.stderr)


def test_templates_without_a_mistake_pass_ones_own_among_them(installation: Any, own: Path):
    (own / "site").mkdir()
    (own / "site" / "hub.html.j2").write_text(
        '{% extends "site/_base.html.j2" %}{% block content %}{{ page.title }}{% endblock %}'
    )
    done = installation.run("check")
    assert done.returncode == 0, done.stderr
    assert "No mistake found." in done.stdout


def test_each_mistake_of_ones_own_is_told_with_its_file_and_line_and_once(
    installation: Any, own: Path
):
    said = told(
        installation,
        own,
        {
            "email/digest/_headlines.html.j2": "\n{{ digest.nothing }}",
            "email/welcome/body.txt.j2": "{% if letter.never %}\n{{ nowhere }}{% endif %}",
            "email/goodbye/subject.txt.j2": "{% if %}",
            "email/special/body.txt.j2": "{% if digest.more > 9 %}\n{{ lost }}{% endif %}ok",
            "email/alert/body.html.j2": "<html>\n<style>@import url(x)</style><p>A</p></html>",
            "site/hub.html.j2": "one\n{{ _('By %(name)s') }}",
            "site/feed.html.j2": "{% if feed_url == 'never' %}\n\n{{ other }}{% endif %}",
            "site/mine.html.j2": "{% for %}",
        },
    )
    for expected in (
        "email/digest/_headlines.html.j2, line 2: ",
        "email/welcome/body.txt.j2, line 1: ",
        "email/welcome/body.txt.j2, line 2: 'nowhere' is undefined.",
        "email/goodbye/subject.txt.j2, line 1: ",
        "email/special/body.txt.j2, line 2: 'lost' is undefined.",
        "email/alert/body.html.j2, line 2: a mail's HTML must not fetch anything",
        "site/hub.html.j2, line 2: nothing fills in %(name)s.",
        "site/feed.html.j2, line 3: 'other' is undefined.",
        "site/mine.html.j2, line 1: ",
    ):
        assert said.count(f"{own}/{expected}") >= 1, expected
    lines = [line for line in said.splitlines() if str(own) in line]
    assert len(lines) == len(set(lines))
    assert "run `colporteur check` again" in said


def test_a_mistake_in_a_catalogue_is_told_with_its_line(installation: Any, own: Path):
    wrong = PO + 'msgid "Unsubscribe"\nmsgstr "Partir, %(nom)s"\n\n'
    said = told(installation, own, {"locale/fr.po": wrong + 'msgid "Outbox"\nmsgstr "100 %"\n'})
    assert "locale/fr.po, line 4: 'Unsubscribe' has no placeholder nom." in said
    assert "locale/fr.po, line 7: a % in the translation of 'Outbox'" in said


def test_every_shipped_template_has_made_up_content():
    email, site = shipped("templates") / "email", shipped("templates") / "site"
    messages = {path.name for path in email.iterdir() if not path.name.startswith("_")}
    assert messages == {*MESSAGES, *KINDS}
    pages = {path.name.partition(".")[0] for path in site.glob("[!_]*.html.j2")}
    assert pages == {name for name, _ in sample_pages(SAMPLE, "fr", "https://relais.example")}
