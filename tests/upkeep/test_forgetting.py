"""What is forgotten beside deliveries, what keeps it, and what stays of it."""

from datetime import timedelta
from typing import Any

import pytest
from house import NOW, House, publication
from sqlalchemy import Connection, func, insert, select, update

from colporteur.db import reading, writing
from colporteur.db.tables import metadata
from colporteur.db.tables.articles import refusals
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.db.tables.editions import editions
from colporteur.db.tables.syndication import feed_polls
from colporteur.delivery.letters import write_letter
from colporteur.delivery.pruning import count_old, prune
from colporteur.digests.letters import GOODBYE
from colporteur.editions import scheduling
from colporteur.staff import links, people, sessions
from colporteur.staff.links import Purpose

DAY = timedelta(days=1)


@pytest.fixture
def ended(house: House) -> House:
    """A house whose edition of three batches is over; its deliveries are forgotten."""
    house.take("Tri aux urgences", body_html="<p>Un texte.</p>")
    house.subscribe("amina@example.org")
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="test", now=NOW)
        connection.execute(update(editions).values(ended_at=NOW, state="sent"))
        connection.execute(update(batches).values(size=3, sent=1, failed=2, status="done"))
        edition = connection.scalar(select(editions.c.id))
        for number in (7, 8):
            row = {"edition_id": edition, "batch_no": number, "priority": 5, "domain_group": "*"}
            more = {"due_at": NOW, "status": "done", "attempts": 1, "size": 4, "sent": 3}
            connection.execute(insert(batches).values(row | more | {"skipped": 1}))
    return house


def test_batches_of_an_edition_become_one_that_counts_the_same_once_nobody_asks_who_got_it(
    ended: House,
):
    before = _counted(ended)
    assert _forgotten(ended, 401 * DAY) == {}  # who got it is still known
    with writing(ended.engine) as connection:
        connection.execute(update(deliveries).values(status="sent", ended_at=NOW))
    assert _forgotten(ended, 401 * DAY, chunk=1) == {"deliveries": 1, "batches": 2}
    assert _count(ended, "batches") == 1
    assert _counted(ended) == before == (11, 7, 2, 2)
    assert _forgotten(ended, 500 * DAY) == {}


def test_a_letter_goes_whole_when_its_words_have_long_gone_and_one_that_waits_stays(house: House):
    with writing(house.engine) as connection:
        for name in ("amina", "bruno"):
            _write(connection, name)
        first = connection.scalar(select(func.min(letters.c.id)))
        one = deliveries.c.letter_id == first
        connection.execute(update(deliveries).where(one).values(status="sent", ended_at=NOW))
        batch = select(deliveries.c.batch_id).where(one).scalar_subquery()
        connection.execute(update(batches).where(batches.c.id == batch).values(status="done"))
    assert _forgotten(house, 399 * DAY) == {"letters": 1}
    assert _forgotten(house, 401 * DAY) == {"letter_rows": 1}
    assert [_count(house, name) for name in ("letters", "deliveries", "batches")] == [1, 1, 1]


def test_what_was_refused_polled_or_signed_in_long_ago_is_counted_first_and_then_gone(
    house: House,
):
    with writing(house.engine) as connection:
        said = {"origin": "file", "title": "", "reason": "", "cure": ""}
        for number, at in enumerate((NOW - 91 * DAY, NOW)):
            row = {"key": str(number), "entry": str(number), "at": at}
            connection.execute(insert(refusals).values(row | said))
        for days in (801, 802, 1):
            row = {"day": f"{NOW - days * DAY:%Y-%m-%d}", "path": "feeds/a.rss", "polls": 3}
            for status in (200, 304):
                connection.execute(insert(feed_polls).values(row | {"status": status}))
        person, _ = people.add(connection, "a@relais.example", name="", role=None, now=NOW)
        long_ago = NOW - 500 * DAY
        sessions.begin(connection, person, agent="", ip=None, now=long_ago)
        sessions.begin(connection, person, agent="", ip=None, now=NOW)
        links.make(connection, Purpose.RESET, person.id, long_ago)
    with reading(house.engine) as connection:
        counted = {k: v for k, v in count_old(connection, publication(), NOW).items() if v}
    assert counted == {"refusals": 1, "polls": 2, "sessions": 1, "links": 1}
    assert _forgotten(house, timedelta()) == counted
    names = ("refusals", "feed_polls", "sessions", "staff_links")
    assert [_count(house, name) for name in names] == [1, 2, 1, 0]


def test_the_publication_says_how_long_refusals_and_polls_are_kept(house: House):
    with writing(house.engine) as connection:
        row: dict[str, Any] = {"key": "1", "entry": "1", "at": NOW - 3 * DAY, "origin": "file"}
        connection.execute(insert(refusals).values(row | {"title": "", "reason": "", "cure": ""}))
    short = publication(retention={"refusals": "2d", "polls": "30d"})
    assert list(prune(house.engine, short, NOW)) == [("refusals", 1)]


def _forgotten(house: House, after: timedelta, *, chunk: int = 5000) -> dict[str, int]:
    counts: dict[str, int] = {}
    for what, number in prune(house.engine, publication(), NOW + after, chunk=chunk):
        counts[what] = counts.get(what, 0) + number
    return counts


def _counted(house: House) -> tuple[int, ...]:
    columns = (batches.c[name] for name in ("size", "sent", "failed", "skipped"))
    with reading(house.engine) as connection:
        return tuple(connection.execute(select(*map(func.sum, columns))).one())


def _count(house: House, table: str) -> int:
    with reading(house.engine) as connection:
        return connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0


def _write(connection: Connection, name: str) -> None:
    said = {"channels": ["Actualités"], "undo_url": "https://relais.example/undo/x"}
    to = f"{name}@example.org"
    assert write_letter(connection, f"goodbye:{name}", GOODBYE, to, "fr", said, NOW)
