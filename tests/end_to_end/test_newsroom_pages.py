"""Every page of the newsroom in a real browser: reachable, accessible, whole on a phone."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from newsroom_live import Newsroom
from playwright.sync_api import Browser, Page

from colporteur.staff.people import Role

pytestmark = pytest.mark.browser
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
READS = [("fr", "light", PHONE), ("ar", "dark", PHONE), ("en", "light", DESKTOP)]
"""What pages are looked at in, by turns: each page in one, each kind of page in all over time."""
AT_LEAST = 35
_LATIN = """() => {
    const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) {
        const around = walk.currentNode.parentElement;
        if (around.closest("bdi, [lang], [dir=ltr], [dir=auto], code, pre, textarea, svg, option"))
            continue;
        const words = walk.currentNode.data.match(/[A-Za-z]{4,}/g);
        if (words && around.checkVisibility()) found.push(walk.currentNode.data.trim());
    }
    return found;
}"""


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Newsroom.sample(tmp_path_factory.mktemp("newsroom")) as opened:
        yield opened


def kind_of(path: str) -> str:
    """Pages that differ by their number or slug alone are one kind."""
    return re.sub(r"/(\d+|[0-9a-f]{12,}|\d{4}-[\w-]+)(?=/|$)", "/1", path)


def links_of(page: Page) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
    inside = {urlsplit(one).path for one in found}
    leave_alone = (".csv", ".svg", ".jsonl", "/export", "/refused-rows")
    return sorted(
        one for one in inside if one.startswith("/newsroom") and not one.endswith(leave_alone)
    )


def faults_of(page: Page) -> list[Any]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
    sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return [*told, *(["it scrolls sideways"] if page.evaluate(sideways) else [])]


def test_every_page_that_links_lead_to_is_there_accessible_and_in_its_language(
    newsroom: Newsroom, browser: Browser
):
    pages = [newsroom.page(browser, Role.ADMIN, *read) for read in READS]
    waiting, seen, faults = ["/newsroom/", "/newsroom/profile"], set[str](), dict[str, Any]()
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in seen:
            continue
        seen.add(kind_of(path))
        page = pages[len(seen) % len(pages)]
        answer = page.goto(newsroom.url + path, wait_until="domcontentloaded")
        assert answer is not None
        found = faults_of(page) if answer.status == 200 else [f"status {answer.status}"]
        if page is pages[1]:
            found += [("not in Arabic", one) for one in page.evaluate(_LATIN)]
        if found:
            faults[path] = found
        waiting += links_of(page)
    assert faults == {}
    assert len(seen) > AT_LEAST
