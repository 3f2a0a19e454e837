"""What pages are told of editions as they leave."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import Ask, asker, make_app
from desk import SLOT, Desk
from house import TEMPLATES, House
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import event, select, update
from starlette.applications import Starlette

from colporteur.config import Settings
from colporteur.db import writing
from colporteur.db.tables.delivery import batches
from colporteur.editions import scheduling, steering
from colporteur.editions.progress import recount_editions
from colporteur.editions.store import load
from colporteur.editions.watching import Pace, look
from colporteur.staff import sessions
from colporteur.tasks import Runtime
from colporteur.web.newsroom import lookout
from colporteur.web.newsroom.live import live_places, telling
from colporteur.web.newsroom.live.telling import SENTENCES
from colporteur.web.newsroom.lookout import Rhythm
from colporteur.web.newsroom.places import routes_of
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.states import REASONS, STATES
from colporteur.web.pages import Pages

QUICK = Rhythm(look=0.01, heartbeat=0.05, still_in=0.02)


@pytest.fixture
def desk(house: House) -> Desk:
    """An edition to three readers, the third at an hour of theirs, that has begun."""
    desk = Desk(house)
    desk.set_up("actualites")
    desk.take("Un")
    for name, minute in (("a", None), ("b", None), ("c", 23 * 60)):
        house.subscribe(f"{name}@one.example", minute=minute)
    desk.tick(SLOT)
    return desk


@pytest.fixture
def room(house: House, tmp_path: Path) -> Room:
    settings = Settings(secret_key="k" * 32, mail_url=f"maildir:{tmp_path}")
    runtime = Runtime(settings, house.engine, TEMPLATES)
    made = Room(runtime, Pages(runtime))
    made.lookout.rhythm = QUICK
    return made


@pytest.fixture
def app(room: Room) -> Starlette:
    return Starlette(routes=routes_of(room, live_places(room)))


def sent_to(desk: Desk, address: str) -> None:
    desk.now_sent(1, address=address)
    with writing(desk.house.engine) as connection:
        recount_editions(connection, [1])


def finish(desk: Desk) -> None:
    desk.now_sent(1)
    with writing(desk.house.engine) as connection:
        recount_editions(connection, [1])
        connection.execute(update(batches).values(status="done"))
        scheduling.finish(connection, SLOT)


def events(text: str) -> list[dict[str, Any]]:
    lines = [one for one in text.splitlines() if one.startswith("data: ")]
    return [json.loads(one.removeprefix("data: ")) for one in lines]


Listen = Callable[[], Awaitable[str]]


@asynccontextmanager
async def listening(app: Starlette, editor: Editor, path: str) -> AsyncIterator[Listen]:
    """A browser that hears a stream piece by piece, and then goes away."""
    pieces: asyncio.Queue[str] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            pieces.put_nowait(message["body"].decode())

    async def heard() -> str:
        return await asyncio.wait_for(pieces.get(), 5)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [
            (b"cookie", f"newsroom={editor.cookie}".encode()),
            (b"accept-language", b"en"),
        ],
        "server": ("localhost", 80),
        "scheme": "http",
    }
    task = asyncio.create_task(app(scope, receive, send))
    yield heard
    gone.set()
    await asyncio.wait_for(task, 5)


def test_how_far_an_edition_is_counts_apart_who_chose_a_later_hour(desk: Desk) -> None:
    sent_to(desk, "a@one.example")
    with writing(desk.house.engine) as connection:
        soon = {"due_at": SLOT}
        connection.execute(update(batches).values(soon))
        seen = look(connection, 1)
        assert (seen.progress.sent, seen.due, seen.later) == (1, 2, 0)
        late = select(batches.c.id).order_by(batches.c.batch_no.desc()).limit(1)
        far = {"due_at": seen.at + timedelta(hours=1)}
        connection.execute(
            update(batches).where(batches.c.id == late.scalar_subquery()).values(far)
        )
        seen = look(connection, 1)
    assert (seen.due, seen.later) == (1, 1)


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_each_state_and_reason_is_said_in_each_language(tag: str) -> None:
    gettext = TEMPLATES.catalogue(tag).gettext
    for message in [*STATES.values(), *SENTENCES.values(), *REASONS.values()]:
        assert gettext(message) != message


def test_the_speed_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    rates = [
        pace.rate(SLOT + timedelta(seconds=at), done)
        for at, done in [(0, 5), (1, 15), (2, 25), (60, 25), (61, 26), (61, 26)]
    ]
    assert rates == [0, 10, 10, 0, 1, 1]


@ON_SQLITE
@pytest.mark.parametrize(
    ("tag", "said"),
    [("en", "30% of the readers are done."), ("fr", "30 % des lecteurs sont servis.")],
)
def test_a_reader_of_a_page_is_told_in_words_of_their_language(
    desk: Desk, tag: str, said: str
) -> None:
    sent_to(desk, "a@one.example")
    with writing(desk.house.engine) as connection:
        connection.execute(update(batches).values(due_at=SLOT - timedelta(days=1)))
        seen = look(connection, 1)
    told = telling(TEMPLATES.catalogue(tag).gettext, tag, "Europe/Paris")(seen)
    assert told.texts["said"] == said
    assert (told.done, told.readers, told.texts["time"]) == (1, 3, "–")


@ON_SQLITE
def test_an_edition_is_followed_to_its_end_and_not_told_twice(desk: Desk, app: Starlette) -> None:
    editor = sign_in(desk.house, asker(app))

    async def follow() -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []
        async with listening(app, editor, "/newsroom/live/1") as piece:
            assert (await piece()).startswith("retry: ")
            while not heard:
                heard += events(await piece())
            await asyncio.to_thread(finish, desk)
            while "event: end" not in (last := await piece()):
                heard += events(last)
        return heard

    heard = asyncio.run(follow())
    assert [heard[0]["done"], heard[-1]["done"]] == [0, 3]
    assert heard[-1]["state"] == "sent"
    whole = editor.get("/newsroom/live/1").text
    mark = whole.rpartition("id: ")[2].split()[0]
    again = editor.get("/newsroom/live/1", headers={"Last-Event-ID": mark})
    assert (again.status_code, again.text) == (204, "")


@ON_SQLITE
def test_many_listeners_cost_one_look_and_leave_nothing_behind(
    desk: Desk, app: Starlette, room: Room
) -> None:
    editors = [sign_in(desk.house, asker(app), address=f"{n}@relais.example") for n in range(4)]
    room.lookout.rhythm = Rhythm(look=0.2)
    looks: list[str] = []

    @event.listens_for(desk.house.engine, "before_cursor_execute")
    def count(_c: Any, _u: Any, statement: str, *_rest: Any) -> None:
        if "sum(batches.size)" in statement:
            looks.append(statement)

    async def all_of_them() -> None:
        streams = [listening(app, one, "/newsroom/live/1") for one in editors for _ in range(5)]
        pieces = [await one.__aenter__() for one in streams]
        for piece in pieces:
            while not events(await piece()):
                pass
        for one in streams:
            await one.__aexit__(None, None, None)
        assert room.lookout.has_room(editors[0].person.id)
        assert room.lookout.seen(1) is None

    asyncio.run(all_of_them())
    assert len(looks) <= 3


@ON_SQLITE
def test_who_signs_out_hears_no_more(desk: Desk, app: Starlette) -> None:
    editor = sign_in(desk.house, asker(app))

    async def follow() -> None:
        async with listening(app, editor, "/newsroom/live/1") as piece:
            await piece()
            with writing(desk.house.engine) as connection:
                sessions.end_all(connection, editor.person.id)
            while await piece():
                pass

    asyncio.run(asyncio.wait_for(follow(), 5))


@ON_SQLITE
def test_an_edition_that_waits_for_a_person_says_so(desk: Desk, app: Starlette) -> None:
    editor = sign_in(desk.house, asker(app))
    with writing(desk.house.engine) as connection:
        steering.pause(connection, load(connection, 1), by="x", why="y", now=SLOT)

    async def follow() -> dict[str, Any]:
        async with listening(app, editor, "/newsroom/live/1") as piece:
            while not (heard := events(await piece())):
                pass
        return heard[0]

    assert asyncio.run(follow())["texts"]["state"] == "Paused"


@ON_SQLITE
def test_a_listener_hears_that_we_are_here_though_nothing_changes(
    desk: Desk, app: Starlette
) -> None:
    editor = sign_in(desk.house, asker(app))

    async def follow() -> None:
        async with listening(app, editor, "/newsroom/live/1") as piece:
            while not (await piece()).startswith(":"):
                pass

    asyncio.run(asyncio.wait_for(follow(), 5))


@ON_SQLITE
def test_nobody_listens_without_bound_nor_to_what_is_not_there(
    desk: Desk, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask: Ask = asker(app)
    editor = sign_in(desk.house, ask)
    assert ask("GET", "/newsroom/live/1").status_code == 303
    for path in ("2", "1,2", "x", "9" * 18, ",".join("1" * 11)):
        assert editor.get(f"/newsroom/live/{path}").status_code == 404
    monkeypatch.setattr(lookout, "EACH_AT_MOST", 0)
    assert editor.get("/newsroom/live/1").status_code == 429


@ON_SQLITE
def test_a_web_that_ends_keeps_nobody_listening(house: House, tmp_path: Path, desk: Desk) -> None:
    whole = make_app(house, tmp_path)
    editor = sign_in(house, asker(whole))

    async def follow() -> None:
        async with listening(whole, editor, "/newsroom/live/1") as piece:  # type: ignore[arg-type]
            await piece()
            whole.close()
            while await piece():
                pass

    asyncio.run(asyncio.wait_for(follow(), 5))
    assert editor.get("/newsroom/live/1").status_code == 429
