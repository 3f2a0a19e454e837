"""The documentation builds as a site, without a warning, and links lead on."""

import re
import tomllib
from pathlib import Path

import pytest
from running import ROOT

from docs.making.__main__ import build
from docs.making.rooms import named
from docs.making.staging import NoPlaceError, homeless, led_on, pages, place, stage

_FOREIGN = re.compile(r'<(?:link|script|img|iframe)[^>]+(?:href|src)="?https?:', re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    assert build(ROOT, folder) == 0
    return folder


def test_every_page_has_a_room_of_its_own():
    assert homeless(ROOT) == []
    assert len(set(named())) == len(named())


def test_every_page_becomes_one_of_the_site(site: Path):
    for page in pages(ROOT):
        name = place(page).removesuffix(".md").removesuffix("index").rstrip("/")
        html = (site / name / "index.html").read_text(encoding="utf-8")
        assert "<h1" in html, page


def test_no_page_asks_anything_of_another_server(site: Path):
    for path in site.rglob("*.html"):
        found = _FOREIGN.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.relative_to(site)}: {found and found[0]}"


@pytest.mark.parametrize("page", ["editors.md", "designers.md"])
def test_buttons_and_pages_are_called_as_the_newsroom_calls_them(page: str):
    catalogue = (ROOT / "templates/locale/fr.po").read_text(encoding="utf-8")
    known = set(re.findall(r'^msgid "(.+)"$', catalogue, re.MULTILINE))
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("**", "")
    called = re.findall(r"\*([^*\n]+)\*", text)
    assert called
    assert set(called) <= known, set(called) - known


def test_every_decision_is_listed():
    listed = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    for path in (ROOT / "docs/decisions").glob("[0-9]*.md"):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert f"- [{title}]({path.name})\n" in listed


def test_a_page_in_no_room_stops_it(tmp_path: Path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/new.md").write_text("# New")
    with pytest.raises(NoPlaceError, match=r"docs/new\.md"):
        stage(tmp_path, tmp_path / "out")


def test_a_link_that_leads_nowhere_stops_it():
    known = {"docs/feeds.md": "feeds.md"}
    with pytest.raises(NoPlaceError, match=r"gone\.md, which is not there"):
        led_on("See [it](gone.md).", "docs/feeds.md", ROOT, known)


@pytest.mark.parametrize(
    ("page", "written", "led"),
    [
        ("docs/feeds.md", "[a](settings.md#x)", "[a](settings.md#x)"),
        ("docs/feeds.md", "[a](../CONTRIBUTING.md)", "[a](contributing.md)"),
        ("README.md", "[a](docs/settings.md#x)", "[a](settings.md#x)"),
        ("README.md", "[a](docs/decisions/)", "[a](decisions/index.md)"),
        ("docs/reference/api.md", "[a](../api.md)", "[a](../api.md)"),
        ("docs/feeds.md", "![a](images/digest.png)", "![a](images/digest.png)"),
        ("README.md", '<img src="docs/images/digest.png">', '<img src="images/digest.png">'),
        ("docs/feeds.md", "[a](#here)", "[a](#here)"),
        ("docs/feeds.md", "[a](https://example.org/b)", "[a](https://example.org/b)"),
        ("docs/feeds.md", "in [the code](../src/colporteur/cli/app.py)", "in the code"),
        ("docs/feeds.md", "```\n[a](gone.md)\n```", "```\n[a](gone.md)\n```"),
    ],
)
def test_links_lead_on_from_where_pages_stand_on_the_site(page: str, written: str, led: str):
    known = {one: place(one) for one in pages(ROOT)}
    assert led_on(written, page, ROOT, known) == led


def test_the_house_is_drawn_as_its_layers_are_held():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contracts["tool"]["importlinter"]["contracts"][0]["layers"]
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.partition("| layer |")[2].partition("\n\n")[0]
    drawn = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in table.splitlines()[2:]]
    assert drawn == [layer.split(" | ") for layer in layers]


def test_the_picture_of_the_flow_says_in_words_what_it_shows():
    text = (ROOT / "docs/images/flow.svg").read_text(encoding="utf-8")
    words = text.partition("<desc")[2].partition("</desc>")[0].lower()
    shown = re.findall(r"<text x[^>]*>([^<]+)</text>", text)
    assert len(shown) > len("articles")
    for step in shown:
        names = {word.lower()[:7] for word in re.findall(r"\w{5,}|API", step)}
        assert any(name in words for name in names), step
