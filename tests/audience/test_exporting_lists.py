import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from house import House
from hypothesis import given
from hypothesis import strategies as st
from listing import SAID_YES, Lists
from sqlalchemy import event, select, update

from colporteur.audience.cells import escape, unescape
from colporteur.audience.exporting import readers as pages
from colporteur.audience.exporting.readers import exported
from colporteur.audience.exporting.shapes import Exported, Shape, header, row
from colporteur.audience.importing.columns import find_columns
from colporteur.audience.importing.fates import Fate
from colporteur.audience.importing.saying import said_in_cells
from colporteur.audience.moving import move
from colporteur.audience.pausing import pause
from colporteur.audience.states import Event, State
from colporteur.db.tables.audience import subscribers

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LEA = Exported(
    "+lea@example.org",
    "=1+1 Léa",
    "actualites",
    State.ACTIVE,
    "fr",
    "matin",
    None,
    450,
    "Europe/Paris",
    ("law", "health"),
    (),
    "",
    True,
    AT,
    AT,
    None,
    None,
)


@pytest.fixture
def lists(house: House, tmp_path) -> Lists:
    return Lists(house, tmp_path)


def written(house: House, shape: Shape = Shape.CSV, *states: State) -> str:
    with house.open() as (_connection, revision, names):
        channels = {names.channels[one.slug]: one.slug for one in revision.publication.channels}
    found = exported(house.engine, names, channels, states)
    return header(shape) + "".join(row(shape, one) for one in found)


def table(text: str) -> list[dict[str, str]]:
    return sorted(csv.DictReader(io.StringIO(text, newline="")), key=lambda one: one["email"])


@given(st.text(st.sampled_from("'=+-@\t\r\nab é"), max_size=8))
def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(cell):
    assert escape(cell)[:1] not in set("=+-@\t\r\n")
    assert unescape(escape(cell)) == cell


@pytest.mark.parametrize("shape", [one for one in Shape if one is not Shape.JSONL])
def test_no_line_of_any_csv_begins_a_formula(shape):
    cells = next(csv.reader(io.StringIO(row(shape, LEA), newline="")))
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]


def test_a_row_of_ours_says_what_it_said():
    first, line = csv.reader(io.StringIO(header(Shape.CSV) + row(Shape.CSV, LEA), newline=""))
    said = said_in_cells(line, find_columns(first, {}))
    assert (said["email"], said["name"]) == ("+lea@example.org", "=1+1 Léa")
    assert (said["hour"], said["topics"], said["specials"]) == ("07:30", "law, health", "true")


def test_other_tools_get_their_columns():
    (found,) = table(header(Shape.LISTMONK) + row(Shape.LISTMONK, LEA))
    assert json.loads(found["attributes"])["topics"] == ["law", "health"]
    assert found["status"] == "enabled"
    (found,) = table(header(Shape.GHOST) + row(Shape.GHOST, LEA))
    assert (found["subscribed_to_emails"], found["created_at"]) == ("true", "2026-01-02T03:04:05Z")
    mailchimp = header(Shape.MAILCHIMP) + row(Shape.MAILCHIMP, LEA)
    assert "CONFIRM_TIME" in mailchimp
    assert "2026-01-02 03:04:05" in mailchimp


def fill(house: House) -> None:
    """Readers in several states, with several choices."""
    house.subscribe("lea@example.org", topics_in=("law", "health"), minute=450)
    house.subscribe("lea@example.org", channel="nashra")
    away = house.subscribe("paused@example.org", topics_out=("schools",))
    bad = house.subscribe("bounced@example.org")
    with house.open() as (connection, _revision, _names):
        until = house.now + timedelta(days=9)
        pause(connection, away.subscription_id, until, by="test", now=house.now)
        move(connection, bad.subscriber_id, Event.BOUNCED, by="test", now=house.now)
        named = update(subscribers).where(subscribers.c.address == "lea@example.org")
        connection.execute(named.values(name="=Léa, « L »\t"))


@pytest.mark.parametrize("shape", [Shape.CSV, Shape.JSONL])
def test_what_was_written_out_is_read_in_as_it_was(lists, house, shape, engine):
    fill(house)
    text = written(house, shape)
    with house.open() as (connection, _revision, _names):
        for one in reversed(subscribers.metadata.sorted_tables):
            if one.name in {"subscribers", "subscriptions", "subscriber_events"}:
                connection.execute(one.delete())
    report = lists.read(text, f"list.{shape}", channel="", consent=SAID_YES)
    kept = {Fate.SUBSCRIBED: 2, Fate.PAUSED: 1, Fate.SUPPRESSED: 1}
    assert report.counts == {fate.value: count for fate, count in kept.items()}
    if shape is Shape.CSV:
        before = [one for one in table(text) if one["status"] != "bounced"]
        after = table(written(house))
        for name in ("email", "channel", "status", "topics", "without", "hour", "paused_until"):
            assert [one[name] for one in after] == [one[name] for one in before], name
        assert {one["name"] for one in after} == {"'=Léa, « L »", ""}


def test_a_page_sorts_nothing_however_many_readers_there_are(house):
    if house.engine.dialect.name != "sqlite":
        return  # its planner knows that a page is small
    lea = house.subscribe("lea@example.org")
    told = []
    event.listen(house.engine, "before_cursor_execute", lambda *said: told.append(said[2:4]))
    written(house)
    page = next(one for one in told if "FROM subscriptions" in one[0] and "LIMIT" in one[0])
    with house.open() as (connection, _revision, _names):
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {page[0]}", page[1]).all()
        assert connection.exec_driver_sql(*page).first().id == lea.subscription_id
    assert not [one.detail for one in plan if "B-TREE" in one.detail]


def test_readers_are_written_out_by_state_and_page_after_page(house, monkeypatch):
    fill(house)
    monkeypatch.setattr(pages, "_AT_ONCE", 2)
    assert len(table(written(house))) == 4
    assert [one["email"] for one in table(written(house, Shape.CSV, State.PAUSED))] == [
        "paused@example.org"
    ]


def test_who_was_erased_is_in_no_list(house):
    house.subscribe("lea@example.org")
    with house.open() as (connection, _revision, _names):
        gone = {"address": None, "address_key": None, "state": "erased", "name": ""}
        connection.execute(update(subscribers).values(gone))
        assert connection.scalar(select(subscribers.c.address)) is None
    assert table(written(house)) == []
