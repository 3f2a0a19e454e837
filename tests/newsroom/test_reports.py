"""The newsroom's reports: numbers over time and of one edition; names for who may see them."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from editing import owed
from house import House, publication
from newsroom import ON_SQLITE, sign_in
from sqlalchemy import insert, update

from colporteur.audience.leaving import leave
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback
from colporteur.db.tables.syndication import feed_polls, feed_readers
from colporteur.editions.progress import recount_all
from colporteur.editions.store import load
from colporteur.editions.totals import totals
from colporteur.staff.people import Role
from colporteur.syndication.polls import polls_by_day


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


@pytest.fixture
def edition(house: House) -> int:
    """An edition that left an hour ago: two took it, one of whom it came back from, one did not."""
    house.apply(publication())
    with reading(house.engine) as connection:
        house.now = database_now(connection) - timedelta(hours=1)
    found = owed(house, "amina", "bruno", "chafik", now=house.now)
    with writing(house.engine) as connection:
        done = {"status": "sent", "attempts": 1, "ended_at": house.now}
        connection.execute(update(deliveries).values(done))
        third = deliveries.c.id == 3
        why = {"status": "failed", "reason": "policy", "smtp_code": 550, "reply": "no"}
        connection.execute(update(deliveries).where(third).values(why))
        connection.execute(update(batches).values(status="done"))
        recount_all(connection)
        connection.execute(
            update(editions).values(state="sent", first_left_at=house.now, frozen_at=house.now)
        )
        back = {"source": "lmtp", "event_id": "1", "at": house.now, "kind": "bounce"}
        back |= {"verdict": "hard", "subscriber_id": 1, "edition_id": found}
        connection.execute(insert(feedback).values(**back, text="x", domain="example.org"))
        public = load(connection, found).public_id
        leave(connection, 2, by="page", edition=public, now=house.now + timedelta(minutes=1))
        day = f"{house.now:%Y-%m-%d}"
        for path, polls in {"feeds/actualites.rss": 5, "feeds/nashra/law.rss": 2}.items():
            row = {"day": day, "path": path, "status": 200, "polls": polls}
            connection.execute(insert(feed_polls).values(row))
        told = {"path": "feeds/actualites.rss", "agent": "Feedly", "subscribers": 12}
        connection.execute(insert(feed_readers).values(**told, seen_at=house.now))
    return found


def test_an_edition_is_summed_without_counting_deliveries(house: House, edition: int) -> None:
    since, until = house.now - timedelta(days=1), house.now + timedelta(days=1)
    with reading(house.engine) as connection:
        (one,) = totals(connection, since, until, channel_id=1)
        assert totals(connection, since, until, channel_id=2) == []
        assert sum(polls_by_day(connection, since).values()) == 7
        assert sum(polls_by_day(connection, since, "nashra").values()) == 2
    assert (one.readers, one.sent, one.failed, one.bounced) == (3, 2, 1, 1)
    assert (one.complained, one.unsubscribed, one.edition.id) == (0, 1, edition)


@ON_SQLITE
def test_reports_over_time_are_charts_tables_and_files(
    house: House, ask: Ask, edition: int
) -> None:
    author = sign_in(house, ask, Role.AUTHOR)
    page = author.get("/newsroom/reports?days=90&channel=actualites").text
    assert "Accepted by the relay" in page
    assert "delivered" not in page.lower()
    for address in re.findall(r'src="(/newsroom/reports/charts[^"]+)"', page):
        assert author.get(address.replace("&amp;", "&")).text.startswith("<svg")
    lines = list(csv.DictReader(io.StringIO(author.get("/newsroom/reports/editions.csv").text)))
    assert [(one["accepted_by_the_relay"], one["failed"]) for one in lines] == [("2", "1")]
    assert author.get("/newsroom/reports/feeds.csv").text.endswith(",7\r\n")


@ON_SQLITE
def test_whom_an_edition_missed_is_told_to_editors_alone_who_may_send_it_again(
    house: House, ask: Ask, edition: int
) -> None:
    author, editor = sign_in(house, ask, Role.AUTHOR), sign_in(house, ask)
    here = f"/newsroom/reports/{edition}"
    assert author.get(f"{here}/missed").status_code == 403
    for shown in (author.get(here).text, author.get(f"{here}/outcomes.csv").text):
        assert "example.org" not in shown  # of so few readers it might be somebody's name
        assert "policy" in shown or "refused by a rule" in shown
    assert author.get(f"{here}/outcomes.svg").status_code == 200
    assert "example.org" in editor.get(here).text
    assert "chafik@example.org" in editor.get(f"{here}/missed").text
    sent = editor.post(f"{here}/resend")
    assert "again=1" in sent.headers["location"]
    assert "leaves again: 1" in editor.get(sent.headers["location"]).text
    assert editor.get("/newsroom/reports/999").status_code == 404
