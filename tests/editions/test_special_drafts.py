"""Drafts of special editions, and whom they would reach."""

from datetime import timedelta
from typing import Any

import pytest
from desk import SLOT, Desk
from house import NOW, House
from sqlalchemy import update

from colporteur.audience.addresses import parse_address
from colporteur.audience.barring import bar
from colporteur.db import undoing, writing
from colporteur.db.tables.audience import subscriptions
from colporteur.editions import special_drafts
from colporteur.editions.drafting import meant_by
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.special_drafts import Draft
from colporteur.editions.special_reach import Reach, Reached, reach
from colporteur.editions.special_writing import Writing, clashes
from colporteur.editions.states import State
from colporteur.exceptions import UnknownName
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def desk(house: House) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites", "revue")
    return desk


def saved(house: House, draft: Draft, by: str = "amina", **parts: Any) -> Draft:
    with writing(house.engine) as connection:
        now = special_drafts.load(connection, draft.id, to_change=True)
        return special_drafts.save(connection, now, parts, by=by, now=LATER)


def begun(house: House, key: str = "k", **parts: Any) -> Draft:
    with house.open() as (connection, _, names):
        home = names.channels["actualites"]
        said = Writing(home, **({"channels": (home,)} | parts))
        return special_drafts.begin(connection, said, key=key, by="zoe", now=NOW)[0]


def test_a_draft_is_kept_whole_and_begun_once_under_its_key(house: House) -> None:
    first = begun(house, note="Une note.", articles=(3, 1), topics=(2,), at="2026-11-24T07:00")
    again = begun(house, note="Une autre.")
    assert again == first
    assert first.writing.articles == (3, 1)
    assert (first.version, first.made_by, first.hands) == (1, "zoe", ("zoe",))


def test_what_is_written_anew_says_by_whom_and_what_says_the_same_is_no_change(
    house: House,
) -> None:
    draft = begun(house, subject="Un")
    after = saved(house, draft, subject="Deux", note="")
    assert (after.version, after.changed_by, after.hands) == (2, "amina", ("zoe", "amina"))
    assert [(one.part, one.version) for one in after.touched] == [("subject", 2)]
    assert saved(house, after, subject="Deux") == after


def test_only_what_another_wrote_since_and_would_be_undone_is_a_clash(house: House) -> None:
    draft = begun(house, subject="Un")
    after = saved(house, draft, subject="Deux")

    def undone(by: str, seen: int, **parts: Any) -> list[str]:
        found = clashes(after.writing, after.touched, parts, seen=seen, by=by)
        return [one.part for one in found]

    assert undone("zoe", 1, subject="Trois") == ["subject"]
    assert undone("zoe", 2, subject="Trois") == []
    assert undone("amina", 1, subject="Trois") == []
    assert undone("zoe", 1, subject="Deux", note="Une note.") == []


def test_drafts_that_became_editions_or_were_discarded_are_drafts_no_more(house: House) -> None:
    Desk(house).set_up("actualites")
    house.subscribe("a@example.org")
    first, second, third = begun(house, "a"), begun(house, "b"), begun(house, "c")
    made = Desk(house).special(note="Une note.", subject="Sujet")
    saved(house, first, subject="Le dernier touché")
    with writing(house.engine) as connection:
        special_drafts.became(connection, second, made.id)
        found = special_drafts.unfinished(connection, 10)
        assert [one.id for one in found] == [first.id, third.id]
        special_drafts.discard(connection, third)
        with pytest.raises(UnknownName):
            special_drafts.load(connection, third.id)


def reached(desk: Desk, **said: Any) -> tuple[Reach, dict[str, int]]:
    with undoing(desk.house.engine) as connection:
        publication = require(connection).publication
        names = ids(connection, publication)
        home = names.channels["actualites"]
        to = tuple(names.channels[one] for one in said.pop("to", ("actualites",)))
        meant = meant_by(publication, names, Writing(home, channels=to, **said))
        found = reach(connection, publication, names, meant, Whom(), desk.house.now)
        return found, dict(names.channels)


def test_each_reader_is_counted_once_with_the_channel_that_brings_it(desk: Desk) -> None:
    for address in ("a@example.org", "b@example.org"):
        desk.house.subscribe(address)
    desk.house.subscribe("b@example.org", channel="revue")
    desk.house.subscribe("c@example.org", channel="revue")
    alert = desk.take("Alerte", channels=("actualites", "revue"))
    found, names = reached(desk, to=("actualites", "revue"), articles=(alert,))
    assert found.channels == {names["actualites"]: Reached(2), names["revue"]: Reached(1)}
    assert (found.meant, found.get, found.had_all, found.had_some) == (3, 3, 0, 0)
    assert found.instead == 3


def test_who_had_all_gets_nothing_and_who_had_some_gets_the_rest(desk: Desk) -> None:
    desk.house.subscribe("a@example.org")
    old = desk.take("Hier")
    sent = desk.special(old)
    desk.house.subscribe("new@example.org")
    new = desk.take("Aujourd’hui")
    found, _ = reached(desk, articles=(old,))
    assert (found.meant, found.had_all, found.get) == (2, 1, 1)
    both, _ = reached(desk, articles=(old, new))
    assert (both.get, both.had_some) == (2, 1)
    noted, _ = reached(desk, articles=(old,), note="Une note.")
    assert (noted.had_all, noted.get) == (1, 2)
    assert desk.edition(sent.id) == sent  # nothing stays


def test_it_comes_instead_of_a_digest_for_those_who_would_have_had_it_there(desk: Desk) -> None:
    desk.house.subscribe("all@example.org")
    desk.house.subscribe("law@example.org", topics_in=("law",))
    alert = desk.take("Alerte", topics=("health",))
    desk.house.subscribe("late@example.org", back=-timedelta(seconds=1))  # began after it
    assert reached(desk, articles=(alert,))[0].instead == 1
    desk.tick(SLOT - timedelta(minutes=1))  # the digest is fixed, and would make way
    assert len(desk.editions(State.FROZEN)) == 1
    assert reached(desk, articles=(alert,))[0].instead == 1


def test_who_is_left_out_is_counted_by_the_reason(desk: Desk) -> None:
    made = {
        name: desk.house.subscribe(f"{name}@example.org", topics_in=("law",))
        for name in ("law", "pause", "none", "barred", "left")
    }
    desk.house.subscribe("health@example.org", topics_in=("health",))
    with desk.house.open() as (connection, _, names):
        for name, values in (
            ("pause", {"state": "paused"}),
            ("none", {"specials": False}),
            ("left", {"state": "unsubscribed"}),
        ):
            mine = update(subscriptions).where(subscriptions.c.id == made[name].subscription_id)
            connection.execute(mine.values(values))
        topic = names.topics["law"]
    with writing(desk.house.engine) as connection:
        bar(connection, parse_address("barred@example.org"), why="asked", by="zoe", now=NOW)
    found, _ = reached(desk, note="Une note.", topics=(topic,))
    assert found.meant == 1
    assert found.left_out == {"barred": 1, "topics": 1, "declined": 1, "paused": 1}


def test_a_correction_reaches_who_got_what_it_corrects_and_has_not_left(desk: Desk) -> None:
    made = {one: desk.house.subscribe(f"{one}@example.org") for one in ("a", "b", "c")}
    wrong = desk.special(desk.take("Faux"))
    desk.now_sent(wrong.id)
    desk.house.subscribe("new@example.org")
    with writing(desk.house.engine) as connection:
        left = update(subscriptions).where(subscriptions.c.id == made["b"].subscription_id)
        connection.execute(left.values(state="unsubscribed"))
        none = update(subscriptions).where(subscriptions.c.id == made["c"].subscription_id)
        connection.execute(none.values(specials=False))
    found, names = reached(desk, corrects=wrong.id, note="Il fallait lire 12.", subject="Erratum")
    assert found.channels == {names["actualites"]: Reached(2)}
    assert (found.get, found.left_out) == (2, {"left": 1})
