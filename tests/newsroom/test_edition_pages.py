"""Pages of editions: the list, one edition with what may be done to it, its explanation."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from api_editing import next_slot
from asking import Ask
from house import House, channel, digest, publication
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import select

from colporteur.db import database_now, reading
from colporteur.db.tables.staff import audit
from colporteur.digests.cards import long_date
from colporteur.editions import scheduling, store
from colporteur.editions.states import State
from colporteur.staff.people import Role


def seen_in(answer: httpx.Response) -> str:
    found = re.search(r'name="seen" value="(\d+)"', answer.text)
    assert found is not None
    return found[1]


def opened(editor: Editor, house: House, days: int = 1) -> str:
    """The page of an edition to come."""
    slot = next_slot(house, days=days).isoformat()
    typed = {"channel": "actualites", "cadence": "matin", "slot": slot}
    editor.get("/newsroom/editions")
    answer = editor.post("/newsroom/editions/open", typed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def edition(house: House, page: str) -> store.Edition:
    with reading(house.engine) as connection:
        return store.load(connection, int(page.rsplit("/", 1)[1]))


def acts(editor: Editor, page: str, step: str, **typed: str) -> httpx.Response:
    seen = typed.pop("seen", "") or seen_in(editor.get(page))
    return editor.post(f"{page}/{step}", {"seen": seen, **typed})


def noted(house: House) -> list[str]:
    with reading(house.engine) as connection:
        return list(connection.scalars(select(audit.c.action).order_by(audit.c.id)))


def test_a_coming_edition_is_listed_opened_held_and_let_go(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    house.subscribe("leila@example.org")
    listed = editor.get("/newsroom/editions")
    assert "Planned" in listed.text
    page = opened(editor, house)
    assert opened(editor, house) == page
    held = acts(editor, page, "hold", why="Le titre est faux.")
    assert held.headers["location"] == f"{page}?done=hold"
    shown = editor.get(held.headers["location"]).text
    assert "It is held back." in shown
    assert "Le titre est faux." in shown
    assert 'action="' + page + '/release"' in shown
    assert 'action="' + page + '/hold"' not in shown
    assert edition(house, page).state is State.HELD
    acts(editor, page, "release")
    assert edition(house, page).state is State.OPEN
    assert noted(house) == ["edition.opened", "edition.held", "edition.released"]


@ON_SQLITE
def test_holding_or_cancelling_needs_a_reason_of_one_line(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page = opened(editor, house)
    for why in ("", "x" * 10_000):
        refused = acts(editor, page, "cancel", why=why)
        assert refused.status_code == 422
        assert 'id="cancel-fault"' in refused.text
    assert edition(house, page).state is State.OPEN
    acts(editor, page, "cancel", why="Une erreur")
    assert edition(house, page).state is State.CANCELLED
    assert 'href="' + page + '"' in editor.get("/newsroom/editions?when=past").text


@ON_SQLITE
def test_an_old_page_tells_who_was_faster_and_twice_is_once(house: House, ask: Ask) -> None:
    editor, other = sign_in(house, ask), sign_in(house, ask, Role.EDITOR, "omar@relais.example")
    page = opened(editor, house)
    old = seen_in(editor.get(page))
    acts(other, page, "hold", why="Attendons")
    late = acts(editor, page, "cancel", why="Trop tard", seen=old)
    assert late.status_code == 409
    assert "omar@relais.example" in late.text
    assert "Attendons" in late.text
    assert 'value="Trop tard"' in late.text
    again = acts(other, page, "hold", why="Attendons", seen=old)
    assert again.status_code == 303
    assert edition(house, page).state is State.HELD
    impossible = acts(editor, page, "resume")
    assert impossible.status_code == 409
    assert "It stays here until somebody lets it go." in impossible.text


@ON_SQLITE
def test_an_edition_sent_now_from_its_page_is_of_today(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    house.subscribe("leila@example.org")
    house.take("Une loi")
    page = opened(editor, house, days=3)
    ours = [opened(editor, house, days=day) for day in (1, 2)]
    assert f'action="{page}/send"' not in editor.get(page).text  # two others come before it
    for one in ours:
        acts(editor, one, "cancel", why="Rien de neuf")
    assert acts(editor, page, "send").headers["location"] == f"{page}?done=send"
    with house.open() as (connection, revision, names):
        today = database_now(connection) + timedelta(seconds=2)
        scheduling.advance(connection, revision, names, today)
    assert edition(house, page).frozen_at is not None
    day = long_date(today.astimezone(ZoneInfo("Europe/Paris")).date(), "fr")
    assert day in editor.get(f"{page}/preview").text


def with_approval(house: House, **more: Any) -> None:
    approved = channel("actualites", "fr", digest=digest(approval=True))
    house.apply(publication(channels=[approved], **more))


@ON_SQLITE
def test_an_approver_approves_unless_they_arranged_it(house: House, ask: Ask) -> None:
    with_approval(house, four_eyes=True)
    editor, approver = sign_in(house, ask), sign_in(house, ask, Role.APPROVER)
    page = opened(approver, house)
    assert "/approve" not in editor.get(page).text
    assert acts(editor, page, "approve").status_code == 403
    approver.post(f"{page}/arrange", {"seen": seen_in(approver.get(page)), "intro": "Bonjour"})
    assert "somebody else must approve it" in approver.get(page).text
    assert acts(approver, page, "approve").status_code == 409
    admin = sign_in(house, ask, Role.ADMIN)
    assert acts(admin, page, "approve").status_code == 303
    assert edition(house, page).approved_at is not None


@ON_SQLITE
def test_an_author_looks_and_does_nothing(house: House, ask: Ask) -> None:
    page = opened(sign_in(house, ask), house)
    author = sign_in(house, ask, Role.AUTHOR)
    shown = author.get(page).text
    assert "How it stands" in shown
    assert "<details" not in shown
    assert "leila@" not in shown
    assert author.post(f"{page}/hold", {"why": "non"}).status_code == 403
    assert author.get(f"{page}/explain").status_code == 403


@ON_SQLITE
@pytest.mark.parametrize(
    "slot", ["", "demain", "2019-01-01T07:00:00+00:00", "9999-12-31T23:59:59-23:00", "x" * 10_000]
)
def test_a_slot_that_the_calendar_has_not_opens_nothing(house: House, ask: Ask, slot: str) -> None:
    editor = sign_in(house, ask)
    typed = {"channel": "actualites", "cadence": "matin", "slot": slot}
    answer = editor.post("/newsroom/editions/open", typed)
    assert answer.headers["location"] == "/newsroom/editions?done=gone"


@ON_SQLITE
def test_the_list_is_sifted_and_strange_questions_are_passed_over(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page = opened(editor, house)
    number = page.rsplit("/", 1)[1]
    link = f'href="/newsroom/editions/{number}"'
    assert link in editor.get("/newsroom/editions?channel=actualites&state=open").text
    assert link not in editor.get("/newsroom/editions?channel=nashra").text
    assert link not in editor.get("/newsroom/editions?kind=special").text
    for strange in ("channel=x", "state=x&kind=y", "when=past&before=x", "page=" + "9" * 40):
        assert editor.get(f"/newsroom/editions?{strange}").status_code == 200
    assert editor.get("/newsroom/editions/999999").status_code == 404


def test_it_is_explained_why_a_reader_gets_an_edition_or_not(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    house.now = next_slot(house) - timedelta(days=2)
    leila = house.subscribe("leila@example.org", topics_in=("law",))
    health = house.take("Une greffe", topics=("health",)).article_id
    law = house.take("Une loi", topics=("law",)).article_id
    page = opened(editor, house)
    said = editor.post(f"{page}/explain", {"reader": "Leila@example.org"}).text
    assert "as things stand, they get it" in said
    row = said.split(f"/newsroom/articles/{health}")[1].split("</tr>")[0]
    assert "none of their topics" in row
    assert "in it" in said.split(f"/newsroom/articles/{law}")[1].split("</tr>")[0]
    by_number = editor.get(f"{page}/explain?reader={leila.subscriber_id}")
    assert "leila@example.org" in by_number.text
    french = editor.post(
        f"{page}/explain", {"reader": "leila@example.org"}, headers={"Accept-Language": "fr"}
    )
    assert "aucun de leurs thèmes" in french.text
    for nobody in ("omar@example.org", "77", "9" * 30, "x" * 10_000, ""):
        assert editor.post(f"{page}/explain", {"reader": nobody}).status_code == 422
