import email.policy
import mailbox
import re
import time
from collections.abc import Iterator
from email.parser import BytesParser

import pytest
from playwright.sync_api import Browser, BrowserContext
from running import Installation
from sqlalchemy import select

from colporteur.db import make_engine, reading
from colporteur.db.tables.audience import subscribers

pytestmark = pytest.mark.browser
PHONE = {"width": 375, "height": 800}
WITHIN_S = 20


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("signing-up"))
    with installation.up("--sample"):
        yield installation


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A reader's browser, on a phone."""
    context = browser.new_context(viewport=PHONE)
    yield context
    context.close()


def letter(site: Installation, address: str, words: str) -> str:
    """The text of a letter to an address, as soon as it is there."""
    box = site.folder / "var" / "outbox"
    parse = BytesParser(policy=email.policy.default).parsebytes
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        for one in mailbox.Maildir(box):
            found = parse(bytes(one))
            text = found.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
            if found["To"] == address and words in " ".join(text.split()):
                return str(text)
        time.sleep(0.1)
    raise AssertionError(f"No letter to {address}.")


def state(site: Installation, address: str) -> str:
    engine = make_engine(f"sqlite:///{site.folder}/var/colporteur.db")
    with reading(engine) as connection:
        found = connection.scalar(
            select(subscribers.c.state).where(subscribers.c.address == address)
        )
    engine.dispose()
    return str(found)


def sign_up(context: BrowserContext, site: Installation, address: str) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/actualites")
    page.wait_for_timeout(2100)  # as long as a person takes at the least
    page.get_by_label("Votre adresse").fill(address)
    page.get_by_label("M’envoyer tout de suite").check()
    page.get_by_role("button", name="S’abonner").click()
    assert page.locator("h1").inner_text() == "Il reste une étape"


def link_in(text: str) -> str:
    found = re.search(r"http://\S+/confirm/\S+", text)
    assert found is not None
    return found[0]


def test_a_scanner_that_runs_every_script_changes_nothing_and_the_own_browser_confirms_by_itself(
    site: Installation, browser: Browser, reader: BrowserContext
):
    sign_up(reader, site, "lea@example.org")
    text = letter(site, "lea@example.org", "un bouton")
    scanner = browser.new_context()
    scripts: list[str] = []
    for url in re.findall(r"http://\S+", text):
        page = scanner.new_page()
        page.on("request", lambda asked: scripts.append(asked.url))
        page.goto(url, wait_until="networkidle")
    scanner.close()
    assert any("/confirm/" in one for one in scripts)
    assert not any(one.endswith(".js") for one in scripts)
    assert state(site, "lea@example.org") == "pending"
    own = reader.new_page()
    own.goto(link_in(text))
    own.get_by_text("Votre abonnement est confirmé").first.wait_for()
    assert state(site, "lea@example.org") == "active"
    assert "Le premier" in letter(site, "lea@example.org", "confirmé")
    digest = letter(site, "lea@example.org", "Une ville publie le registre")
    assert "/unsubscribe/" in digest
    own.goto(link_in(text))
    assert "avait déjà été confirmé" in own.locator("main").inner_text()


def test_another_browser_has_one_button_to_press(
    site: Installation, browser: Browser, reader: BrowserContext
):
    sign_up(reader, site, "mia@example.org")
    url = link_in(letter(site, "mia@example.org", "un bouton"))
    other = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = other.new_page()
    page.goto(url)
    assert state(site, "mia@example.org") == "pending"
    page.get_by_role("button", name="Confirmer").click()
    assert page.locator("h1").inner_text() == "Votre abonnement est confirmé"
    other.close()
    assert state(site, "mia@example.org") == "active"


def test_a_form_on_another_site_works(site: Installation, reader: BrowserContext):
    page = reader.new_page()
    page.goto(f"{site.url}/subscribe/elsewhere?channel=dispatch")
    snippet = page.locator("pre code").inner_text()
    page = reader.new_page()
    page.set_content(f"<!DOCTYPE html><title>Elsewhere</title>{snippet}")
    assert page.get_by_label("Leave this empty").is_hidden()
    page.get_by_label("Your e-mail address").fill("ana@example.org")
    page.get_by_role("button", name="Subscribe").click()
    assert page.locator("h1").inner_text() == "One step remains"
    assert "Dispatch" in letter(site, "ana@example.org", "One button")


@pytest.mark.parametrize("path", ["/", "/nashra", "/subscribe?language=ar", "/subscribe/elsewhere"])
def test_the_form_fits_a_phone(site: Installation, reader: BrowserContext, path: str):
    page = reader.new_page()
    page.goto(site.url + path)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("document.documentElement.clientWidth")
    if "elsewhere" not in path:
        assert page.locator("form.signup button").first.bounding_box()["height"] >= 44  # type: ignore[index]
