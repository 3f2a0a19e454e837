"""The desk of an edition: its order and words, shown, looked over, tested and saved."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from api_editing import next_slot
from asking import Ask
from house import House
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import select

from colporteur.articles.withdrawing import withdraw
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.articles import articles
from colporteur.db.tables.delivery import letters
from colporteur.db.tables.staff import audit
from colporteur.editions import scheduling, store
from colporteur.editions.arranging import edition_at
from colporteur.staff.people import Role


def laid_out(house: House, *titles: str, days: int = 1) -> tuple[str, list[int]]:
    """An edition to come with a reader and articles, the last one the newest; its page, their ids."""
    slot = next_slot(house, days=days)
    ids = []
    house.now = slot - timedelta(days=2)
    house.subscribe("leila@example.org", topics_in=("law",))
    for title in titles:
        house.now += timedelta(minutes=1)
        topics = ("law",) if "loi" in title else ()
        ids.append(house.take(title, topics=topics).article_id)
    with house.open() as (connection, revision, names):
        home = revision.publication.channel("actualites")
        now = database_now(connection)
        found = edition_at(connection, revision, names, home, "matin", slot, by="test", now=now)
    return f"/newsroom/editions/{found.id}", ids


def edition(house: House, page: str) -> store.Edition:
    with reading(house.engine) as connection:
        return store.load(connection, int(page.rsplit("/", 1)[1]))


def typed(answer: httpx.Response) -> dict[str, Any]:
    """The fields of the desk's form as a page has them."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text)
    found: dict[str, Any] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    found |= {
        name: re.findall(rf'name="{name}" value="([^"]*)"', answer.text)
        for name in ("subject", "preheader")
    }
    return found


def pressed(editor: Editor, page: str, answer: httpx.Response, **more: Any) -> httpx.Response:
    """The form as the page has it, with something pressed or typed."""
    return editor.post(f"{page}/arrange", typed(answer) | more)


def order(answer: httpx.Response) -> list[int]:
    return [int(one) for one in re.findall(r'name="order" value="(\d+)"', answer.text)]


def test_articles_are_moved_pinned_left_out_and_saved_as_a_whole(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page, (one, two, three) = laid_out(house, "Une loi", "Deux", "Trois")
    desk = editor.get(f"{page}/arrange")
    assert order(desk)[:3] == [three, two, one]
    assert "no topic: only readers who filter nothing get it" in desk.text
    assert "readers who want it: 1" in desk.text
    desk = pressed(editor, page, desk, do=f"lead {one}")
    desk = pressed(editor, page, desk, do=f"leave {three}")
    assert order(desk)[:2] == [one, two]
    assert three not in order(desk)
    assert edition(house, page).arrangement.lead is None
    saved = pressed(
        editor, page, desk, do="save", subject="Une loi, et <deux>", intro="**Bonjour**"
    )
    assert saved.headers["location"] == f"{page}/arrange?done=saved"
    kept = edition(house, page)
    assert (kept.arrangement.lead, kept.arrangement.left_out) == (one, frozenset({three}))
    assert kept.arrangement.subject == "Une loi, et <deux>"
    assert kept.arranged_by == (editor.person.address,)
    desk = editor.get(saved.headers["location"])
    assert 'value="Une loi, et &lt;deux&gt;"' in desk.text
    assert "18 characters; mail programs show about 60." in desk.text
    with reading(house.engine) as connection:
        assert list(connection.scalars(select(audit.c.action))) == ["edition.arranged"]


@ON_SQLITE
def test_the_second_editor_is_told_what_changed_and_loses_nothing(house: House, ask: Ask) -> None:
    first, second = sign_in(house, ask), sign_in(house, ask, address="omar@relais.example")
    page, _ = laid_out(house, "Une loi")
    old = second.get(f"{page}/arrange")
    pressed(first, page, first.get(f"{page}/arrange"), do="save", intro="Bonjour")
    late = pressed(second, page, old, do="save", intro="Bonsoir")
    assert late.status_code == 409
    assert first.person.address in late.text
    assert "Arranged" in late.text
    assert "Bonsoir" in late.text
    assert edition(house, page).arrangement.intro == "Bonjour"
    seen = re.findall(r'name="seen" value="(\d+)"', late.text)[0]
    over = pressed(second, page, old, do="save", intro="Bonsoir", seen=seen)
    assert over.status_code == 303
    twice = pressed(second, page, old, do="save", intro="Bonsoir", seen=seen)
    assert twice.status_code == 303
    assert edition(house, page).arrangement.intro == "Bonsoir"


@ON_SQLITE
def test_an_article_that_vanished_under_the_form_is_named(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page, (one, two) = laid_out(house, "Une loi", "Deux")
    desk = pressed(editor, page, editor.get(f"{page}/arrange"), do=f"lead {one}")
    with writing(house.engine) as connection:
        slug = connection.scalar(select(articles.c.slug).where(articles.c.id == one))
        withdraw(connection, str(slug), database_now(connection))
    gone = pressed(editor, page, desk, do="save", intro="Bonjour")
    assert gone.status_code == 409
    assert "Not for this edition any more: Une loi." in gone.text
    assert "Bonjour" in gone.text
    assert order(gone)[0] == two
    assert pressed(editor, page, gone, do="save", intro="Bonjour").status_code == 303
    assert edition(house, page).arrangement.lead is None


@ON_SQLITE
@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ({"subject": "x" * 10_000}, "subject"),
        ({"subject": "Sans article à la une"}, "subject"),
        ({"intro": "x" * 30_000}, "intro"),
        ({"preheader": "a\x07b"}, "preheader"),
    ],
)
def test_words_that_cannot_be_are_said_beside_their_field(
    house: House, ask: Ask, words: dict[str, str], wrong: str
) -> None:
    editor = sign_in(house, ask)
    page, _ = laid_out(house, "Une loi")
    refused = pressed(editor, page, editor.get(f"{page}/arrange"), do="save", **words)
    assert refused.status_code == 422
    assert f'id="{wrong}-fault"' in refused.text
    assert edition(house, page).arrangement.as_json() == {}


@ON_SQLITE
def test_the_preview_shows_what_is_typed_and_keeps_nothing(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page, ids = laid_out(house, "Une loi", "Deux <b>")
    kept = editor.get(f"{page}/preview?look=dark")
    assert "sandbox" in kept.headers["Content-Security-Policy"]
    assert "prefers-color-scheme" not in kept.text
    assert "Deux &lt;b&gt;" in kept.text
    fields = typed(editor.get(f"{page}/arrange"))
    shown = editor.post(f"{page}/preview", fields | {"lead": ids[0], "subject": "Essai <i>"})
    assert "Essai &lt;i&gt;" in shown.text
    assert shown.text.index("Une loi") < shown.text.index("Deux")
    text = editor.post(f"{page}/preview", fields | {"look": "text"}).text
    assert "<pre" in text
    of_leila = editor.post(f"{page}/preview", fields | {"reader": "leila@example.org"}).text
    assert "Une loi" in of_leila
    assert "Deux" not in of_leila
    nobody = editor.post(f"{page}/preview", fields | {"reader": "x" * 10_000}).text
    assert "No reader has this address or number." in nobody
    no_lead = editor.post(f"{page}/preview", fields | {"subject": "Essai"}).text
    assert "These words speak of the lead." in no_lead
    assert edition(house, page).arrangement.as_json() == {}
    assert edition(house, page).frozen_at is None


@ON_SQLITE
def test_the_check_looks_at_what_is_typed(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page, (one,) = laid_out(house, "Une loi")
    fields = typed(editor.get(f"{page}/arrange"))
    wrong = fields | {"lead": one, "subject": "Un titre {{ article.title }}", "intro": "Bonjour"}
    found = editor.post(f"{page}/check", wrong)
    assert "A word of a template was left over." in found.text
    assert "Bonjour" in found.text
    assert edition(house, page).checked_at is None


@ON_SQLITE
def test_a_test_goes_to_the_newsroom_alone_and_once(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page, _ = laid_out(house, "Une loi")
    fields = typed(editor.get(f"{page}/arrange"))
    for to in ("leila@example.org", "", "x" * 10_000, ", ".join(["a@b.example"] * 11)):
        refused = editor.post(f"{page}/test", fields | {"to": to})
        assert refused.status_code == 422
        assert 'id="to-fault"' in refused.text
    for _ in range(2):  # the same form, sent twice
        sent = editor.post(f"{page}/test", fields | {"to": editor.person.address.upper()})
        assert "A test is on its way to" in sent.text
    with reading(house.engine) as connection:
        assert len(connection.execute(select(letters)).all()) == 1
        assert "edition.tested" in connection.scalars(select(audit.c.action)).all()


@ON_SQLITE
def test_once_its_articles_are_fixed_only_words_change(house: House, ask: Ask) -> None:
    editor = sign_in(house, ask)
    page, _ = laid_out(house, "Une loi")
    old = editor.get(f"{page}/arrange")
    with house.open() as (connection, revision, names):
        number = int(page.rsplit("/", 1)[1])
        slot = store.load(connection, number).slot
        assert slot is not None
        scheduling.advance(connection, revision, names, slot - timedelta(minutes=5))
    desk = editor.get(f"{page}/arrange")
    assert "The articles of this edition are fixed." in desk.text
    assert order(desk) == []
    late = pressed(editor, page, old, do="save", intro="Bonjour")
    assert "The calendar" in late.text
    saved = pressed(editor, page, desk, do="save", intro="Bonjour")
    assert saved.status_code == 303
    assert edition(house, page).arrangement.intro == "Bonjour"
    assert "Une loi" in editor.get(page).text
    assert "Bonjour" in editor.get(f"{page}/preview").text


@ON_SQLITE
def test_an_author_sees_no_desk(house: House, ask: Ask) -> None:
    page, _ = laid_out(house, "Une loi")
    author = sign_in(house, ask, Role.AUTHOR)
    for answer in (
        author.get(f"{page}/arrange"),
        author.post(f"{page}/preview", {"reader": "leila@example.org"}),
        author.post(f"{page}/test", {"to": author.person.address}),
    ):
        assert answer.status_code == 403
