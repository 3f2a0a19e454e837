"""What the newsroom opens with: what comes, what leaves, what needs a person, what went out."""

from datetime import timedelta
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from desk import Desk
from house import House, channel, publication
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import insert, update

from colporteur.articles import refusals
from colporteur.audience.heard import Kind
from colporteur.db import database_now, writing
from colporteur.db.tables.delivery import batches
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback
from colporteur.delivery.classifier import Verdict
from colporteur.editions import scheduling, steering
from colporteur.editions.progress import recount_editions
from colporteur.editions.states import Event
from colporteur.editions.store import happen, load
from colporteur.staff.people import Role

pytestmark = ON_SQLITE


@pytest.fixture
def desk(house: House) -> Desk:
    """Two channels that send each morning; it is now, by the database's clock."""
    with house.open() as (connection, _revision, _names):
        house.now = database_now(connection)
    desk = Desk(house)
    desk.set_up("actualites", "nashra")
    return desk


@pytest.fixture
def ask(desk: Desk, tmp_path: Path) -> Ask:
    return asker(make_app(desk.house, tmp_path))


@pytest.fixture
def editor(desk: Desk, ask: Ask) -> Editor:
    return sign_in(desk.house, ask)


def now_sent(desk: Desk) -> int:
    """An edition that an editor sends now."""
    with desk.house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        edition, _ = scheduling.send_now(
            connection, revision, names, channel, "matin", by="editor", now=desk.house.now
        )
    return edition.id


def test_what_comes_is_told_with_its_readers_and_what_waits_for_it(desk: Desk, editor: Editor):
    desk.house.subscribe("a@one.example")
    desk.take("Un")
    page = editor.get("/newsroom/").text
    actualites = page[page.index('<bdi lang="fr">Actualites') :].partition("</li>")[0]
    assert "07:00" in actualites
    assert "<dd>1</dd></div>\n<div><dt>Readers</dt><dd>1</dd>" in actualites
    assert 'action="/newsroom/editions/open"' in actualites
    assert 'name="channel" value="actualites"' in actualites
    assert "Needs somebody" not in page
    assert "Leaving now" not in page


def test_an_author_sees_what_comes_and_nothing_that_they_may_not_do(desk: Desk, ask: Ask):
    page = sign_in(desk.house, ask, Role.AUTHOR).get("/newsroom/").text
    assert "Goes out next" in page
    assert "/newsroom/editions/open" not in page


def test_what_leaves_shows_how_far_it_is_and_then_what_became_of_it(desk: Desk, editor: Editor):
    desk.take("Un")
    desk.house.subscribe("a@one.example")
    desk.house.subscribe("b@one.example")
    number = now_sent(desk)
    desk.tick(desk.house.now)
    desk.now_sent(number, address="a@one.example")
    desk.now_sent(number, "failed", address="b@one.example")
    with writing(desk.house.engine) as connection:
        recount_editions(connection, [number])
    page = editor.get("/newsroom/").text
    assert f'data-live="{number}" data-state="sending"' in page
    assert '<progress max="2" value="2"' in page
    with writing(desk.house.engine) as connection:
        connection.execute(update(batches).values(status="done"))
        scheduling.finish(connection, desk.house.now)
    page = editor.get("/newsroom/").text
    assert "data-live=" not in page
    assert "1 sent, 1 failed" in page
    assert f'href="/newsroom/reports/{number}"' in page


@pytest.mark.parametrize(
    ("state", "told"),
    [("paused", "The channel is paused"), ("archived", "The channel is archived")],
)
def test_a_channel_that_rests_says_so(desk: Desk, editor: Editor, state: str, told: str):
    desk.house.apply(publication(channels=[channel("actualites", "fr", state=state)]))
    page = editor.get("/newsroom/").text
    assert told in page
    assert "None is planned" not in page


def test_an_edition_with_nothing_new_says_so(desk: Desk, editor: Editor):
    desk.house.subscribe("a@one.example")
    now_sent(desk)
    page = editor.get("/newsroom/").text
    assert "Not sent" in page
    assert "There was nothing new." in page


def test_what_needs_a_person_is_told_with_where_it_is_dealt_with(desk: Desk, editor: Editor):
    desk.take("Un")
    desk.house.subscribe("a@one.example")
    number = now_sent(desk)
    with writing(desk.house.engine) as connection:
        edition = load(connection, number)
        steering.pause(connection, edition, by="ed", why="<b>the relay</b>", now=desk.house.now)
        refusals.note(connection, "files", "x", "X", "why", "cure", desk.house.now)
    page = editor.get("/newsroom/").text
    needed = page.partition('id="needs"')[2].partition("</section>")[0]
    assert "<strong>Paused</strong>" in needed
    assert "&lt;b&gt;the relay&lt;/b&gt;" in needed
    assert f'href="/newsroom/editions/{number}"' in needed
    assert "Articles that were not taken in: 1" in needed
    assert 'href="/newsroom/articles/refused"' in needed


def test_a_waiting_approval_a_mistake_and_a_spike_of_bounces_need_a_person(
    desk: Desk, editor: Editor
):
    desk.take("Un")
    desk.house.subscribe("a@one.example")
    number = now_sent(desk)
    with writing(desk.house.engine) as connection:
        now = desk.house.now
        happen(connection, number, Event.HOLD, by="x", now=now)
        found = [{"severity": "error", "message": "A link leads nowhere."}]
        connection.execute(update(editions).values(findings=found, first_left_at=now))
        connection.execute(update(batches).values(sent=200))
        heard = {"edition_id": number, "kind": Kind.BOUNCE, "verdict": Verdict.HARD, "text": ""}
        heard |= {"source": "maildir", "subscriber_id": 1, "at": now - timedelta(hours=3)}
        rows = [heard | {"delivery_id": one, "event_id": str(one)} for one in range(21)]
        connection.execute(insert(feedback), rows)
    needed = editor.get("/newsroom/").text
    assert "The check found mistakes" in needed
    assert "A link leads nowhere." in needed
    assert "21 of 200 messages came back for good" in needed
