import mailbox
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from running import Installation

pytestmark = pytest.mark.browser
PHONE, DESKTOP = 375, 1200


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("browser"))
    with installation.up("--sample"):
        yield installation


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page whose console errors fail the test."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    opened = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


def mails(site: Installation) -> list[mailbox.MaildirMessage]:
    return list(mailbox.Maildir(site.folder / "var" / "outbox"))


def test_a_visitor_goes_from_home_to_a_channel_to_an_article(site: Installation, page: Page):
    page.goto(site.url)
    assert page.locator("h1").inner_text() == "Le Relais"
    page.get_by_role("navigation").get_by_role("link", name="Dispatch").click()
    page.locator("article h2 a").first.click()
    page.locator("article h1").wait_for()  # a click does not wait for the page it leads to
    assert page.locator("article h1").is_visible()
    assert page.locator(".prose p").count() > 1


@pytest.mark.parametrize("path", ["/", "/actualites", "/nashra", "/outbox"])
def test_no_page_scrolls_sideways(site: Installation, page: Page, path: str):
    page.goto(site.url + path)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.evaluate("document.documentElement.clientWidth")


def test_arabic_runs_from_right_to_left(site: Installation, page: Page):
    page.goto(f"{site.url}/nashra")
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
    box = page.locator("article h2").first.bounding_box()
    viewport = page.viewport_size
    assert box is not None
    assert viewport is not None
    assert box["x"] + box["width"] > viewport["width"] / 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper_by_day_and_by_night(
    site: Installation, page: Page, scheme: str
):
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(site.url)
    assert page.evaluate(_CONTRAST, "h1, h2, .teaser, .meta, .rubric") >= 4.5


def test_a_mail_in_the_outbox_looks_as_it_does_at_the_readers(site: Installation, page: Page):
    page.goto(f"{site.url}/outbox")
    page.locator("ol a").last.click()  # the oldest: a digest, not a farewell
    letter = page.frame_locator("iframe")
    assert letter.locator("h1").first.is_visible()
    assert letter.locator("h2").count() >= 2
    page.get_by_role("link", name="Texte brut").click()
    assert page.locator("pre").inner_text().strip()
    page.get_by_role("link", name="Source").click()
    assert "List-Unsubscribe-Post" in page.locator("pre").inner_text()


def test_a_reader_leaves_by_the_link_in_their_mail(site: Installation, browser: Browser):
    link = next(
        one["List-Unsubscribe"] for one in mails(site) if one["Delivered-To"].startswith("nadia")
    )
    page = browser.new_page()
    page.goto(link.strip("<>"))
    page.get_by_role("button").click()
    assert page.get_by_role("button", name="Se désabonner").count() == 0
    again = browser.new_page()
    again.goto(link.strip("<>"))
    assert again.get_by_role("button", name="Se désabonner").count() == 0


def test_opening_every_link_of_every_mail_changes_nothing(site: Installation, browser: Browser):
    page = browser.new_page()
    for mail in mails(site):
        if not mail["Delivered-To"].startswith("nadia"):
            page.goto(mail["List-Unsubscribe"].strip("<>"))
            assert page.get_by_role("button").count() == 1


_CONTRAST = """selector => {
  const light = colour => {
    const part = value => { value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4 };
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(part);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const painted = [document.body, document.documentElement].map(
    node => getComputedStyle(node).backgroundColor).find(colour => colour !== "rgba(0, 0, 0, 0)");
  const paper = light(painted);
  return Math.min(...[...document.querySelectorAll(selector)].map(node => {
    const ink = light(getComputedStyle(node).color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  }));
}"""
