from datetime import timedelta
from typing import Any

import pytest
from desk import DAY, SLOT, Desk
from house import TEMPLATES, House
from sqlalchemy import select

from colporteur.db import writing
from colporteur.db.tables.editions import variants
from colporteur.digests.rendering import Rendering
from colporteur.digests.variants import render_variant
from colporteur.editions.arranging import NO_LEAD, Wishes, arrange, edition_at
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.exceptions import ArrangementRefused, UnknownName

SOON = SLOT - timedelta(minutes=30)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def wish(desk: Desk, slot: Any = SLOT, by: str = "editor", **wished: Any) -> Edition:
    """Arrange the edition of a slot, as an editor does before its freeze."""
    with desk.house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        now = desk.house.now
        edition = edition_at(connection, revision, names, channel, "matin", slot, by=by, now=now)
        return arrange(connection, edition, Wishes(**wished), by=by, now=now)


def rendered(desk: Desk) -> dict[int, Rendering]:
    """What each variant looks like, by the article that leads it."""
    with writing(desk.house.engine) as connection:
        rows = connection.execute(select(variants)).all()
        return {
            row.articles[0]: render_variant(
                connection,
                TEMPLATES,
                row.id,
                "https://relais.example",
                desk.house.now,
                secret_key="k" * 32,
            )
            for row in rows
        }


def test_an_edition_can_be_arranged_as_soon_as_the_calendar_shows_it(desk: Desk):
    desk.house.subscribe("a@example.org")
    old, new = desk.take("Ancien"), desk.take("Récent")
    left = desk.take("Laissé")
    wish(desk, lead=old, left_out=[left])
    desk.tick(SLOT)
    assert desk.brought() == {"a@example.org": [["Ancien", "Récent"]]}
    desk.tick(SLOT + DAY)
    assert len(desk.brought()["a@example.org"]) == 1  # what was left out is settled
    assert new


def test_wishes_add_up_and_a_pin_can_be_taken_away(desk: Desk):
    one, two = desk.take("Un"), desk.take("Deux")
    wish(desk, lead=one, subject="À lire")
    after = wish(desk, order=[two], intro="Bonjour")
    assert (after.arrangement.lead, after.arrangement.subject) == (one, "À lire")
    after = wish(desk, lead=NO_LEAD, subject="")
    assert (after.arrangement.lead, after.arrangement.intro) == (None, "Bonjour")
    assert after.arranged_by == ("editor",)


def test_a_written_subject_is_only_for_readers_whose_digest_has_its_lead(desk: Desk):
    desk.house.subscribe("all@example.org")
    desk.house.subscribe("law@example.org", topics_in=("law",))
    health, law = desk.take("Santé", topics=("health",)), desk.take("Droit", topics=("law",))
    wish(desk, lead=health, subject="L’hôpital", preheader="Six mois", intro="Un mot **à vous**.")
    desk.tick(SLOT)
    mails = rendered(desk)
    assert mails[health].subject == "L’hôpital"
    assert "Six mois" in mails[health].html
    assert mails[law].subject == "Droit"
    for mail in mails.values():
        assert "<strong" in mail.html
        assert "Un mot à vous." in mail.text


def test_words_may_change_until_it_leaves_but_articles_not_after_the_freeze(desk: Desk):
    desk.house.subscribe("a@example.org")
    one = desk.take("Un")
    wish(desk, lead=one, subject="Avant")
    desk.tick(SLOT - timedelta(minutes=5))
    assert rendered(desk)[one].subject == "Avant"
    wish(desk, subject="Après")
    assert rendered(desk)[one].subject == "Après"
    with pytest.raises(ArrangementRefused, match="are fixed"):
        wish(desk, lead=one)
    desk.tick(SLOT)
    with pytest.raises(ArrangementRefused, match="is sending"):
        wish(desk, subject="Trop tard")


def test_an_approval_is_void_once_the_edition_is_changed(desk: Desk):
    desk.set_up("actualites", rules={"approval": True})
    one = desk.take("Un")
    edition = wish(desk, lead=one)
    assert desk.approve(edition.id).approved_to is not None
    assert wish(desk, intro="Encore").approved_at is None


@pytest.mark.parametrize(
    ("wished", "refusal"),
    [
        ({"subject": "Sans une"}, "no lead is pinned"),
        ({"lead": 1, "left_out": [1]}, "both pinned and left out"),
        ({"lead": 1, "subject": "x" * 151}, "longer than"),
        ({"lead": 1, "subject": "a\nb"}, "longer than"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(desk: Desk, wished: dict[str, Any], refusal: str):
    desk.take("Un")
    with pytest.raises(ArrangementRefused, match=refusal):
        wish(desk, **wished)
    assert desk.editions() == []  # nothing was opened for it


def test_only_articles_of_the_channel_that_are_there_can_be_pinned(desk: Desk):
    gone = desk.take("Retiré")
    desk.withdraw(gone)
    for wanted in (gone, desk.take("مقال", language="ar"), 999):
        with pytest.raises(UnknownName, match="has no article"):
            wish(desk, lead=wanted)


def test_only_what_the_calendar_has_can_be_arranged(desk: Desk):
    for slot in (SLOT + timedelta(hours=1), SLOT - DAY):
        with pytest.raises(UnknownName, match="no edition matin at"):
            wish(desk, slot, intro="Bonjour")


def test_an_arranged_edition_that_the_calendar_drops_is_skipped_and_says_so(desk: Desk):
    desk.house.subscribe("a@example.org")
    one = desk.take("Un")
    wish(desk, lead=one)
    desk.set_up("actualites", rules={"cadences": {"matin": {"rule": "daily", "at": ["08:00"]}}})
    desk.tick(SLOT)
    (dropped,) = desk.editions(State.SKIPPED)
    assert dropped.reason == "the calendar has it no more"
    desk.tick(SLOT + timedelta(hours=1))
    assert desk.brought() == {"a@example.org": [["Un"]]}
