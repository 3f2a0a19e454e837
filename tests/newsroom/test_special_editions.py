"""Writing special editions in the newsroom: three steps, a summary, the hold, what can go wrong."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import Ask, asker, make_app
from desk import Desk
from house import House, channel, publication
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import select, update

from colporteur.db import reading, writing
from colporteur.db.tables.delivery import letters
from colporteur.db.tables.editions import editions, special_drafts
from colporteur.editions.states import State
from colporteur.staff.audit import noted
from colporteur.staff.people import Role

pytestmark = ON_SQLITE
HOME = "/newsroom/specials"


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


@pytest.fixture
def desk(house: House) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites", "revue")
    house.subscribe("a@example.org")
    house.subscribe("b@example.org")
    return desk


@pytest.fixture
def editor(house: House, ask: Ask, desk: Desk) -> Editor:
    found = sign_in(house, ask)
    found.get(HOME)
    return found


@pytest.fixture
def write(editor: Editor) -> Callable[..., str]:
    """Begin a draft, as its form would; its address."""

    def begin(**typed: Any) -> str:
        form = editor.get(f"{HOME}/new{typed.pop('question', '')}")
        said = fields(form) | {"do": "stay"} | typed
        answer = editor.post(f"{HOME}/new", said)
        assert answer.status_code == 303, text_of(answer)
        return answer.headers["location"].partition("?")[0].partition("#")[0]

    return begin


def fields(answer: httpx.Response) -> dict[str, Any]:
    """The hidden fields of a page's forms."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    return {name: html.unescape(value) for name, value in found}


def text_of(answer: httpx.Response) -> str:
    inside = answer.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inside)).split())


def version(house: House) -> int:
    with reading(house.engine) as connection:
        return connection.scalar(select(special_drafts.c.version)) or 0


def sent_from(editor: Editor, path: str, **typed: Any) -> httpx.Response:
    form = fields(editor.get(f"{path}/summary"))
    return editor.post(f"{path}/send", {"seen": form["seen"]} | typed)


def actions(house: House) -> list[str]:
    with reading(house.engine) as connection:
        return [one.action for one in reversed(noted(connection, limit=50))]


def test_an_edition_is_written_in_three_steps_confirmed_and_withdrawn_in_its_hold(
    house: House, desk: Desk, editor: Editor, write: Callable[..., str]
) -> None:
    first, second = desk.take("Alerte au port"), desk.take("Autre chose")
    path = write(do=f"add:{first}")
    form = fields(editor.get(path))
    assert form["article"] == str(first)
    typed = {"seen": form["seen"], "article": [str(first), str(second)], "do": f"up:{second}"}
    editor.post(path, typed)
    page = editor.get(path)
    assert page.text.index(f'value="{second}"') < page.text.index(f'value="{first}"')
    assert "Alerte au port" in editor.get(f"{path}/preview").text
    assert "2 readers get it." in text_of(editor.get(f"{path}/to"))
    when = editor.post(f"{path}/to", {"seen": "9", "channel": "1", "do": "next"})
    assert when.headers["location"] == f"{path}/when"
    editor.post(f"{path}/when", {"seen": "9", "when": "now", "do": "next"})
    summary = editor.get(f"{path}/summary")
    assert "Send to 2 readers" in text_of(summary)
    answer = editor.post(f"{path}/send", {"seen": fields(summary)["seen"]})
    sent = answer.headers["location"].partition("?")[0]
    (edition,) = desk.editions(State.HELD)
    assert sent == f"{HOME}/sent/{edition.id}"
    assert edition.arrangement.order == (second, first)
    assert sent in editor.get(f"/newsroom/editions/{edition.id}").text
    held = editor.get(sent)
    assert "Withdraw this edition" in held.text
    assert f'data-until="{edition.hold_until.isoformat()}"' in html.unescape(held.text)
    for _ in range(2):  # a double click
        answer = editor.post(f"{HOME}/{edition.id}/withdraw")
        assert answer.headers["location"] == f"{sent}?done=withdrawn"
    assert desk.edition(edition.id).state is State.CANCELLED
    assert actions(house)[-2:] == ["special.confirmed", "special.withdrawn"]


def test_a_form_sent_twice_begins_one_draft_and_a_button_pressed_twice_sends_one_edition(
    house: House, desk: Desk, editor: Editor
) -> None:
    form = fields(editor.get(f"{HOME}/new")) | {"note": "Une note.", "subject": "Un", "do": "next"}
    first = editor.post(f"{HOME}/new", form).headers["location"]
    assert editor.post(f"{HOME}/new", form | {"subject": "Deux"}).headers["location"] == first
    path = first.removesuffix("/to")
    assert 'value="Deux"' in editor.get(path).text
    sent = sent_from(editor, path).headers["location"]
    again = editor.post(f"{path}/send", {"seen": "2"}).headers["location"]
    assert again.partition("?")[0] == sent.partition("?")[0]
    for other in ("", "/to", "/when", "/summary"):
        led = editor.get(f"{path}{other}")
        assert led.headers["location"].startswith(f"{HOME}/sent/"), other
    assert editor.post(path, form).headers["location"].startswith(f"{HOME}/sent/")
    assert len(desk.editions()) == 1


def test_above_a_size_the_number_of_readers_is_typed(
    house: House, desk: Desk, editor: Editor, write: Callable[..., str]
) -> None:
    desk.set_up("actualites", "revue", specials={"confirm_above": 1})
    path = write(note="Une note.", subject="Sujet")
    assert "type how many readers it is for: 2 readers" in text_of(editor.get(f"{path}/summary"))
    for wrong in ("", "3", "deux"):
        answer = sent_from(editor, path, readers=wrong)
        assert answer.status_code == 422
        assert "Nothing was sent yet." in text_of(answer)
    assert desk.editions() == []
    assert sent_from(editor, path, readers="2").status_code == 303


def test_the_second_of_two_editors_is_told_what_the_first_one_changed(
    house: House, ask: Ask, editor: Editor, write: Callable[..., str]
) -> None:
    path = write(note="Une note.", subject="Un")
    other = sign_in(house, ask, Role.APPROVER)
    theirs = fields(other.get(path)) | {"note": "Une note.", "do": "stay"}
    mine = fields(editor.get(path)) | {"note": "Une note.", "subject": "Le mien", "do": "stay"}
    assert other.post(path, theirs | {"subject": "Le leur"}).status_code == 303
    clash = editor.post(path, mine)
    assert clash.status_code == 409
    assert "approver@relais.example" in clash.text
    assert "the subject" in clash.text
    assert 'value="Le mien"' in clash.text
    over = editor.post(path, mine | {"seen": fields(clash)["seen"]})
    assert over.status_code == 303
    assert 'value="Le mien"' in editor.get(path).text
    stale = editor.post(f"{path}/send", {"seen": "1"})
    assert stale.status_code == 409
    assert "Nothing was sent." in text_of(stale)


def test_a_correction_goes_to_those_who_got_the_edition_once_that_one_has_ended(
    house: House, desk: Desk, editor: Editor, write: Callable[..., str]
) -> None:
    wrong = desk.special(desk.take("Faux"))
    desk.now_sent(wrong.id)
    house.subscribe("new@example.org")
    page = editor.get(f"{HOME}/new?corrects={wrong.id}")
    assert f"Edition {wrong.id} has not ended" in text_of(page)
    path = write(question=f"?corrects={wrong.id}", note="Il fallait lire 12.", subject="Erratum")
    assert "has not ended" in text_of(editor.get(f"{path}/summary"))
    assert editor.post(f"{path}/send", {"seen": "1"}).status_code == 422
    with writing(house.engine) as connection:
        mine = update(editions).where(editions.c.id == wrong.id)
        connection.execute(mine.values(state="sent", first_left_at=house.now))
    assert f"corrects={wrong.id}" in editor.get(f"/newsroom/editions/{wrong.id}").text
    assert "2 readers get it." in text_of(editor.get(f"{path}/to"))
    assert sent_from(editor, path).status_code == 303
    (correction,) = [one for one in desk.editions() if one.kind == "correction"]
    assert correction.audience == {"edition": wrong.id}
    again = editor.get(f"{HOME}/new?like={correction.id}")
    assert fields(again)["corrects"] == str(wrong.id)
    assert "Il fallait lire 12." in again.text


def test_what_vanished_meanwhile_is_said_with_the_step_that_mends_it(
    house: House, desk: Desk, editor: Editor, write: Callable[..., str]
) -> None:
    article = desk.take("Alerte")
    path = write(do=f"add:{article}", home="1")
    with house.open() as (_, _, names):
        topic, revue = names.topics["law"], names.channels["revue"]
    to = {"seen": "9", "channel": [str(revue)], "topic": [str(topic)], "do": "stay"}
    editor.post(f"{path}/to", to)
    desk.withdraw(article)
    health = {"health": {"name": {"fr": "Santé", "ar": "صحة"}}}
    left = channel("actualites", "fr", topics=["health"])
    house.apply(publication(channels=[left], topics=health))
    for page in ("/summary", "/to", ""):
        assert editor.get(f"{path}{page}").status_code == 200
    said = text_of(editor.get(f"{path}/summary"))
    assert "“Alerte” was withdrawn" in said
    assert "A channel that it was for was removed" in said
    assert "A topic that it was for was removed" in said
    assert "Send to" not in said
    assert editor.post(f"{path}/send", {"seen": str(version(house))}).status_code == 422
    assert desk.editions() == []


def test_what_is_too_long_or_hostile_is_shown_again_and_neither_kept_nor_obeyed(
    house: House, editor: Editor, write: Callable[..., str]
) -> None:
    script = '"><script>alert(1)</script>'
    path = write(note=f"Une note {script}", subject=script, preheader=script, q=script)
    page = editor.get(f"{path}?q=%22%3E%3Cscript%3E")
    preview = editor.get(f"{path}/preview")
    for answer in (page, preview, editor.get(HOME), editor.get(f"{path}/summary")):
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    assert "sandbox" in preview.headers["Content-Security-Policy"]
    warned = editor.post(path, fields(page) | {"note": "Une note.", "subject": "CLIQUEZ TOUS ICI"})
    assert warned.status_code == 303
    summary = text_of(editor.get(f"{path}/summary"))
    assert "Warning Something is wrong with the subject." in summary
    form = fields(editor.get(path)) | {"do": "next"}
    answer = editor.post(path, form | {"subject": "x" * 10_000, "note": "Gardée."})
    assert answer.status_code == 422
    assert "x" * 10_000 in answer.text
    assert "Gardée." in answer.text
    assert version(house) == 2
    huge = {"seen": "9" * 40, "article": ["9" * 30, "x", "-1"], "home": "7" * 18, "do": "up:x"}
    assert editor.post(path, form | huge | {"note": "n" * 10_000}).status_code == 303
    assert editor.get(path).status_code == 200
    for strange in ("x", "9" * 30, "4711"):
        assert editor.get(f"{HOME}/{strange}").status_code == 404
        assert editor.get(f"{HOME}/sent/{strange}").status_code == 404


def test_a_time_that_is_past_or_none_is_refused_beside_its_field(
    editor: Editor, write: Callable[..., str], desk: Desk
) -> None:
    path = write(note="Une note.", subject="Sujet")
    for day, hour, said in (
        ("2020-01-01", "07:00", "This time is past"),
        ("", "07:00", "Choose a day"),
        ("2199-02-30", "25:00", "Choose a time"),
    ):
        answer = editor.post(f"{path}/when", {"when": "later", "day": day, "hour": hour})
        assert answer.status_code == 422
        assert said in text_of(answer)
    late = {"seen": "9", "when": "later", "day": "2199-01-02", "hour": "07:00", "do": "next"}
    assert editor.post(f"{path}/when", late).status_code == 303
    assert "Send to 2 readers on Wed 2 Jan 2199, 07:00" in text_of(editor.get(f"{path}/summary"))
    sent_from(editor, path)
    (edition,) = desk.editions(State.OPEN)
    assert f"{edition.send_at:%Y-%m-%d %H:%M}" == "2199-01-02 06:00"


def test_who_wrote_some_of_it_does_not_approve_it_where_four_eyes_are_wanted(
    house: House, ask: Ask, desk: Desk, editor: Editor, write: Callable[..., str]
) -> None:
    desk.set_up("actualites", "revue", specials={"approval": True}, four_eyes=True)
    one, two = (sign_in(house, ask, Role.APPROVER, f"{n}@relais.example") for n in ("one", "two"))
    path = write(note="Une note.", subject="Un")
    form = fields(one.get(path)) | {"note": "Une note.", "subject": "Deux", "do": "stay"}
    assert one.post(path, form).status_code == 303
    sent = sent_from(editor, path).headers["location"].partition("?")[0]
    assert "It waits for approval" in text_of(editor.get(sent))
    assert editor.post(f"{sent}/approve").status_code == 403
    assert one.post(f"{sent}/approve").headers["location"].endswith("done=own")
    assert "Approve it" not in one.get(sent).text
    assert "Approve it" in two.get(sent).text
    assert two.post(f"{sent}/approve").headers["location"].endswith("done=approved")
    assert "special.approved" in actions(house)


def test_a_test_goes_to_who_asks_and_a_draft_can_be_discarded(
    house: House, editor: Editor, write: Callable[..., str]
) -> None:
    path = write(note="Une note.", subject="Sujet")
    assert editor.post(f"{path}/test").headers["location"] == f"{path}/summary?done=tested"
    with reading(house.engine) as connection:
        (letter,) = connection.execute(select(letters)).all()
    assert (letter.address, letter.content["subject"]) == (editor.person.address, "Sujet")
    assert editor.post(f"{path}/discard").headers["location"] == f"{HOME}?done=discarded"
    assert editor.get(path).status_code == 404
    typed = editor.post(path, {"note": "Perdue ?", "do": "stay"})
    assert typed.status_code == 404
    assert "Perdue ?" in typed.text
    assert actions(house) == ["special.begun", "special.tested", "special.discarded"]
