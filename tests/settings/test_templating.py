import os
from pathlib import Path

import pytest

from colporteur.config import shipped
from colporteur.exceptions import TemplateBroken
from colporteur.templating import Templates, language
from colporteur.templating.templates import wrap

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    (folder / "locale").mkdir(parents=True)
    return folder


@pytest.fixture
def templates(tmp_path: Path, own: Path) -> Templates:
    """Two folders, the operator's in front, with one template that both have."""
    ours = tmp_path / "shipped"
    (ours / "locale").mkdir(parents=True)
    (ours / "page.html.j2").write_text("shipped {{ name }}")
    (ours / "note.txt.j2").write_text("{{ _('Read more') }} {{ _('Leave') }} {{ name }}")
    _write_catalogue(ours, {"Read more": "Lire la suite", "Leave": "Se désabonner"})
    return Templates([own, ours])


def _write_catalogue(folder: Path, messages: dict[str, str]) -> None:
    lines = [f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in messages.items()]
    (folder / "locale" / "fr.po").write_text(HEADER + "\n".join(lines), encoding="utf-8")


def _broken(templates: Templates, own: Path, text: str) -> str:
    """What is said of a page of the operator's, in whose place the shipped one serves."""
    (own / "page.html.j2").write_text(text)
    assert templates.render("page.html.j2", "fr", name="A") == "shipped A"
    fault = templates.faults["page.html.j2"]
    assert "remove your copy" in fault.cure
    with pytest.raises(TemplateBroken) as caught:
        templates.strict().render("page.html.j2", "fr", name="A")
    assert caught.value.message == fault.message
    return fault.message


def test_the_operators_file_comes_before_the_shipped_one(templates, own):
    assert templates.render("page.html.j2", "fr", name="A") == "shipped A"
    (own / "page.html.j2").write_text("own {{ name }}")
    assert Templates(templates.folders).render("page.html.j2", "fr", name="A") == "own A"


def test_html_is_escaped_and_plain_text_is_not(templates):
    assert templates.render("page.html.j2", "fr", name="<b>") == "shipped &lt;b&gt;"
    assert templates.render("note.txt.j2", "en", name="<b>") == "Read more Leave <b>"


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ _.__globals__ }}",
        "{% for x in range(10**9) %}{% endfor %}",
        "{{ ''|attr('__class__') }}",
    ],
)
def test_a_template_cannot_reach_out_of_its_sandbox(templates, own, text):
    assert f"{own / 'page.html.j2'}, line 1" in _broken(templates, own, text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ nothing }}",
        "{{ name.nothing }}",
        "{{ name",
        "{% if %}",
        "{{ 1 / 0 }}",
        "{{ 1 + 'a' }}",
        "{{ {}['a'] }}",
        "{{ name.encode('utf-99') }}",
        "{% include 'nothing.j2' %}",
        "{% include 'page.html.j2' %}",
    ],
)
def test_an_error_names_the_operators_file_and_line(templates, own, text):
    message = _broken(templates, own, f"one\n{text}")
    assert f"{own / 'page.html.j2'}, line 2" in message
    assert message.endswith(".")


def test_an_error_in_an_included_file_names_that_file(templates, own):
    (own / "part.html.j2").write_text("\n\n{{ nothing }}")
    message = _broken(templates, own, "{% include 'part.html.j2' %}")
    assert f"{own / 'part.html.j2'}, line 3: 'nothing' is undefined" in message


def test_a_template_that_is_not_utf_8_is_told(templates, own):
    (own / "page.html.j2").write_bytes("é".encode("latin-1"))
    assert templates.render("page.html.j2", "fr", name="A") == "shipped A"
    assert "page.html.j2: 'utf-8'" in templates.faults["page.html.j2"].message


def test_a_missing_template_is_told(templates):
    with pytest.raises(TemplateBroken, match=r"nothing\.txt\.j2"):
        templates.render("nothing.txt.j2", "fr")


def test_the_operators_words_come_before_the_shipped_ones_and_add_to_them(templates, own):
    _write_catalogue(own, {"Leave": "Partir", "Hello": "Bonjour"})
    assert templates.render("note.txt.j2", "fr", name="") == "Lire la suite Partir "
    assert templates.catalogue("fr-FR").ugettext("Hello") == "Bonjour"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + 'msgid "Leave"\nmgstr "Partir"\n', "fr.po, line 5: "),
        (HEADER + 'Leave\nmsgstr "Partir"\n', "fr.po, line 4: "),
        (HEADER.replace("utf-8", "utf-99"), "utf-99"),
        (HEADER + 'msgid "Leave"\nmsgstr "\xe9"\n', "fr.po: "),
    ],
)
def test_a_broken_catalogue_is_named_and_the_shipped_words_serve(
    templates, own, capsys, caplog, text, said
):
    (own / "locale" / "fr.po").write_bytes(text.encode("latin-1"))
    assert templates.render("note.txt.j2", "fr", name="") == "Lire la suite Se désabonner "
    fault = templates.faults["locale/fr.po"]
    assert f"The catalogue {own / 'locale' / 'fr.po'}" in fault.message
    assert said in fault.message
    assert fault.message.endswith(".")
    assert "remove your copy" in fault.cure
    assert [line.count("fr.po") for line in caplog.messages] == [1]
    assert capsys.readouterr() == ("", "")
    with pytest.raises(TemplateBroken):
        templates.strict().render("note.txt.j2", "fr", name="")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Partir, %(nom)s", "'Leave' has no placeholder nom."),
        ("Partir à 100 %", "a % in the translation of 'Leave' is no placeholder"),
        ("Partir, %s", "a % in the translation of 'Leave' is no placeholder"),
    ],
)
def test_a_translation_that_cannot_be_said_is_named_and_the_others_serve(
    templates, own, words, said
):
    _write_catalogue(own, {"Leave": words, "Read more": "Lire plus"})
    assert templates.render("note.txt.j2", "fr", name="") == "Lire plus Se désabonner "
    message = templates.faults["locale/fr.po"].message
    assert "fr.po, line 4: " in message
    assert said in message


def test_a_fault_is_logged_once_and_forgotten_when_it_is_mended(templates, own, caplog):
    page = own / "page.html.j2"
    page.write_text("{{ nothing }}")
    for _ in range(2):
        assert templates.render("page.html.j2", "fr", name="A") == "shipped A"
    (line,) = caplog.messages
    assert line.startswith(f"The template {page}, line 1: 'nothing' is undefined.")
    assert "remove your copy" in line
    page.write_text("mended {{ name }}")
    os.utime(page, (1, 1))
    assert templates.render("page.html.j2", "fr", name="A") == "mended A"
    assert templates.faults == {}


def test_where_both_are_broken_both_are_named(templates, own):
    (own / "page.html.j2").write_text("{{ nothing }}")
    (templates.folders[1] / "page.html.j2").write_text("\n{{ nowhere }}")
    with pytest.raises(TemplateBroken) as caught:
        templates.render("page.html.j2", "fr", name="A")
    assert f"{own / 'page.html.j2'}, line 1: 'nothing' is undefined." in caught.value.message
    assert "page.html.j2, line 2: 'nowhere' is undefined." in caught.value.message


def test_what_comes_after_rendering_may_refuse_an_override_too(templates, own):
    def finish(text: str) -> str:
        if "@import" in text:
            raise TemplateBroken("It fetches.", offending="@import")
        return text.upper()

    (own / "page.html.j2").write_text("{% include 'style.j2' %}")
    (own / "style.j2").write_text("one\ntwo @import\n")
    assert templates.render_into("page.html.j2", "fr", finish, name="A") == "SHIPPED A"
    said = templates.faults["page.html.j2"].message
    assert said == f"The template {own / 'style.j2'}, line 2: It fetches."


def test_a_language_without_a_catalogue_speaks_english(templates):
    assert templates.render("note.txt.j2", "ar", name="") == "Read more Leave "


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_the_shipped_catalogues_leave_no_message_out(tag):
    path = shipped("templates") / "locale" / f"{tag}.po"
    assert 'msgstr ""\n\n' not in path.read_text(encoding="utf-8")
    assert Templates([shipped("templates")]).catalogue(tag)._catalog


def test_a_language_has_its_usual_territory_and_direction():
    assert (language("ar").direction, language("ar").locale.territory) == ("rtl", "MA")
    assert (language("fr-CA").tag, language("fr-CA").locale.territory) == ("fr-CA", "CA")
    assert language("en").direction == "ltr"


def test_plain_text_is_wrapped_between_words_and_links_stay_whole():
    link = "https://relais.example/" + "a-b" * 40
    assert wrap(f"un deux {link} trois", 10).splitlines() == ["un deux", link, "trois"]
    assert wrap("un deux", 5, "> ") == "> un\n> deux"
    assert wrap("12\u00a0000 lecteurs", 8) == "12\u00a0000\nlecteurs"


def test_static_files_are_ones_own_before_ours_and_none_outside(templates: Templates, own: Path):
    ours = templates.folders[1] / "site" / "static"
    ours.mkdir(parents=True)
    (ours / "a.png").write_bytes(b"ours")
    (ours / "b.png").write_bytes(b"ours")
    mine = own / "site" / "static"
    mine.mkdir(parents=True)
    (mine / "a.png").write_bytes(b"mine")
    (own / "site" / "secret").write_bytes(b"no")
    assert templates.static("a.png") == b"mine"
    assert templates.static("b.png") == b"ours"
    for path in ("../secret", "/etc/hostname", "c.png", ".", "a.png/../../secret"):
        assert templates.static(path) is None
