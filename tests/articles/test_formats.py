from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from house import NOW

from colporteur.articles.formats import read_file
from colporteur.articles.formats.dates import read_date
from colporteur.articles.formats.plain import read_plain
from colporteur.articles.submission import Image

PAGES = Path(__file__).parent / "pages"


def _read(name):
    return read_file(PAGES / name, NOW)


def test_a_plain_page_holds_its_own_article_and_those_it_lists():
    own, *listed = _read("registre.txt")
    assert own.title == "Registre des algorithmes : la ville d’Ambrelle ouvre ses tiroirs"
    assert not own.listed
    assert [one.title for one in listed] == [
        "L’audit avant l’achat : une clause qui fait école",
        "Registre des algorithmes : la ville d'Ambrelle ouvre ses tiroirs",
        "Qui répond quand la machine se trompe ?",
    ]
    assert all(one.listed and one.teaser and one.body_html is None for one in listed)


def test_a_listed_teaser_ends_with_one_ellipsis_even_on_a_last_line_without_newline():
    listed = _read("registre.txt")[1:]
    assert [one.teaser.split()[-1] for one in listed] == ["mais…", "pris…", "déjà…"]


def test_a_plain_page_has_a_tagline_headings_and_paragraphs():
    body = _read("registre.txt")[0].body_html
    assert body.startswith("<p><em>A drawer full of index cards</em></p>\n<h2>Ce que la ville")
    assert body.count("<h2>") == 2
    assert "<p>Les agents ont relu cinq ans de factures." in body
    assert "Articles" not in body


def test_a_plain_page_without_a_list_is_one_article():
    (one,) = read_plain("Un titre\n\nUn texte <b>brut</b> & simple.\n", NOW)
    assert one.body_html == "<p>Un texte &lt;b&gt;brut&lt;/b&gt; &amp; simple.</p>"


def test_a_listed_title_may_lack_its_teaser():
    found = read_plain(
        "Un\n\nUn texte.\n\nÀ lire aussi\n\nDeux\n\nTrois\n\nLe teaser de trois.", NOW
    )
    assert [(one.title, one.teaser) for one in found[1:]] == [
        ("Deux", ""),
        ("Trois", "Le teaser de trois."),
    ]


def test_a_heading_that_says_articles_within_the_text_is_the_last_such_one():
    found = read_plain("Un\n\nArticles\n\nUn texte.\n\nArticles\n\nDeux\n\nSon teaser.", NOW)
    assert [one.title for one in found] == ["Un", "Deux"]


def test_markdown_is_read_with_its_front_matter():
    (one,) = _read("audit.md")
    assert (one.external_id, one.language, one.topics) == ("audit-7", "fr", ("law",))
    assert one.title == "L’audit avant l’achat : une clause qui fait école"
    assert one.dated_at == datetime(2026, 11, 19, 7, tzinfo=UTC)
    assert one.authors == ("Inès Valmont", "Karim Doss")
    assert one.image == Image(
        "https://relais.example/audit.jpg", "Un tampon sur un contrat", 1200, 630
    )
    assert one.body_public is False
    assert "<strong>avant</strong>" in one.body_html


@pytest.mark.parametrize(
    "text", ["# Un titre #\n\nLe texte.", "---\nlanguage: fr\n---\n# Un titre\nLe texte."]
)
def test_markdown_without_a_title_has_its_first_heading(tmp_path, text):
    path = tmp_path / "un.md"
    path.write_text(text)
    (one,) = read_file(path, NOW)
    assert (one.title, one.body_html) == ("Un titre", "<p>Le texte.</p>\n")


def test_a_rule_between_paragraphs_is_no_front_matter(tmp_path):
    path = tmp_path / "un.md"
    path.write_text("# Un\n\na: b\n\n---\n\nc: d\n\n---\n\nfin")
    (one,) = read_file(path, NOW)
    assert one.body_html.count("<hr />") == 2
    assert "a: b" in one.body_html


def test_an_html_page_is_read_from_its_head_and_main_text():
    (one,) = _read("assureurs.html")
    assert one.title == "Les assureurs n’attendent pas"
    assert one.teaser == "Ils écrivent déjà ce qu’ils ne couvriront plus."
    assert one.url == "https://relais.example/assureurs"
    assert (one.language, one.authors) == ("fr", ("Odile Perrin",))
    assert one.dated_at == datetime(2026, 11, 18, 10, tzinfo=UTC)
    assert one.image == Image("https://relais.example/parapluie.jpg", "Un parapluie retourné", 800)
    assert "Les contrats signés cet automne" in one.body_html
    assert "Mentions légales" not in one.body_html


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Relais</title>", "Le mot du jour"),
        ('<meta property="og:title" content="Du partage">', "Du partage"),
    ],
)
def test_the_title_of_an_html_page_is_whole(tmp_path, head, title):
    path = tmp_path / "un.html"
    path.write_text(
        f"<html><head>{head}<meta name='description' content='Un mot.'></head>"
        "<body><h1>Le <em>mot</em> du jour</h1></body></html>"
    )
    assert read_file(path, NOW)[0].title == title


def test_half_an_address_in_a_page_is_passed_over(tmp_path):
    path = tmp_path / "un.html"
    whole = '<meta property="og:url" content="https://relais.example/un">'
    path.write_text(f'<html><link rel="canonical" href="/un">{whole}<h1>Un</h1></html>')
    assert read_file(path, NOW)[0].url == "https://relais.example/un"


def test_json_holds_several_articles():
    one, two = _read("articles.json")
    assert (one.external_id, one.authors) == ("12", ("Inès Valmont",))
    assert one.body_html == "<p>Vingt habitants ont délibéré <strong>trois jours</strong>.</p>\n"
    assert one.dated_at == NOW - timedelta(hours=3)
    assert two.feed_id == "https://ancien.example/?p=12"
    assert two.publish_at == datetime(2026, 11, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21T07:00:00+01:00", datetime(2026, 11, 21, 6, tzinfo=UTC)),
        ("2026-11-21T07:00", datetime(2026, 11, 21, 7, tzinfo=UTC)),
        ("-P2DT30M", NOW - timedelta(days=2, minutes=30)),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read(text, wanted):
    assert read_date(text, NOW, "date") == wanted


@pytest.mark.parametrize(
    ("said", "width"),
    [("800", 800), ("9" * 5000, None), ("0", None), ("-4", None), ("٨٠٠", 800), ("large", None)],
)
def test_the_width_of_a_pages_picture_is_a_small_number_or_unknown(tmp_path, said, width):
    path = tmp_path / "un.html"
    path.write_text(
        "<html><meta name='description' content='Un mot.'><h1>Un</h1>"
        "<meta property='og:image' content='https://x.example/i'>"
        f"<meta property='og:image:width' content='{said}'></html>"
    )
    assert read_file(path, NOW)[0].image == Image("https://x.example/i", "", width)


def test_a_page_whose_own_address_is_none_has_no_address(tmp_path):
    path = tmp_path / "un.html"
    path.write_text(
        "<html><meta name='description' content='Un mot.'><h1>Un</h1>"
        "<link rel='canonical' href='https://x.example/un deux'>"
        "<meta property='og:image' content='https://x.example/un deux.jpg'></html>"
    )
    (one,) = read_file(path, NOW)
    assert (one.url, one.image) == (None, None)


def test_a_page_without_a_main_text_is_read_in_silence(tmp_path, caplog):
    path = tmp_path / "un.html"
    path.write_text("<html><meta name='description' content='Un mot.'><h1>Un</h1></html>")
    read_file(path, NOW)
    assert caplog.messages == []
