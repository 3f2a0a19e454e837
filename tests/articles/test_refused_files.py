import json
import os

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
        ("publish_at: 12", "publish_at: 12 is no date."),
        ("date: 3", "date: 3 is no date."),
        ("date: true", "date: True is no date."),
        ("date: 0x" + "f" * 5000, "date: 'int' is no date."),
        ("teaser: 0x" + "f" * 5000, "teaser is not a text."),
        ("image: {url: 'https://x.example/', width: true}", "image is neither"),
        ("image: {url: 'https://x.example/', width: 0}", "image is neither"),
        ("image: {url: 'https://x.example/', height: -1}", "image is neither"),
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
    records = [{"title": "Un", "body": "a"}, {"title": "Deux", "date": "hier"}]
    assert "hier" in _refusal(tmp_path, "un.json", json.dumps(records)).message


def test_a_text_of_control_characters_holds_no_text(tmp_path):
    assert _refusal(tmp_path, "un.txt", b"\x01\x02\n\n\x03").message == "The file holds no text."


def test_an_html_file_without_markup_is_no_page(tmp_path):
    assert "not an HTML page" in _refusal(tmp_path, "un.html", "<!-- rien -->").message


def test_a_number_too_large_for_json_is_named_as_such(tmp_path):
    refusal = _refusal(tmp_path, "un.json", '{"title": ' + "9" * 5000 + "}")
    assert refusal.message == "The JSON holds a number that is too large."
    assert _refusal(tmp_path, "un.json", "[" * 50_000).message == "The JSON nests too deep."


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_refused_with_the_command_that_converts_it(tmp_path, encoding):
    refusal = _refusal(tmp_path, "mon texte.txt", "\ufeffUn titre".encode(encoding))
    assert refusal.message == "The file is UTF-16, not UTF-8."
    assert refusal.cure == "Convert it: iconv -f utf-16 -t utf-8 'mon texte.txt'"


def test_the_name_in_a_command_is_quoted(tmp_path):
    refusal = _refusal(tmp_path, "a; rm b.txt", "Été".encode("latin-1"))
    assert refusal.cure == "Convert it: iconv -f latin1 -t utf-8 'a; rm b.txt'"


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_pipe_and_a_device_are_refused_unread(tmp_path, make):
    path = tmp_path / "un.txt"
    make(path)
    with pytest.raises(ArticleRefused, match="no regular file"):
        read_file(path, NOW)


def test_a_file_that_holds_more_than_its_size_says_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "un.txt"
    path.write_bytes(b"a" * 100)
    monkeypatch.setattr("colporteur.articles.formats.reading.MAX_BYTES", 10)
    monkeypatch.setattr(type(path), "stat", lambda _self: os.stat_result([0o100644, *[0] * 9]))
    with pytest.raises(ArticleRefused, match="an article has at most 2"):
        read_file(path, NOW)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("un.txt", "Un titre"),
        ("un.md", "---\ntitle: Un\nid: 7\n---\n"),
        ("un.html", "<html><h1>Un</h1></html>"),
        ("un.json", '{"title": "Un", "body_html": " ", "teaser": ""}'),
        ("un.json", '{"title": "Un"}'),
    ],
)
def test_an_article_without_text_and_teaser_is_refused(tmp_path, name, text):
    message = "The article has neither a text nor a teaser."
    assert _refusal(tmp_path, name, text).message == message


def test_a_record_that_updates_by_its_id_may_leave_the_text_out(tmp_path):
    path = tmp_path / "un.json"
    path.write_text('{"title": "Un", "id": "7", "topics": ["law"]}')
    assert read_file(path, NOW)[0].body_html is None


def test_a_page_nested_without_end_is_refused_at_once(tmp_path):
    assert "deep" in _refusal(tmp_path, "un.html", "<html>" + "<div>" * 100_000).message
