"""The calendar, and what an editor does to the time of editions there."""

import html
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from asking import Ask, asker, make_app
from desk import Desk
from house import House
from newsroom import ON_SQLITE, Editor, sign_in

from colporteur.db import database_now, reading, writing
from colporteur.editions import steering
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load
from colporteur.publication.revisions import require
from colporteur.staff.audit import noted
from colporteur.staff.people import Role
from colporteur.web.newsroom.calendar.dates import with_date

pytestmark = ON_SQLITE
PARIS = ZoneInfo("Europe/Paris")
PATH = "/newsroom/calendar"


@pytest.fixture
def desk(house: House) -> Desk:
    """A channel that sends each morning at seven; it is now, by the database's clock."""
    with house.open() as (connection, _revision, _names):
        house.now = database_now(connection)
    desk = Desk(house)
    desk.set_up("actualites")
    desk.take("Un")
    house.subscribe("a@one.example")
    return desk


@pytest.fixture
def ask(desk: Desk, tmp_path: Path) -> Ask:
    return asker(make_app(desk.house, tmp_path))


@pytest.fixture
def editor(desk: Desk, ask: Ask) -> Editor:
    return sign_in(desk.house, ask)


@pytest.fixture
def day(desk: Desk) -> date:
    """Three days ahead."""
    return desk.house.now.astimezone(PARIS).date() + timedelta(days=3)


def fields(page: str, step: str) -> dict[str, str]:
    """What the form of a step holds."""
    form = re.search(rf'action="[^"]*/{step}".*?</form>', page, re.DOTALL)
    assert form, step
    found = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form[0])
    return {name: html.unescape(value) for name, value in found}


def only(desk: Desk) -> Edition:
    (edition,) = desk.editions()
    return edition


def test_the_grid_shows_what_is_planned_in_words(editor: Editor, day: date):
    page = editor.get(f"{PATH}?week={day.isocalendar().year}-W{day.isocalendar().week:02}").text
    cell = page[page.index(f'href="{PATH}/{day}"') :].partition("</td>")[0]
    assert "07:00" in cell
    assert "Planned" in cell
    assert "Readers: 1" in cell
    assert editor.get(f"{PATH}?month={day:%Y-%m}").text.count('<th scope="col">') == 7
    for strange in ("2026-02-30", "x", "0001-01-01"):
        assert editor.get(f"{PATH}/{strange}").status_code == 404


def test_an_edition_that_only_the_calendar_has_is_moved_and_once(
    desk: Desk, editor: Editor, day: date
):
    sent = fields(editor.get(f"{PATH}/{day}").text, "move")
    sent["to"] = f"{day}T09:30"
    for _ in range(2):
        answer = editor.post(f"{PATH}/{day}/move", sent)
        assert answer.headers["location"].startswith(f"{PATH}/{day}?done=move#e")
    edition = only(desk)
    assert edition.slot == datetime(day.year, day.month, day.day, 7, tzinfo=PARIS)
    assert edition.send_at == datetime(day.year, day.month, day.day, 9, 30, tzinfo=PARIS)
    page = editor.get(f"{PATH}/{day}").text
    assert "09:30" in page
    assert "The calendar had it at" in page
    with reading(desk.house.engine) as connection:
        assert [one.action for one in noted(connection, limit=9)] == ["edition.moved"]


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("2020-01-01T07:00", "It can leave after"),
        ("2080-01-01T07:00", "and up to"),
        ("soon <b>", "Write a day and an hour"),
        ("", "Write a day and an hour"),
        ("9" * 10_000, "Write a day and an hour"),
        ("0001-01-01T00:00", "Write a day and an hour"),
    ],
)
def test_a_time_that_cannot_be_is_said_beside_the_field_and_changes_nothing(
    desk: Desk, editor: Editor, day: date, to: str, said: str
):
    sent = fields(editor.get(f"{PATH}/{day}").text, "move") | {"to": to}
    answer = editor.post(f"{PATH}/{day}/move", sent)
    assert answer.status_code == 422
    assert said in answer.text.partition('class="fault"')[2].partition("</p>")[0]
    assert html.escape(to, quote=False)[:20] in answer.text
    assert desk.editions() == []


def test_one_edition_is_left_out_and_taken_back(desk: Desk, editor: Editor, day: date):
    page = editor.get(f"{PATH}/{day}").text
    editor.post(f"{PATH}/{day}/leave-out", fields(page, "leave-out"))
    assert only(desk).state is State.SKIPPED
    page = editor.get(f"{PATH}/{day}").text
    assert "An editor left it out." in page
    editor.post(f"{PATH}/{day}/take-back", fields(page, "take-back"))
    assert only(desk).state is State.OPEN


def test_an_edition_is_held_with_a_reason_let_go_and_cancelled(
    desk: Desk, editor: Editor, day: date
):
    sent = fields(editor.get(f"{PATH}/{day}").text, "hold")
    assert editor.post(f"{PATH}/{day}/hold", sent | {"why": ""}).status_code == 422
    assert editor.post(f"{PATH}/{day}/hold", sent | {"why": "x" * 10_000}).status_code == 422
    editor.post(f"{PATH}/{day}/hold", sent | {"why": "a source is in doubt"})
    assert (only(desk).state, only(desk).reason) == (State.HELD, "a source is in doubt")
    page = editor.get(f"{PATH}/{day}").text
    editor.post(f"{PATH}/{day}/release", fields(page, "release"))
    assert only(desk).state is State.OPEN
    editor.post(
        f"{PATH}/{day}/hold", fields(editor.get(f"{PATH}/{day}").text, "hold") | {"why": "y"}
    )
    page = editor.get(f"{PATH}/{day}").text
    editor.post(f"{PATH}/{day}/cancel", fields(page, "cancel") | {"why": "no"})
    assert only(desk).state is State.CANCELLED


def test_who_comes_second_is_told_what_changed_and_keeps_what_was_typed(
    desk: Desk, ask: Ask, editor: Editor, day: date
):
    sent = fields(editor.get(f"{PATH}/{day}").text, "move") | {"to": f"{day}T11:00"}
    other = sign_in(desk.house, ask, address="autre@relais.example")
    first = fields(other.get(f"{PATH}/{day}").text, "hold") | {"why": "wait"}
    other.post(f"{PATH}/{day}/hold", first)
    answer = editor.post(f"{PATH}/{day}/move", sent)
    assert answer.status_code == 409
    assert "autre@relais.example" in answer.text
    assert "Held back" in answer.text
    assert f'value="{day}T11:00"' in answer.text
    seen = re.findall(r'name="seen" value="(\d+)"', answer.text)[-1]
    again = editor.post(f"{PATH}/{day}/move", sent | {"seen": seen})
    assert again.status_code == 303
    assert only(desk).send_at == datetime(day.year, day.month, day.day, 11, tzinfo=PARIS)


@pytest.mark.parametrize(
    "named",
    [
        {"edition": "99"},
        {"edition": "x"},
        {"channel": "actualites", "cadence": "matin", "slot": "x"},
        {"channel": "nobody", "cadence": "matin", "slot": "2026-01-01T00:00:00+00:00"},
        {"channel": "actualites", "cadence": "matin", "slot": "2026-01-01T00:00:00+00:00"},
        {"channel": "actualites", "cadence": "matin", "slot": "0001-01-01T00:00:00+23:59"},
    ],
)
def test_a_form_for_what_is_not_there_leads_nowhere(
    desk: Desk, editor: Editor, day: date, named: dict[str, str]
):
    editor.get(PATH)
    assert editor.post(f"{PATH}/{day}/leave-out", named).status_code == 404
    assert desk.editions() == []


def test_a_whole_date_is_left_out_by_a_revision_and_taken_back(desk: Desk, ask: Ask, day: date):
    admin = sign_in(desk.house, ask, Role.ADMIN)
    page = admin.get(f"{PATH}/{day}").text
    assert "Editions: 1 · Readers: 1" in page
    admin.post(f"{PATH}/{day}/date-out", fields(page, "date-out"))
    admin.post(f"{PATH}/{day}/date-out", fields(page, "date-out"))
    with reading(desk.house.engine) as connection:
        revision = require(connection)
    assert (revision.source, revision.made_by) == ("newsroom", admin.person.address)
    assert day in revision.publication.channels[0].digest.skip  # type: ignore[union-attr]
    page = admin.get(f"{PATH}/{day}").text
    assert "Nothing leaves on this day." in page
    admin.post(f"{PATH}/{day}/date-back", fields(page, "date-back"))
    assert "Planned" in admin.get(f"{PATH}/{day}").text


def test_a_date_is_left_out_of_one_channel_alone(desk: Desk):
    desk.set_up("actualites", "autre")
    with reading(desk.house.engine) as connection:
        before = require(connection).publication
    day = date(2026, 12, 25)
    after = with_date(before, "autre", day, out=True)
    assert [one.digest.skip for one in after.channels if one.digest] == [(), (day,)]
    assert with_date(after, "autre", day, out=False) == before


def test_an_edition_is_sent_now_once_however_often_the_form_is_sent(desk: Desk, editor: Editor):
    asked = {"channel": "actualites", "cadence": "matin"}
    page = editor.get(f"{PATH}/send-now?channel=actualites&cadence=matin").text
    assert "<dd>1</dd>" in page
    first = editor.post(f"{PATH}/send-now", asked).headers["location"]
    assert editor.post(f"{PATH}/send-now", asked).headers["location"] == first
    assert only(desk).forced
    assert editor.get(f"{PATH}/send-now?channel=x&cadence=matin").status_code == 404


def test_a_past_day_shows_what_became_of_its_editions_and_offers_nothing(
    desk: Desk, editor: Editor
):
    editor.post(f"{PATH}/send-now", {"channel": "actualites", "cadence": "matin"})
    with writing(desk.house.engine) as connection:
        edition = load(connection, only(desk).id)
        steering.cancel(connection, edition, by="x", why="<i>", now=desk.house.now)
    today = desk.house.now.astimezone(PARIS).date()
    page = editor.get(f"{PATH}/{today}").text
    assert "Cancelled" in page
    assert "&lt;i&gt;" in page
    assert f'href="/newsroom/editions/{edition.id}"' in page


def test_an_author_looks_and_changes_nothing(desk: Desk, ask: Ask, day: date):
    author = sign_in(desk.house, ask, Role.AUTHOR)
    page = author.get(f"{PATH}/{day}").text
    assert "07:00" in page
    assert "<form" not in page.partition("<main")[2]
    assert author.post(f"{PATH}/{day}/move", {}).status_code == 403
