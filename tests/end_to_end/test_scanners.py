"""Mail scanners open every link of every mail and run what the pages bring: that changes nothing."""

import mailbox
import re
import time
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from running import Installation, wait_for
from sqlalchemy import Table, select

from colporteur.db import make_engine, reading
from colporteur.db.tables import audience, delivery, feedback, metadata, staff

pytestmark = pytest.mark.browser
TABLES = [
    one
    for module in (audience, delivery, feedback, staff)
    for one in vars(module).values()
    if isinstance(one, Table)
]
"""All that is known of readers and sent to them; pictures are fetched and feeds built meanwhile."""
OWN = {"confirm", "preferences", "unsubscribe", "private"}
KINDS = ("confirm", "known", "welcome", "goodbye", "preferences", "new-address")


@pytest.fixture
def site(tmp_path: Any) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    with installation.up("--sample"):
        yield installation


def mails(site: Installation, to: str = "") -> list[Message]:
    found = mailbox.Maildir(site.folder / "var" / "outbox")
    return [one for one in found if to in one["Delivered-To"]]


def links(mail: Message) -> list[str]:
    """Every address in a mail: in its text, in its HTML, and in its header fields."""
    texts = [value for name, value in mail.items() if name.startswith("List-")]
    parts = (one for one in mail.walk() if one.get_content_maintype() == "text")
    texts += [one.get_payload(decode=True).decode() for one in parts]  # type: ignore[union-attr]
    return sorted({one for text in texts for one in re.findall(r"https?://[^\s\"'<>]+", text)})


def wanted(site: Installation, to: str, path: str) -> str:
    """The link of that kind in a mail to somebody, once it has come."""
    start = f"{site.url}/{path}/"
    found: list[str] = []

    def came() -> bool:
        found[:] = [one for mail in mails(site, to) for one in links(mail) if one.startswith(start)]
        return bool(found)

    wait_for(came)
    return found[-1]


def sign_up(site: Installation, context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(f"{site.url}/subscribe")
    time.sleep(3)  # who types an address takes as long
    page.fill("main input[type=email]", address)
    page.locator("main form button").first.click()
    return page


def everything(site: Installation) -> dict[str, list[Any]]:
    """All rows of the readers' tables."""
    engine = make_engine(f"sqlite:///{site.folder}/var/colporteur.db")
    with reading(engine) as connection:
        rows = {
            one.name: sorted(map(repr, connection.execute(select(one)).all())) for one in TABLES
        }
    engine.dispose()
    return rows


def worth_opening(site: Installation, found: set[str]) -> list[str]:
    """All that are somebody's own, and three of each kind that everybody has."""
    kept: dict[str, list[str]] = {}
    for one in sorted(found):
        kind = one.removeprefix(f"{site.url}/").partition("/")[0]
        if one.startswith(site.url) and (kind in OWN or len(kept.get(kind, [])) < 3):
            kept.setdefault(kind, []).append(one)
    return [one for links_of_kind in kept.values() for one in links_of_kind]


def written(site: Installation) -> set[str]:
    """The kinds of letters that have left."""
    table = metadata.tables["letters"]
    engine = make_engine(f"sqlite:///{site.folder}/var/colporteur.db")
    with reading(engine) as connection:
        found = set(connection.scalars(select(table.c.message)))
    engine.dispose()
    return found


def test_a_scanner_that_opens_and_runs_every_link_changes_nothing(
    site: Installation, browser: Browser
):
    own = browser.new_context()
    sign_up(site, own, "amina@lecteurs.example")
    own.new_page().goto(wanted(site, "amina", "confirm"))  # it presses the button by itself
    preferences = wanted(site, "amina", "preferences")
    sign_up(site, browser.new_context(), "amina@lecteurs.example")  # known already
    sign_up(site, browser.new_context(), "chafik@lecteurs.example")  # never confirms
    page = own.new_page()
    page.goto(preferences)
    page.fill("input[name=address]", "amina@ailleurs.example")
    page.locator("form:has(input[name=address]) button").click()
    page.goto(f"{site.url}/preferences")
    page.fill("main input[type=email]", "nadia@example.com")
    page.locator("main form button").first.click()
    page.goto(wanted(site, "nadia", "unsubscribe"))
    page.locator("main form button").first.click()
    for kind in KINDS:
        wait_for(lambda kind=kind: kind in written(site))  # type: ignore[misc]
    wait_for(lambda: wanted(site, "amina@ailleurs", "preferences/new-address"))
    own.close()
    time.sleep(2)  # what was written has left
    before = everything(site)
    scanner = browser.new_context().new_page()
    opened = worth_opening(site, {one for mail in mails(site) for one in links(mail)})
    for link in opened:
        scanner.goto(link, wait_until="domcontentloaded")
    scanner.wait_for_load_state("networkidle")
    assert len([one for one in opened if "/confirm/" in one]) >= 2
    after = everything(site)
    for table, rows in before.items():
        assert after[table] == rows, table
