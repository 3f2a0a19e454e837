"""The pages that readers get links to, in a real Chromium: with JavaScript and without it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from asking import make_app
from axe_playwright_python.sync_playwright import Axe
from house import House, channel, publication
from playwright.sync_api import Browser, Page
from serving import served
from sqlalchemy import MetaData, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.leaving import leave
from colporteur.audience.links import (
    erase_link,
    preferences_link,
    private_feed_link,
    return_link,
    unsubscribe_link,
)
from colporteur.audience.preferences import held_by, person, renew_feed
from colporteur.db import database_now, make_engine, reading
from colporteur.db.tables.delivery import letters
from colporteur.delivery.to_readers import Links, ask_at_new_address

pytestmark = pytest.mark.browser
KEY = "k" * 32
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_READ_AS_A_SCANNER = """async () => {
    const links = [...document.querySelectorAll("a[href], link[href], form[action]")]
        .map(one => one.href || one.action).filter(one => one.startsWith(location.origin));
    for (const link of new Set(links)) await fetch(link, {credentials: "include"}).catch(() => 0);
    for (const field of document.querySelectorAll("input, select, textarea")) {
        field.dispatchEvent(new Event("input", {bubbles: true}));
        field.dispatchEvent(new Event("change", {bubbles: true}));
    }
    window.dispatchEvent(new Event("pagehide"));
    return links.length;
}"""


@dataclass
class Site:
    """A house that is served, and the links that its readers got."""

    url: str
    house: House
    links: dict[str, str]

    def to_be_forgotten(self) -> str:
        """The link that was mailed for it."""
        with reading(self.house.engine) as connection:
            now = database_now(connection)
            asked = select(letters.c.id).where(letters.c.message == "erase")
            assert connection.scalar(asked) is not None
        return erase_link(KEY, self.url, 1, now)

    def rows(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        with reading(self.house.engine) as connection:
            known = MetaData()
            known.reflect(connection)
            return {
                one.name: sorted(map(repr, connection.execute(select(one)).all()))
                for one in known.sorted_tables
            }

    def state(self) -> list[str]:
        with reading(self.house.engine) as connection:
            return [one.standing.state for one in held_by(connection, 1)]


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[Site]:
    house = House(make_engine(sqlite_url))
    house.apply(publication(channels=[channel("actualites", "fr"), channel("nashra", "ar")]))
    house.take("Une nouvelle", language="fr", topics=("law",))
    house.subscribe("lea@example.org", topics_in=("law",))
    house.subscribe("lea@example.org", channel="nashra")
    house.build()
    with served(make_app(house, tmp_path)) as url:
        yield Site(url, house, _links(house, url))
    house.engine.dispose()


def _links(house: House, url: str) -> dict[str, str]:
    """One of each, as mails have them."""
    with house.open() as (connection, _revision, _names):
        now = database_now(connection)
        reader = person(connection, 1)
        key = renew_feed(connection, reader, by="test", now=now)
        leave(connection, 2, by="page", now=now)
        new = parse_address("lea@neuf.example")
        ask_at_new_address(connection, reader, new, Links(KEY, url), now)
        asked = connection.scalar(
            select(letters.c.content).where(letters.c.message == "new-address")
        )
    assert asked is not None
    return {
        "unsubscribe": unsubscribe_link(KEY, url, 1, "an-edition"),
        "preferences": preferences_link(KEY, url, 1, now),
        "undo": return_link(KEY, url, 2, now),
        "new address": asked["confirm_url"],
        "private feed": f"{private_feed_link(KEY, url, 1, key)}.rss",
        "asking": f"{url}/preferences",
    }


def test_a_scanner_that_opens_every_link_and_runs_its_page_changes_nothing(
    site: Site, browser: Browser
):
    before = site.rows()
    context = browser.new_context(bypass_csp=True)
    for link in site.links.values():
        page = context.new_page()
        answer = page.goto(link)
        assert answer is not None
        assert answer.status == 200
        if "/feeds/" not in link:
            assert page.evaluate(_READ_AS_A_SCANNER) > 0
        page.close()
    context.close()
    after = site.rows()
    assert {name for name in before if before[name] != after[name]} == set()
    assert site.state() == ["active", "unsubscribed"]


def test_everything_works_without_javascript_on_a_phone_in_arabic(site: Site, browser: Browser):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 375, "height": 800}, locale="ar"
    )
    page = context.new_page()
    page.goto(site.links["preferences"])
    page.select_option("[name='language']", "ar")
    page.fill("[name='1-hour']", "19:30")
    page.fill("[name='zone']", "Nulle part")
    page.locator("form").first.get_by_role("button").click()
    assert page.locator("[name='zone']").input_value() == "Nulle part"
    assert page.locator("[name='1-hour']").input_value() == "19:30"
    page.fill("[name='zone']", "Africa/Casablanca")
    page.locator("form").first.get_by_role("button").click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("[name='zone']").input_value() == "Africa/Casablanca"
    page.get_by_role("button", name="إلغاء الاشتراك في Actualites").click()
    assert site.state() == ["unsubscribed"] * 2
    page.get_by_role("button", name="تلقي Actualites").click()
    assert site.state() == ["active", "unsubscribed"]
    page.goto(site.links["unsubscribe"])
    page.get_by_role("button").click()
    assert site.state() == ["unsubscribed"] * 2
    page.locator("form[action*='undo'] button").click()
    assert site.state() == ["active", "unsubscribed"]
    page.goto(site.links["new address"])
    page.get_by_role("button").click()
    page.goto(site.url + urlsplit(page.locator("main a").get_attribute("href") or "").path)
    page.get_by_role("button", name="انسوني…").click()
    page.goto(site.to_be_forgotten())
    page.get_by_role("button", name="نعم، انسوني").click()
    assert "لقد نسيناكم" in page.locator("h1").inner_text()
    context.close()


def test_axe_finds_nothing_by_day_and_by_night(site: Site, browser: Browser):
    context = browser.new_context(viewport={"width": 375, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(site.links["unsubscribe"])
    assert violations(page) == []
    page.goto(site.links["preferences"])
    page.fill("[name='1-hour']", "25")
    page.locator("form").first.get_by_role("button").click()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []
    context.close()


def test_nothing_scrolls_sideways_on_a_phone(site: Site, browser: Browser):
    page = browser.new_page(viewport={"width": 360, "height": 800})
    for name in ("preferences", "unsubscribe", "undo", "new address", "asking"):
        page.goto(site.links[name])
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.evaluate("document.documentElement.clientWidth"), name
    page.close()


def violations(page: Page) -> list[tuple[str, Any]]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["target"]) for one in found]
