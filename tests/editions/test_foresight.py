from datetime import UTC, datetime, timedelta

from house import NOW, House, channel, digest, publication
from hypothesis import given
from hypothesis import strategies as st

from colporteur.db import reading
from colporteur.editions import scheduling, steering, store
from colporteur.editions.arranging import Wishes, arrange, edition_at
from colporteur.editions.brakes import Brake
from colporteur.editions.foresight import Outing, Slots, caught_up, merged
from colporteur.editions.foretelling import foretell
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.specials import Special, draft

SLOT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def foretold(house: House, now: datetime, *, back: timedelta = 2 * DAY) -> list[Outing]:
    with house.open() as (connection, revision, names):
        found = foretell(
            connection, revision, names, now=now, ahead=3 * DAY, back=back, whom=Whom()
        )
    return [one for one in found if one.channel == "actualites"]


def tick(house: House, now: datetime, brake: Brake = scheduling.NO_BRAKE) -> None:
    with house.open() as (connection, revision, names):
        scheduling.advance(connection, revision, names, now, brake)


def said(found: list[Outing]) -> list[tuple[datetime | None, str, int, int | None]]:
    return [(one.leaves, one.state, one.readers, one.articles) for one in found]


def test_the_calendar_shows_each_slot_and_the_first_shows_what_waits(house: House):
    house.take("Un")
    house.take("Deux")
    house.subscribe("a@example.org")
    assert said(foretold(house, NOW)) == [
        (SLOT, "planned", 1, 2),
        (SLOT + DAY, "planned", 1, None),
        (SLOT + 2 * DAY, "planned", 1, None),
    ]


def test_what_was_brought_does_not_wait_for_the_next(house: House):
    house.take("Un")
    house.subscribe("a@example.org")
    tick(house, SLOT)
    house.now = SLOT + timedelta(hours=1)
    house.take("Deux")
    found = foretold(house, house.now)
    assert said(found)[:2] == [(SLOT, "sending", 1, 1), (SLOT + DAY, "planned", 1, 1)]


def test_an_arranged_edition_is_one_with_its_slot(house: House):
    house.take("Un")
    with house.open() as (connection, revision, names):
        found = edition_at(
            connection,
            revision,
            names,
            revision.publication.channel("actualites"),
            "matin",
            SLOT + DAY,
            by="leila",
            now=NOW,
        )
        arrange(connection, found, Wishes(lead=1), by="leila", now=NOW)
    outings = foretold(house, NOW)
    assert [(one.slot, one.state, one.arranged_by) for one in outings] == [
        (SLOT, "planned", ()),
        (SLOT + DAY, "open", ("leila",)),
        (SLOT + 2 * DAY, "planned", ()),
    ]
    assert [one.articles for one in outings] == [1, None, None]


def test_what_was_missed_or_skipped_lately_is_shown_with_the_reason(house: House):
    house.subscribe("a@example.org")
    tick(house, SLOT)
    found = foretold(house, SLOT + DAY / 2)
    assert next((one.state, one.reason) for one in found) == ("skipped", "nothing new")
    assert foretold(house, SLOT + DAY / 2, back=timedelta(0))[0].state == "planned"


def test_a_slot_missed_while_down_is_shown_while_it_can_be_caught_up(house: House):
    later = SLOT + 2 * DAY + timedelta(hours=1)
    assert foretold(house, later)[0].leaves == SLOT + 2 * DAY
    assert foretold(house, later + timedelta(hours=6))[0].leaves == SLOT + 3 * DAY


def test_a_cancelled_edition_is_not_planned_again(house: House):
    with house.open() as (connection, _revision, names):
        number = names.channels["actualites"]
        opened = store.open_edition(connection, number, "matin", SLOT, by="leila", now=NOW)
        assert opened is not None
        steering.cancel(connection, opened, by="leila", why="a holiday", now=NOW)
    first, second = foretold(house, NOW)[:2]
    assert (first.leaves, first.state, first.reason) == (SLOT, "cancelled", "a holiday")
    assert (second.leaves, second.state) == (SLOT + DAY, "planned")
    assert foretold(house, SLOT + timedelta(hours=1))[0].state == "cancelled"


def test_a_special_shows_its_people_and_a_draft_comes_last(house: House):
    house.take("Un")
    house.subscribe("a@example.org")
    with house.open() as (connection, revision, names):
        home = revision.publication.channel("actualites")
        audience = Audience((names.channels["actualites"],))
        content = Special(home, audience, (1,))
        draft(connection, content, names, key="k", by="leila", now=NOW)
    last = foretold(house, NOW)[-1]
    assert said([last]) == [(None, "draft", 1, 1)]


def test_what_is_older_than_max_age_does_not_wait(house: House):
    wanted = publication(
        channels=[channel("actualites", "fr", digest=digest(max_age="1d")), channel("nashra", "ar")]
    )
    house.apply(wanted)
    house.take("Ancien", dated_at=NOW - 2 * DAY)
    assert foretold(house, NOW)[0].articles == 0


def test_looking_changes_nothing(house: House):
    house.take("Un")
    with house.open() as (connection, revision, names):
        home = revision.publication.channel("actualites")
        content = Special(home, Audience((names.channels["actualites"],)), (1,))
        draft(connection, content, names, key="k", by="leila", now=NOW)
    with reading(house.engine) as connection:
        before = [(one.id, one.state) for one in store.in_state(connection, *store.State)]
    foretold(house, NOW)
    with reading(house.engine) as connection:
        after = [(one.id, one.state) for one in store.in_state(connection, *store.State)]
    assert before == after


HOURS = st.integers(0, 20)


@given(st.sets(HOURS, max_size=12), st.sets(HOURS, max_size=12))
def test_every_slot_is_there_once_and_in_order(planned: set[int], opened: set[int]):
    coming = tuple(SLOT + timedelta(hours=one) for one in sorted(planned))
    there = [
        Outing("news", "UTC", slot, "regular", "matin", "open", slot=slot)
        for slot in (SLOT + timedelta(hours=one) for one in sorted(opened))
    ]
    found = merged([Slots("news", "UTC", "matin", coming, 3, 7)], there)
    assert [one.leaves for one in found] == [
        SLOT + timedelta(hours=one) for one in sorted(planned | opened)
    ]
    assert [one.articles for one in found if one.articles is not None] == [7][: len(found)]


def test_of_several_missed_slots_the_last_is_caught_up():
    missed = [SLOT, SLOT + DAY]
    assert caught_up(missed, SLOT) == (SLOT + DAY,)
    assert caught_up(missed, SLOT + 2 * DAY) == ()
    assert caught_up([], SLOT) == ()
