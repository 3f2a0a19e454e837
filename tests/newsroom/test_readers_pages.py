"""The newsroom's pages about readers: found, added, helped, let go; no token on any."""

import json
import re
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from editing import owed
from house import House, publication
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import select, update

from colporteur.audience.searching import Wanted, counted, key_begins, search
from colporteur.audience.states import State
from colporteur.db import reading, writing
from colporteur.db.tables.audience import consents, subscribers, subscriptions, suppressions
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.staff.audit import noted
from colporteur.staff.people import Role


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    house.apply(publication())
    return asker(make_app(house, tmp_path))


@pytest.fixture
def editor(house: House, ask: Ask) -> Editor:
    return sign_in(house, ask)


def found(house: House, **wanted: object) -> list[str]:
    with reading(house.engine) as connection:
        return [one.address for one in search(connection, Wanted(**wanted), 10)]  # type: ignore[arg-type]


def test_readers_are_found_by_how_their_address_begins_and_by_channel_and_state(
    house: House,
) -> None:
    house.apply(publication())
    names = ["ana@b.example", "an_a@b.example", "ANATOLE@b.example", "bo@b.example"]
    ids = [house.subscribe(one).subscriber_id for one in names]
    house.subscribe("bo@b.example", channel="nashra")
    with writing(house.engine) as connection:
        gone = subscriptions.c.subscriber_id == ids[0]
        connection.execute(update(subscriptions).where(gone).values(state="unsubscribed"))
        barred = subscribers.c.id == ids[1]
        connection.execute(update(subscribers).where(barred).values(state="complained"))
        counts = counted(connection)
    assert found(house) == names[::-1]
    assert found(house, begins=key_begins(" AnA")) == ["ana@b.example", "ANATOLE@b.example"]
    assert found(house, begins="an", after=ids[1]) == ["ana@b.example", "ANATOLE@b.example"]
    assert found(house, after=ids[2]) == names[1::-1]
    assert found(house, channel_id=2) == ["bo@b.example"]
    assert found(house, state=State.UNSUBSCRIBED) == ["ana@b.example"]
    assert found(house, state=State.COMPLAINED) == ["an_a@b.example"]
    assert found(house, state=State.ACTIVE, channel_id=1) == ["bo@b.example", "ANATOLE@b.example"]
    assert counts[1] == {State.ACTIVE: 3, State.UNSUBSCRIBED: 1}


def test_an_address_is_looked_for_by_the_unique_index(house: House) -> None:
    plan = "EXPLAIN QUERY PLAN" if house.engine.dialect.name == "sqlite" else "EXPLAIN"
    with reading(house.engine) as connection:
        if plan == "EXPLAIN":  # with so few rows it would read them all
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        key = subscribers.c.address_key
        query = select(subscribers.c.id).where(key >= "an", key < "an\U0010ffff").order_by(key)
        text = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
        said = str(connection.exec_driver_sql(f"{plan} {text}").all())
    assert "address_key" in said
    assert "Sort" not in said
    assert "TEMP B-TREE" not in said


@ON_SQLITE
def test_the_same_form_sent_twice_writes_to_a_new_reader_once(house: House, editor: Editor) -> None:
    typed = {"address": "leila@example.org", "channel": "actualites", "how": "ask"}
    both = [editor.post("/newsroom/readers/new", typed) for _ in range(2)]
    assert len({one.headers["location"] for one in both}) == 1
    editor.post("/newsroom/readers/new", typed | {"hour": "19:30"})
    with reading(house.engine) as connection:
        assert connection.scalars(select(letters.c.message)).all() == ["confirm"] * 2
        assert connection.scalars(select(subscriptions.c.minute)).all() == [1170]


@ON_SQLITE
def test_a_reader_is_added_by_a_letter_that_asks_them_or_on_a_stated_consent(
    house: House, editor: Editor
) -> None:
    typed = {"address": "leila@example.org", "channel": "actualites", "hour": "19:30"}
    asked = editor.post("/newsroom/readers/new", {**typed, "how": "ask", "specials": "yes"})
    assert asked.headers["location"].endswith("?done=asked")
    with reading(house.engine) as connection:
        row = connection.execute(select(subscriptions)).one()
        assert (row.state, row.minute, row.specials) == ("pending", 1170, True)
        assert connection.scalars(select(letters.c.message)).all() == ["confirm"]
    short = editor.post("/newsroom/readers/new", {**typed, "how": "stated", "consent": "yes"})
    assert short.status_code == 422
    assert 'value="leila@example.org"' in short.text
    said = {**typed, "how": "stated", "consent": "Wrote to us on 3 October 2026."}
    added = editor.post("/newsroom/readers/new", said)
    assert added.headers["location"].endswith("?done=added")
    with reading(house.engine) as connection:
        assert connection.scalars(select(subscriptions.c.state)).all() == ["active"]
        assert [one.action for one in noted(connection, limit=9)] == ["reader.added"] * 2
        stated = connection.execute(select(consents).where(consents.c.method == "staff")).all()
        assert sorted(one.confirmed_at is not None for one in stated) == [False, True]


@ON_SQLITE
@pytest.mark.parametrize(
    "wrong",
    [{"address": "leila"}, {"channel": "none"}, {"cadence": "x"}, {"hour": "٢٥:00"}],
)
def test_what_cannot_be_added_is_said_beside_its_field(
    editor: Editor, wrong: dict[str, str]
) -> None:
    typed = {"address": "leila@example.org", "channel": "actualites", "how": "ask"}
    answer = editor.post("/newsroom/readers/new", {**typed, **wrong})
    assert answer.status_code == 422
    assert f'id="{next(iter(wrong))}-fault"' in answer.text


@ON_SQLITE
def test_a_readers_page_tells_it_all_and_acts_on_their_word(house: House, editor: Editor) -> None:
    edition = owed(house, "leila")
    with writing(house.engine) as connection:
        connection.execute(update(deliveries).values(status="sent", attempts=1))
        connection.execute(update(batches).values(status="done"))
        connection.execute(update(subscribers).values(feed_key="s3cretkey"))
    page = editor.get("/newsroom/readers/1").text
    assert "Tri aux urgences" in page
    assert "accepted by the relay" in page
    assert "s3cretkey" not in page
    assert "/resend" in page
    with writing(house.engine) as connection:
        connection.execute(update(deliveries).values(status="skipped", reason="cancelled"))
    assert "/resend" not in editor.get("/newsroom/readers/1").text  # it would be refused
    with writing(house.engine) as connection:
        connection.execute(update(deliveries).values(status="sent", reason=None))

    def act(name: str, **typed: object) -> str:
        answer = editor.post(f"/newsroom/readers/1/{name}", typed)
        return answer.headers.get("location", answer.text)

    file = editor.post("/newsroom/readers/1/export")
    assert json.loads(file.text)["reader"]["address"] == "leila@example.org"
    assert "s3cretkey" not in file.text
    assert act("resend", edition=edition).endswith("done=resent")
    assert "wait for what comes of it" in act("resend", edition=edition)
    assert "nothing that this reader has yet to confirm" in act("confirmation")
    assert "Say why" in act("suppress")
    assert act("suppress", why="asked by phone").endswith("done=suppressed")
    assert act("lift", why="wrote to us again").endswith("done=lifted")
    assert act("unsubscribe", channel="actualites").endswith("done=left")
    assert "Nobody was forgotten" in act("erase", address="other@example.org")
    assert act("erase", address="Leila@example.org").endswith("done=erased")
    assert editor.get("/newsroom/readers/1").status_code == 404
    with reading(house.engine) as connection:
        done = [one.action for one in noted(connection, limit=20)]
        assert connection.scalar(select(suppressions.c.reason)) == "erased"
    assert done == [
        "reader.erased",
        "reader.unsubscribed",
        "reader.lifted",
        "reader.suppressed",
        "edition.resent",
        "reader.exported",
    ]


@ON_SQLITE
def test_the_list_and_the_charts_open_and_a_chart_runs_nothing(
    house: House, editor: Editor
) -> None:
    house.subscribe("leila@example.org", topics_in=("law",), minute=450)
    assert "leila@example.org" in editor.get("/newsroom/readers").text
    assert "Nobody is found" in editor.get("/newsroom/readers?address=zo").text
    assert editor.get(f"/newsroom/readers?address={'x' * 9000}&after=9").status_code == 200
    assert editor.get("/newsroom/readers?after=x").status_code == 404
    page = editor.get("/newsroom/readers/growth").text
    for address in re.findall(r'src="(/newsroom/readers/growth[^"]+)"', page):
        drawn = editor.get(address.replace("&amp;", "&"))
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert "script" not in drawn.text
        assert drawn.headers["content-security-policy"].startswith("default-src 'none'")
    assert "07:00" in page
    assert editor.get("/newsroom/readers/growth/x.svg").status_code == 404


@ON_SQLITE
def test_authors_see_no_reader(house: House, ask: Ask) -> None:
    author = sign_in(house, ask, Role.AUTHOR)
    assert author.get("/newsroom/readers").status_code == 403
    assert author.get("/newsroom/reports").status_code == 200
