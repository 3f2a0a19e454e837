"""What changes after a freeze: specials that come and go, cancellations, clocks, corrections."""

import contextlib
import itertools
import random
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from desk import DAY, SLOT, Desk
from house import NOW, House, publication
from sqlalchemy import Connection, select, update

from colporteur.db import make_engine, writing
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import variants
from colporteur.delivery import ledger
from colporteur.delivery.braking import close_lost
from colporteur.delivery.outcomes import Outcome, Status
from colporteur.delivery.transports import Reply
from colporteur.editions import scheduling, steering
from colporteur.editions.arranging import Wishes, arrange, edition_at
from colporteur.editions.freezing import regular as freezing
from colporteur.editions.freezing import tables as freeze_tables
from colporteur.editions.states import State
from colporteur.editions.store import load
from colporteur.editions.windows import open_windows, read_windows
from colporteur.exceptions import ColporteurError, TransitionRefused

HOUR = timedelta(hours=1)
HOLD = timedelta(minutes=5)
TWICE_A_DAY = {
    "matin": {"rule": "daily", "at": ["07:00"]},
    "soir": {"rule": "daily", "at": ["19:00"]},
}


@pytest.fixture
def desk(house: House) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites", "revue")
    return desk


def steer(desk: Desk, how: str, edition_id: int) -> None:
    with writing(desk.house.engine) as connection:
        done = getattr(steering, how)
        done(connection, load(connection, edition_id), by="x", why="x", now=desk.house.now)


def force(desk: Desk, now: datetime) -> None:
    desk.house.now = now
    with desk.house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="x", now=now)


def titles(desk: Desk) -> list[str]:
    """All that the one reader gets, sorted."""
    return sorted(itertools.chain.from_iterable(desk.brought()["a@example.org"]))


def paused_edition(desk: Desk) -> tuple[int, int]:
    """An edition of A and B that is paused before it left; the id of A, and its own."""
    desk.house.subscribe("a@example.org")
    article = desk.take("A")
    desk.take("B")
    desk.tick(SLOT)
    (edition,) = desk.editions(State.SENDING)
    steer(desk, "pause", edition.id)
    desk.house.now = SLOT + HOUR
    desk.take("C")
    return article, edition.id


def test_what_a_special_took_from_an_older_digest_and_lost_comes_again(desk: Desk):
    article, paused = paused_edition(desk)
    desk.tick(SLOT + DAY)
    special = desk.special(article)
    desk.tick(desk.house.now + HOLD)
    desk.now_sent(special.id, "failed")
    steer(desk, "resume", paused)
    desk.take("D")
    desk.tick(SLOT + 2 * DAY)
    assert titles(desk) == ["A", "B", "C", "D"]


def test_a_reader_of_a_late_hour_loses_nothing_to_a_special_that_failed(desk: Desk):
    desk.house.subscribe("a@example.org")
    with writing(desk.house.engine) as connection:
        connection.execute(update(subscriptions).values(minute=19 * 60))
    article = desk.take("A")
    desk.take("B")
    desk.tick(SLOT)
    desk.take("C")
    force(desk, SLOT + 5 * HOUR)
    special = desk.special(article)
    desk.tick(desk.house.now + HOLD)
    desk.now_sent(special.id, "failed")
    desk.take("D")
    desk.tick(SLOT + DAY)
    assert titles(desk) == ["A", "B", "C", "D"]


def test_what_goes_back_to_an_older_digest_is_in_no_newer_one(desk: Desk):
    article, paused = paused_edition(desk)
    special = desk.special(article)
    desk.tick(desk.house.now + HOLD)
    steer(desk, "pause", special.id)
    desk.tick(SLOT + DAY)
    desk.cancel(special.id)
    steer(desk, "resume", paused)
    desk.now_sent(paused)
    desk.take("D")
    desk.tick(SLOT + 2 * DAY)
    assert titles(desk) == ["A", "B", "C", "D"]


def test_what_a_newer_digest_has_does_not_go_back_to_an_older_one(desk: Desk):
    desk.house.subscribe("a@example.org", channel="actualites")
    desk.house.subscribe("a@example.org", channel="revue")
    article = desk.take("A", channels=("actualites",))
    desk.take("B", channels=("actualites",))
    desk.tick(SLOT)
    (edition,) = desk.editions(State.SENDING)
    steer(desk, "pause", edition.id)
    special = desk.special(article, to=("revue",))
    desk.tick(desk.house.now + HOLD)
    desk.now_sent(special.id, "skipped")  # they left that channel
    desk.tick(SLOT + DAY)  # brings A
    desk.cancel(special.id)
    assert titles(desk) == ["A", "B"]


def test_what_was_withdrawn_while_a_special_had_it_stays_out(desk: Desk):
    desk.house.subscribe("a@example.org")
    article = desk.take("A")
    desk.take("B")
    desk.tick(SLOT - timedelta(minutes=1))
    special = desk.special(article)
    desk.withdraw(article)
    desk.tick(desk.house.now + timedelta(seconds=1))
    desk.cancel(special.id)
    desk.tick(SLOT)
    assert titles(desk) == ["B"]


@pytest.mark.parametrize("came", ["deferred", "put_back", "dead"])
def test_what_was_in_flight_when_its_edition_was_cancelled_is_closed(desk: Desk, came: str):
    desk.house.subscribe("a@example.org")
    desk.take("A")
    desk.tick(SLOT)
    with writing(desk.house.engine) as connection:
        held = ledger.lease(connection, 1, SLOT, 60)
        assert held is not None
        assert ledger.mark_inflight(connection, held, ledger.standings(connection, [1]), SLOT)
    desk.cancel(1)
    with writing(desk.house.engine) as connection:
        if came == "deferred":
            later = Outcome(Status.DEFERRED, SLOT + HOUR)
            came_of = ledger.Came(1, later, Reply(451, "4.7.1 later"))
            ledger.record(connection, held, [came_of], SLOT)
            ledger.give_back(connection, held, None)
        elif came == "put_back":
            ledger.put_back(connection, held, [1], perhaps_taken=False)
            ledger.give_back(connection, held, None)
        else:  # a late hint does not take it up again
            assert ledger.lease(connection, 1, SLOT + HOUR, 60) is None
        assert close_lost(connection, SLOT + HOUR) == 1
    (row,) = desk.deliveries(1)
    assert (row.status, row.reason) == ("skipped", "cancelled")
    desk.tick(SLOT + DAY)
    assert titles(desk) == ["A"]


def test_an_approval_is_void_once_a_held_edition_is_changed(house: House):
    desk = Desk(house)
    desk.set_up("actualites", rules={"approval": True}, four_eyes=True)
    house.subscribe("a@example.org")
    desk.take("A")
    with house.open() as (connection, revision, names):
        place = revision.publication.channel("actualites")
        edition = edition_at(connection, revision, names, place, "matin", SLOT, by="amina", now=NOW)
    desk.approve(edition.id, "bruno")
    steer(desk, "hold", edition.id)
    with writing(house.engine) as connection:
        mine = load(connection, edition.id)
        arrange(connection, mine, Wishes(intro="Autre"), by="amina", now=NOW)
    steer(desk, "release", edition.id)
    desk.tick(SLOT)
    assert desk.edition(edition.id).state is State.AWAITING_APPROVAL


def test_what_waits_for_an_approver_is_not_let_go_by_releasing_it(desk: Desk):
    desk.set_up("actualites", specials={"approval": True})
    desk.house.subscribe("a@example.org")
    special = desk.special(desk.take("A"))
    with pytest.raises(TransitionRefused, match="cannot release"):
        steer(desk, "release", special.id)


def test_a_special_that_was_paused_goes_back_into_its_hold(desk: Desk):
    desk.house.subscribe("a@example.org")
    special = desk.special(desk.take("A"))
    steer(desk, "pause", special.id)
    steer(desk, "resume", special.id)
    assert desk.edition(special.id).state is State.HELD
    desk.tick(NOW + HOLD)
    assert desk.edition(special.id).state is State.SENDING


def test_a_clock_that_was_ahead_costs_no_coming_edition(desk: Desk):
    desk.house.subscribe("a@example.org")
    desk.take("A")
    desk.tick(SLOT)
    desk.tick(SLOT + 30 * DAY)  # for a moment
    desk.tick(SLOT + HOUR)
    desk.take("C")
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"a@example.org": [["A"], ["C"]]}


def test_an_article_whose_language_is_corrected_reaches_its_readers(house: House):
    desk = Desk(house)
    house.apply(publication())
    house.subscribe("a@example.org")
    url = "https://relais.example/a"
    desk.take("A", language="ar", channels=("actualites", "nashra"), url=url)
    desk.take("B", language="fr", channels=("actualites",))
    desk.tick(SLOT)
    desk.take("A", language="fr", url=url)
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"a@example.org": [["B"], ["A"]]}


def test_a_batch_is_not_done_while_rows_come_back_to_it(desk: Desk):
    """A special withdrawn between a worker's last look at its batch and its giving back."""
    desk.house.subscribe("a@example.org")
    desk.house.subscribe("b@example.org")
    article = desk.take("A")
    desk.tick(SLOT)
    desk.now_sent(1, "sent", "b@example.org")
    special = desk.special(article)
    with writing(desk.house.engine) as connection:
        held = ledger.lease(connection, 1, SLOT + HOUR, 60)
    assert held is not None
    desk.cancel(special.id)
    with writing(desk.house.engine) as connection:
        ledger.give_back(connection, held, None)
        assert connection.scalar(select(batches.c.status).where(batches.c.id == 1)) == "pending"


DOINGS = (
    *(["take"] * 4),
    *("sent", "sent", "failed", "skipped", "force", "pause", "resume", "hold", "release"),
    *("withdraw", "special", "cancel"),
)


@pytest.mark.parametrize("seed", range(6))
def test_the_last_variant_tells_what_all_deliveries_tell_and_nobody_gets_anything_twice(
    migrated_sqlite: Path, tmp_path: Path, seed: int
):
    path = tmp_path / "copy.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    desk = Desk(House(make_engine(f"sqlite:///{path}")))
    desk.set_up("actualites", "revue", rules={"max_items": 3, "cadences": TWICE_A_DAY})
    for number, slug in itertools.product(range(4), ("actualites", "revue")):
        wanted = ("health",) if number % 2 else ()
        desk.house.subscribe(f"r{number}@example.org", channel=slug, topics_in=wanted)
    chance = random.Random(seed)
    with mock.patch.object(freezing, "grouped", _compared):
        for step in range(40):
            desk.house.now += timedelta(minutes=chance.choice([5, 60, 300, 700]))
            with contextlib.suppress(ColporteurError):  # not everything is allowed at any time
                _do(desk, chance, step)
            desk.tick(desk.house.now)
            for brought in desk.brought().values():
                flat = list(itertools.chain.from_iterable(brought))
                assert len(flat) == len(set(flat))
    desk.house.engine.dispose()


def _do(desk: Desk, chance: random.Random, step: int) -> None:
    doing = chance.choice(DOINGS)
    known = [int(one) for one in range(1, step)]
    now = desk.house.now
    if doing == "take":
        topics = tuple(chance.sample(["health", "law"], chance.randint(0, 2)))
        slugs = tuple(chance.sample(["actualites", "revue"], chance.randint(1, 2)))
        desk.take(f"T{step}", topics=topics, channels=slugs)
    elif doing == "special":
        desk.special(chance.choice(known or [0]), to=("actualites", "revue"), key=str(step))
    elif doing == "withdraw":
        desk.withdraw(chance.choice(known or [0]))
    elif doing == "force":
        force(desk, now)
    elif doing in {"sent", "failed", "skipped"}:
        for edition in desk.editions(State.SENDING):
            number = chance.randrange(4)
            desk.now_sent(edition.id, doing, f"r{number}@example.org")
    elif every := desk.editions():
        steer(desk, doing, chance.choice(every).id)


def _compared(connection: Connection) -> list[freeze_tables.Group]:
    """Compare the quick way with the slow one for each reader of a freeze."""
    for row in connection.execute(select(freeze_tables.readers)).all():
        if not row.base_id:
            continue
        base = select(variants.c.settled).where(variants.c.id == row.base_id)
        mine = (
            select(variants.c.windows)
            .join(deliveries, deliveries.c.variant_id == variants.c.id)
            .where(deliveries.c.subscription_id == row.subscription_id)
            .where(deliveries.c.status.not_in(["failed", "skipped"]))
        )
        windows = ",".join(one for one in connection.scalars(mine) if one)
        quick, slow = (
            open_windows(row.start_number, 10_000, read_windows(text))
            for text in (connection.scalar(base) or "", windows)
        )
        assert quick == slow
    return freeze_tables.grouped(connection)
