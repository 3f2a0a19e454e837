"""Each role's main paths through the newsroom, in a real browser, on one running installation.

One story, since each begins where the one before ended: an admin settles things and invites, an
editor writes, arranges and sends, an approver lets go, an author stays among their own, a reader
chooses.
"""

import email.policy
import mailbox
import re
from collections.abc import Iterator
from email.parser import BytesParser

import pytest
from newsroom_live import Newsroom
from pictures import Album
from playwright.sync_api import Browser, Page, expect
from running import wait_for

from colporteur.staff.people import Role

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)  # a machine that does much else
PASSWORD = "quatre mots pour entrer"
NOTE = "Une précision de la rédaction"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with Newsroom.sample(tmp_path_factory.mktemp("walk")) as opened:
        yield opened


def mailed(newsroom: Newsroom, to: str, words: str) -> str:
    """The text of a mail to somebody that says these words, as soon as it is there."""
    parse = BytesParser(policy=email.policy.default).parsebytes
    found: list[str] = []

    def came() -> bool:
        for one in mailbox.Maildir(newsroom.installation.folder / "var" / "outbox"):
            message = parse(bytes(one))
            text = message.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
            if to in str(message["To"]) and words in f"{message['Subject']} {text}":
                found.append(str(text))
        return bool(found)

    wait_for(came, 20)
    return found[-1]


def opened(newsroom: Newsroom, browser: Browser) -> Page:
    return browser.new_context(locale="en", viewport={"width": 1280, "height": 900}).new_page()


def choose_password(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Keep this password").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def settle(page: Page, newsroom: Newsroom, hold: str = "", *, approval: bool = False) -> None:
    """Rules of special editions, changed by an admin."""
    page.goto(f"{newsroom.url}/newsroom/settings/sending")
    if hold:
        page.get_by_label("Time to take one back").fill(hold)
    if approval:
        page.get_by_label("A second person approves them").check()
    press(page, "See what this changes")
    press(page, "Put this in force")
    page.wait_for_url("**/newsroom/settings**")


def compose(page: Page, newsroom: Newsroom, subject: str, album: Album | None = None) -> None:
    """A note to the readers of the first channel, up to the page that sums it up."""
    page.goto(f"{newsroom.url}/newsroom/specials/new")
    page.get_by_label("Note", exact=True).fill(f"{NOTE}.")
    page.get_by_label("Subject").fill(subject)
    press(page, "Preview")
    expect(page.frame_locator(".seen iframe").last.get_by_text(NOTE).last).to_be_visible()
    press(page, "Go on: to whom")
    page.get_by_label("Actualités").check()
    press(page, "Go on: when")
    press(page, "Go on: look once more")
    expect(page.get_by_role("heading", name="Send it")).to_be_visible()
    if album:
        album.take(page, "special-send")


def an_admin_comes_in_by_a_link_and_invites_an_editor(newsroom: Newsroom, browser: Browser):
    run = newsroom.installation.run("users", "add", "ines@relais.example", "--role", "admin")
    link = re.search(r"http://\S+", run.stdout + run.stderr)
    assert link, run
    page = opened(newsroom, browser)
    choose_password(page, link[0])
    page.goto(f"{newsroom.url}/newsroom/people")
    if page.get_by_role("button", name="Sign in").count():
        page.get_by_label("E-mail address").fill("ines@relais.example")
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Sign in")
    page.get_by_label("E-mail address").fill("omar@relais.example")
    page.get_by_label("Role").select_option("editor")
    press(page, "Invite them by mail")
    assert "/newsroom/" in mailed(newsroom, "omar@relais.example", "/newsroom/")


def an_admin_suspends_all_sending_and_lets_it_go(
    newsroom: Newsroom, browser: Browser, album: Album
):
    page = newsroom.page(browser, Role.ADMIN)
    page.goto(f"{newsroom.url}/newsroom/")
    page.get_by_role("link", name="Suspend all sending").click()
    page.get_by_label("Why").fill("The relay is being moved.")
    press(page, "Suspend all sending now")
    page.goto(f"{newsroom.url}/newsroom/articles")
    expect(page.get_by_text("The relay is being moved.")).to_be_visible()
    page.get_by_role("link", name="See what waits").click()
    album.take(page, "brake")
    page.locator("form[action='/newsroom/brakes/release'] button").click()
    expect(page.get_by_text("Mail leaves again")).to_be_visible()


def an_editor_signs_in_writes_arranges_and_looks_as_a_reader(
    newsroom: Newsroom, browser: Browser, album: Album
):
    page = opened(newsroom, browser)
    letter = mailed(newsroom, "omar@relais.example", "/newsroom/")
    found = re.search(r"http://\S+/newsroom/\S+", letter)
    assert found
    choose_password(page, found[0])
    page.goto(f"{newsroom.url}/newsroom/articles/new")
    if page.get_by_role("button", name="Sign in").count():
        page.get_by_label("E-mail address").fill("omar@relais.example")
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Sign in")
    page.get_by_label("Title").fill("Un port mesure ses quais")
    page.get_by_label("Text", exact=True).fill("Trois cents **capteurs** veillent sur les quais.")
    album.take(page, "article")
    press(page, "Publish")
    expect(page.get_by_text("It is published")).to_be_visible()
    page.get_by_role("link", name="Change it").click()
    page.get_by_label("Title").fill("Un port mesure ses capteurs")
    press(page, "Save")
    expect(page.get_by_text("The change is saved.")).to_be_visible()
    page.goto(f"{newsroom.url}/newsroom/")
    album.take(page, "today")
    page.get_by_role("button", name="Look at it: Actualités").first.click()
    page.get_by_role("link", name="Open its desk").click()
    page.get_by_role("button", name="Pin as lead: Un port mesure ses capteurs").click()
    page.get_by_label("Subject").fill("Un port, trois cents capteurs")
    press(page, "Save")
    expect(page.get_by_text("It is saved.")).to_be_visible()
    mail = page.frame_locator("main iframe").last
    title = re.compile(r"Un\sport\smesure\sses\scapteurs")  # with spaces that do not break
    expect(mail.get_by_role("heading", name=title)).to_be_visible()
    album.take(page, "desk", height=1200)


def an_editor_withdraws_a_special_edition_within_its_hold(newsroom: Newsroom, browser: Browser):
    page = newsroom.page(browser, Role.EDITOR)
    compose(page, newsroom, "Withdrawn in time")
    page.locator("button.send").click()
    press(page, "Withdraw this edition")
    expect(page.get_by_text("Withdrawn. Nobody gets it.")).to_be_visible()


def an_editor_sends_a_special_edition_sees_it_leave_and_reads_its_report(
    newsroom: Newsroom, browser: Browser, album: Album
):
    settle(newsroom.page(browser, Role.ADMIN), newsroom, hold="0m")
    page = newsroom.page(browser, Role.EDITOR)
    compose(page, newsroom, "On its way", album)
    page.locator("button.send").click()
    expect(page.locator("[data-live][data-ended]")).to_be_visible(timeout=30_000)
    page.reload()
    page.get_by_role("link", name="See what became of it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("On its way")
    album.take(page, "report")
    assert "/preferences/" in mailed(newsroom, "", "On its way")


def an_approver_lets_go_what_an_editor_hands_in(newsroom: Newsroom, browser: Browser):
    settle(newsroom.page(browser, Role.ADMIN), newsroom, approval=True)
    editor = newsroom.page(browser, Role.EDITOR)
    compose(editor, newsroom, "Wants two pairs of eyes")
    editor.locator("button.send").click()
    expect(editor.get_by_role("heading", name="It waits for approval")).to_be_visible()
    approver = newsroom.page(browser, Role.APPROVER)
    approver.goto(f"{newsroom.url}/newsroom/")
    approver.get_by_role("link", name="See to it").first.click()
    press(approver, "Approve")
    assert mailed(newsroom, "", "Wants two pairs of eyes")


def an_author_writes_and_stays_among_their_own(newsroom: Newsroom, browser: Browser):
    page = newsroom.page(browser, Role.AUTHOR)
    page.goto(f"{newsroom.url}/newsroom/articles/new")
    page.get_by_label("Title").fill("Une idée encore")
    press(page, "Keep as a draft")
    expect(page.get_by_text("The draft is kept.")).to_be_visible()
    menu = page.get_by_role("navigation", name="Newsroom")
    assert menu.get_by_role("link", name="Readers").count() == 0
    answer = page.goto(f"{newsroom.url}/newsroom/readers")
    assert answer is not None
    assert answer.status == 403


def a_reader_changes_their_hour_by_the_link_in_a_mail(
    newsroom: Newsroom, browser: Browser, album: Album
):
    found = re.search(r"http://\S+/preferences/\S+", mailed(newsroom, "", "On its way"))
    assert found
    page = opened(newsroom, browser)
    page.goto(found[0])
    page.locator("input[id$=-hour]").fill("19:30")
    page.locator("form:has(input[id$=-hour]) button").first.click()
    expect(page.locator(".told")).to_be_visible()
    assert page.locator("input[id$=-hour]").input_value() == "19:30"
    album.take(page, "preferences")


def test_each_role_walks_its_main_paths_to_the_end(
    newsroom: Newsroom, browser: Browser, album: Album
):
    an_admin_comes_in_by_a_link_and_invites_an_editor(newsroom, browser)
    an_admin_suspends_all_sending_and_lets_it_go(newsroom, browser, album)
    an_editor_signs_in_writes_arranges_and_looks_as_a_reader(newsroom, browser, album)
    an_editor_withdraws_a_special_edition_within_its_hold(newsroom, browser)
    an_editor_sends_a_special_edition_sees_it_leave_and_reads_its_report(newsroom, browser, album)
    an_approver_lets_go_what_an_editor_hands_in(newsroom, browser)
    an_author_writes_and_stays_among_their_own(newsroom, browser)
    a_reader_changes_their_hour_by_the_link_in_a_mail(newsroom, browser, album)
