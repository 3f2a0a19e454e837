"""Editors who act at the same moment, and drafts that cannot be confirmed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from house import NOW, House, channel, digest, publication

from colporteur.editions import arranging, specials, store
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.specials import Special
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.exceptions import ArrangementRefused, SpecialRefused, TransitionRefused

LATER = NOW + timedelta(seconds=1)
SLOT = NOW.replace(hour=6) + timedelta(days=1)  # 07:00 in Paris


def draft(house: House, *, key: str = "k", home: str = "actualites") -> Edition:
    with house.open() as (connection, revision, names):
        audience = Audience((names.channels["actualites"],))
        said = Special(
            revision.publication.channel(home), audience, note="Une grève.", subject="Grève"
        )
        return specials.draft(connection, said, names, key=key, by="amina", now=NOW)


def confirm(house: House, edition: Edition) -> Edition:
    with house.open() as (connection, revision, _names):
        return specials.confirm(
            connection, edition, revision, typed=None, at=None, by="amina", now=LATER, whom=Whom()
        )


def changes(house: House, edition: Edition) -> list[tuple[str, str]]:
    with house.open() as (connection, _revision, _names):
        return [(row.to_state, row.why) for row in store.history(connection, edition.id)]


def test_a_draft_confirmed_twice_at_once_is_confirmed_once(house: House):
    house.subscribe("a@example.org")
    made = draft(house)
    with ThreadPoolExecutor(2) as pool:
        both = [one.result() for one in [pool.submit(confirm, house, made) for _ in range(2)]]
    assert both[0] == both[1]
    assert both[0].state is State.HELD
    assert changes(house, made) == [("open", ""), ("open", "confirmed"), ("held", "")]


@pytest.mark.parametrize("approval", [False, True])
def test_what_was_withdrawn_cannot_be_confirmed(house: House, *, approval: bool):
    house.apply(publication(specials={"approval": approval}))
    house.subscribe("a@example.org")
    made = draft(house)
    with house.open() as (connection, _revision, _names):
        specials.withdraw(connection, made, by="amina", why="erreur", now=NOW)
    with pytest.raises(TransitionRefused):
        confirm(house, made)
    assert changes(house, made)[-1] == ("cancelled", "erreur")


def test_the_same_key_from_another_home_is_another_edition(house: House):
    house.apply(
        publication(
            channels=[channel("actualites", "fr"), channel("autre", "fr"), channel("nashra", "ar")]
        )
    )
    assert draft(house).id == draft(house).id
    with pytest.raises(SpecialRefused, match="same key"):
        draft(house, home="autre")


def test_a_regular_edition_is_not_confirmed_and_a_special_not_arranged(house: House):
    special = draft(house)
    with house.open() as (connection, revision, names):
        one = revision.publication.channel("actualites")
        regular = arranging.edition_at(
            connection, revision, names, one, "matin", SLOT, by="amina", now=NOW
        )
    with pytest.raises(SpecialRefused):
        confirm(house, regular)
    wishes = arranging.Wishes(intro="Autre")
    with house.open() as (connection, _revision, _names), pytest.raises(ArrangementRefused):
        arranging.arrange(connection, special, wishes, by="amina", now=NOW)


def test_a_slot_that_many_open_at_once_is_one_edition(house: House):
    def opened(_: int) -> int:
        with house.open() as (connection, revision, names):
            one = revision.publication.channel("actualites")
            return arranging.edition_at(
                connection, revision, names, one, "matin", SLOT, by="amina", now=NOW
            ).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(opened, range(8)))) == 1


def test_editions_are_listed_the_newest_first_by_state_channel_and_time(house: House):
    house.apply(
        publication(
            channels=[channel("actualites", "fr", digest=digest()), channel("nashra", "ar")]
        )
    )
    first, second = draft(house, key="a"), draft(house, key="b")
    with house.open() as (connection, revision, names):
        one = revision.publication.channel("actualites")
        third = arranging.edition_at(
            connection, revision, names, one, "matin", SLOT, by="amina", now=NOW
        )
        specials.withdraw(connection, first, by="amina", why="", now=NOW)

        def found(**wanted: object) -> list[int]:
            return [one.id for one in store.listing(connection, limit=10, **wanted)]  # type: ignore[arg-type]

        assert found() == [third.id, second.id, first.id]
        assert found(before=third.id) == [second.id, first.id]
        assert found(states=[State.CANCELLED]) == [first.id]
        assert found(channel_id=names.channels["nashra"]) == []
        assert found(since=SLOT) == [third.id]
        assert found(until=SLOT - timedelta(hours=1)) == [second.id, first.id]
