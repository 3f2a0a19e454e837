import json

import pytest
from house import NOW

from colporteur.articles.formats import MAX_BYTES, read_file
from colporteur.exceptions import ArticleRefused

FRONT = "---\ntitle: Un\n{}\n---\nLe texte."


def _refusal(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(ArticleRefused) as caught:
        read_file(path, NOW)
    assert caught.value.cure
    return caught.value


@pytest.mark.parametrize("name", ["un.txt", "un.md", "un.html", "un.json"])
@pytest.mark.parametrize("data", [b"", b" \r\n\n", b"\xef\xbb\xbf", b"\x00\x00"])
def test_an_empty_file_is_refused(tmp_path, name, data):
    assert _refusal(tmp_path, name, data).message == "The file is empty."


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "un.txt"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(ArticleRefused, match="50 MB; an article has at most 2"):
        read_file(path, NOW)


def test_a_file_of_the_largest_size_is_read(tmp_path):
    path = tmp_path / "un.txt"
    path.write_bytes(b"Un titre\n\n".ljust(MAX_BYTES, b"a"))
    assert read_file(path, NOW)[0].title == "Un titre"


@pytest.mark.parametrize("name", ["un.txt", "un.md", "un.html", "un.json"])
def test_a_file_in_latin_1_is_refused_with_the_command_that_converts_it(tmp_path, name):
    refusal = _refusal(tmp_path, name, "Été".encode("latin-1"))
    assert refusal.message == "The file is not UTF-8 (byte 0)."
    assert refusal.cure == f"Convert it: iconv -f latin1 -t utf-8 {name}"


@pytest.mark.parametrize("name", ["un.docx", "un"])
def test_another_kind_of_file_is_refused_with_those_there_are(tmp_path, name):
    assert ".md" in _refusal(tmp_path, name, b"x").cure


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    (tmp_path / "un.txt").mkdir()
    for name in ("un.txt", "deux.txt"):
        with pytest.raises(ArticleRefused, match="cannot be read"):
            read_file(tmp_path / name, NOW)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("teaser: 'ouvert", "not valid YAML"),
        ("teaser: a: b", "not valid YAML"),
        ("date: 2026-13-45", "not valid YAML"),
        ("teaser: " + "[" * 50_000, "not valid YAML"),
        ("id: " + "9" * 5000, "not valid YAML"),
        ("titel: Un", "Unknown key: titel."),
        ("date: demain", "date: 'demain' is no date."),
        ("date: [2026]", "date: 'list' is no date."),
        ("date: 0001-01-01T00:00:00+14:00", "no date|not valid YAML"),
        ("publish_at: 12", "publish_at: 'int' is no date."),
        ("topics: {a: b}", "topics is not a list of texts."),
        ("topics: [1]", "topics is not a list of texts."),
        ("teaser: [a]", "teaser is not a text."),
        ("language: no", "language is not a text."),
        ("body_public: 'no'", "body_public is neither true nor false."),
        ("image: 4", "image is neither an address nor an object."),
        ("image: {url: 'https://x.example/', width: large}", "image is neither"),
    ],
)
def test_front_matter_with_a_mistake_is_refused(tmp_path, line, problem):
    path = tmp_path / "un.md"
    path.write_text(FRONT.format(line))
    with pytest.raises(ArticleRefused, match=problem):
        read_file(path, NOW)


@pytest.mark.parametrize("name", ["un.md", "un.json"])
def test_an_unknown_key_is_refused_with_those_there_are(tmp_path, name):
    text = FRONT.format("titel: x") if name == "un.md" else '{"title": "Un", "titel": "x"}'
    assert "teaser, title, topics, url" in _refusal(tmp_path, name, text).cure


@pytest.mark.parametrize(
    "text",
    ["{", '{"title": ', "[" * 50_000, '{"title": ' + "9" * 5000 + "}", '"un texte"', "[1, 2]", "3"],
)
def test_json_that_holds_no_articles_is_refused(tmp_path, text):
    assert "JSON" in _refusal(tmp_path, "un.json", text).message


def test_one_bad_record_refuses_the_whole_file(tmp_path):
    records = [{"title": "Un"}, {"title": "Deux", "date": "hier"}]
    assert "hier" in _refusal(tmp_path, "un.json", json.dumps(records)).message


def test_a_text_of_control_characters_holds_no_text(tmp_path):
    assert _refusal(tmp_path, "un.txt", b"\x01\x02\n\n\x03").message == "The file holds no text."


def test_an_html_file_without_markup_is_no_page(tmp_path):
    assert "not an HTML page" in _refusal(tmp_path, "un.html", "<!-- rien -->").message
