from datetime import timedelta

import pytest
from desk import DAY, SLOT, Desk
from house import NOW, House
from sqlalchemy import select, update

from colporteur.audience.pausing import pause
from colporteur.db import writing
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.delivery import batches
from colporteur.editions import scheduling, specials
from colporteur.editions.freezing.rows import SPECIAL_PRIORITY
from colporteur.editions.freezing.special import readers_meant
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.states import State
from colporteur.exceptions import SpecialRefused, UnknownName

HOLD = timedelta(minutes=5)


@pytest.fixture
def desk(house: House) -> Desk:
    desk = Desk(house)
    desk.set_up("actualites", "revue")
    return desk


def test_a_special_waits_out_its_hold_and_goes_before_regular_mail(desk: Desk):
    desk.house.subscribe("a@example.org")
    special = desk.special(desk.take("Alerte"))
    assert (special.state, special.hold_until) == (State.HELD, NOW + HOLD)
    desk.tick(NOW + HOLD - timedelta(seconds=1))
    assert desk.edition(special.id).state is State.HELD
    desk.tick(NOW + HOLD)
    assert desk.edition(special.id).state is State.SENDING
    with writing(desk.house.engine) as connection:
        batch = connection.execute(select(batches)).one()
    assert (batch.priority, batch.due_at) == (SPECIAL_PRIORITY, NOW + HOLD)


def test_one_for_later_freezes_when_its_hold_begins(desk: Desk):
    desk.house.subscribe("a@example.org")
    at = NOW + timedelta(hours=3)
    special = desk.special(desk.take("Alerte"), at=at)
    assert special.state is State.OPEN
    desk.house.subscribe("b@example.org")  # in time
    desk.tick(at - HOLD)
    assert desk.edition(special.id).state is State.HELD
    assert [row.address for row in desk.deliveries(special.id)] == [
        "a@example.org",
        "b@example.org",
    ]
    desk.tick(at)
    assert desk.edition(special.id).state is State.SENDING


def test_its_articles_are_left_out_of_the_next_digest_of_those_who_got_it(desk: Desk):
    desk.house.subscribe("a@example.org")
    desk.house.subscribe("law@example.org", topics_in=("law",))
    alert = desk.take("Alerte", topics=("health",))
    desk.take("Autre", topics=("health", "law"))
    desk.special(alert, topics=("health",))
    desk.tick(SLOT)
    assert desk.brought() == {
        "a@example.org": [["Alerte"], ["Autre"]],
        "law@example.org": [["Autre"]],
    }


def test_when_a_special_fails_its_articles_come_with_the_next_digest(desk: Desk):
    desk.house.subscribe("a@example.org")
    special = desk.special(desk.take("Alerte"))
    desk.tick(NOW + HOLD)
    desk.tick(SLOT)  # nothing new: the special has it
    desk.now_sent(special.id, "failed")
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"a@example.org": [["Alerte"]]}


def test_a_digest_that_has_not_left_makes_way_and_gets_its_articles_back(desk: Desk):
    desk.house.subscribe("a@example.org")
    desk.house.subscribe("only@example.org", topics_in=("health",))
    alert = desk.take("Alerte", topics=("health",))
    desk.take("Autre", topics=("law",))
    frozen = SLOT - timedelta(minutes=9)
    desk.tick(frozen)
    special = desk.special(alert)
    assert desk.brought() == {
        "a@example.org": [["Autre"], ["Alerte"]],
        "only@example.org": [["Alerte"]],
    }
    with writing(desk.house.engine) as connection:
        edition = desk.edition(special.id)
        specials.withdraw(connection, edition, by="editor", why="wrong", now=frozen)
    assert desk.edition(special.id).state is State.CANCELLED
    assert desk.brought() == {
        "a@example.org": [["Autre", "Alerte"]],
        "only@example.org": [["Alerte"]],
    }
    desk.tick(SLOT)
    desk.tick(SLOT + DAY)
    assert all(len(got) == 1 for got in desk.brought().values())


def test_what_made_way_is_open_again_when_the_special_fails(desk: Desk):
    desk.house.subscribe("a@example.org")
    alert = desk.take("Alerte")
    desk.take("Autre")
    desk.tick(SLOT - timedelta(minutes=9))
    special = desk.special(alert)
    desk.tick(SLOT)
    desk.now_sent(special.id, "failed")
    desk.tick(SLOT + DAY)
    assert desk.brought() == {"a@example.org": [["Autre"], ["Alerte"]]}


def test_two_specials_in_one_hold_are_withdrawn_one_by_one(desk: Desk):
    desk.house.subscribe("a@example.org")
    one, two, three = (desk.take(title) for title in ("Un", "Deux", "Trois"))
    desk.tick(SLOT - timedelta(minutes=9))
    first, second = desk.special(one, key="1"), desk.special(two, key="2")
    assert desk.brought()["a@example.org"] == [["Trois"], ["Un"], ["Deux"]]
    desk.cancel(first.id)
    assert [set(got) for got in desk.brought()["a@example.org"]] == [{"Trois", "Un"}, {"Deux"}]
    desk.cancel(second.id)
    assert [set(got) for got in desk.brought()["a@example.org"]] == [{"Trois", "Un", "Deux"}]
    assert three


def test_a_delivery_that_was_tried_keeps_its_articles_and_the_special_goes_without(desk: Desk):
    desk.house.subscribe("a@example.org")
    alert = desk.take("Alerte")
    desk.tick(SLOT)
    (digest,) = desk.editions(State.SENDING)
    desk.now_sent(digest.id, "inflight")
    special = desk.special(alert)
    assert (special.state, special.reason) == (State.SKIPPED, "everybody got it already")
    assert desk.brought() == {"a@example.org": [["Alerte"]]}


def test_a_note_goes_to_everybody_even_where_the_articles_were_had(desk: Desk):
    desk.house.subscribe("a@example.org")
    alert = desk.take("Alerte")
    desk.tick(SLOT)
    (digest,) = desk.editions(State.SENDING)
    desk.now_sent(digest.id)
    special = desk.special(alert, note="À **lire** aussi.", subject="Une note")
    assert special.state is State.HELD
    assert desk.brought() == {"a@example.org": [["Alerte"], []]}


def test_each_subscriber_gets_it_once_through_the_first_of_its_channels(desk: Desk):
    both = desk.house.subscribe("both@example.org", channel="revue")
    first = desk.house.subscribe("both@example.org", channel="actualites")
    special = desk.special(desk.take("Alerte"), to=("actualites", "revue"))
    (row,) = desk.deliveries(special.id)
    assert row.subscription_id == first.subscription_id
    with writing(desk.house.engine) as connection:
        mine = subscriptions.c.id == first.subscription_id
        connection.execute(update(subscriptions).where(mine).values(specials=False))
    second = desk.special(desk.take("Encore"), to=("actualites", "revue"), key="2")
    (row,) = desk.deliveries(second.id)
    assert row.subscription_id == both.subscription_id


def test_paused_readers_and_those_who_declined_never_get_one(desk: Desk):
    paused, declined = (desk.house.subscribe(f"{one}@example.org") for one in ("p", "d"))
    with writing(desk.house.engine) as connection:
        pause(connection, paused.subscription_id, NOW + DAY, by="test", now=NOW)
        mine = subscriptions.c.id == declined.subscription_id
        connection.execute(update(subscriptions).where(mine).values(specials=False))
    with pytest.raises(SpecialRefused, match="Nobody would get"):
        desk.special(desk.take("Alerte"))


def test_a_double_click_is_one_edition_and_one_mail(desk: Desk):
    desk.house.subscribe("a@example.org")
    alert = desk.take("Alerte")
    assert desk.special(alert).id == desk.special(alert).id
    assert len(desk.editions(State.HELD)) == 1
    with pytest.raises(SpecialRefused, match="same key"):
        desk.special(desk.take("Autre"))


def test_many_readers_ask_for_their_number(desk: Desk):
    desk.set_up("actualites", specials={"confirm_above": 2})
    for number in range(3):
        desk.house.subscribe(f"{number}@example.org")
    alert = desk.take("Alerte")
    for typed in (None, 2):
        with pytest.raises(SpecialRefused, match="goes to 3 readers"):
            desk.special(alert, typed=typed)
    assert desk.special(alert, typed=3).state is State.HELD


def test_an_approver_lets_it_go_and_only_then_the_hold_begins(desk: Desk):
    desk.set_up("actualites", specials={"approval": True}, four_eyes=True)
    desk.house.subscribe("a@example.org")
    special = desk.special(desk.take("Alerte"))
    assert special.state is State.AWAITING_APPROVAL
    desk.tick(NOW + HOLD)
    assert desk.deliveries(special.id) == []
    desk.approve(special.id)
    desk.tick(NOW + 2 * HOLD)
    held = desk.edition(special.id)
    assert (held.state, held.hold_until) == (State.HELD, NOW + 3 * HOLD)


def test_it_has_nothing_of_what_was_withdrawn_since_it_was_drafted(desk: Desk):
    desk.house.subscribe("a@example.org")
    one, two = desk.take("Un"), desk.take("Deux")
    special = desk.special(one, two, at=NOW + timedelta(hours=1))
    desk.withdraw(one)
    desk.tick(NOW + timedelta(hours=1))  # late: its hold lasts as long all the same
    assert desk.brought() == {"a@example.org": [["Deux"]]}
    assert desk.edition(special.id).hold_until == NOW + timedelta(hours=1) + HOLD


def test_a_correction_goes_to_those_who_received_the_edition(desk: Desk):
    desk.house.subscribe("got@example.org")
    desk.house.subscribe("failed@example.org")
    desk.take("Un")
    desk.tick(SLOT)
    (digest,) = desk.editions(State.SENDING)
    desk.now_sent(digest.id, "failed", "failed@example.org")
    desk.now_sent(digest.id)
    with desk.house.open() as (connection, revision, names):
        scheduling.finish(connection, SLOT)
        said = specials.Special(
            revision.publication.channel("actualites"),
            Audience(corrects=digest.id),
            note="Il fallait lire **dix**.",
            subject="Correction",
        )
        made = specials.draft(connection, said, names, key="c", by="editor", now=SLOT)
        assert readers_meant(connection, said.audience) == 1
        whom = specials.Whom()
        confirmed = specials.confirm(
            connection, made, revision, typed=None, at=None, by="editor", now=SLOT, whom=whom
        )
    assert [row.address for row in desk.deliveries(confirmed.id)] == ["got@example.org"]


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({}, "nothing to say"),
        ({"note": "Une note."}, "no subject"),
        ({"note": "Une note.", "subject": "Deux\nlignes"}, "one line"),
        ({"note": "Une note.", "subject": "x" * 151}, "one line"),
    ],
)
def test_a_draft_must_say_something(desk: Desk, said: dict[str, str], refusal: str):
    desk.house.subscribe("a@example.org")
    with pytest.raises(SpecialRefused, match=refusal):
        desk.special(**said)  # type: ignore[arg-type]


def test_articles_must_be_there_published_and_in_the_home_channels_language(desk: Desk):
    desk.house.subscribe("a@example.org")
    gone = desk.take("Retiré")
    desk.withdraw(gone)
    with pytest.raises(SpecialRefused, match="withdrawn"):
        desk.special(gone)
    with pytest.raises(SpecialRefused, match="is in 'ar'"):
        desk.special(desk.take("مقال", language="ar", channels=("actualites",)))
    with pytest.raises(UnknownName, match="no article 999"):
        desk.special(999)


def test_a_time_that_is_past_is_refused(desk: Desk):
    desk.house.subscribe("a@example.org")
    with pytest.raises(SpecialRefused, match="is past"):
        desk.special(desk.take("Alerte"), at=NOW - DAY)


def test_what_has_begun_to_leave_cannot_be_withdrawn_but_stopped(desk: Desk):
    desk.house.subscribe("a@example.org")
    special = desk.special(desk.take("Alerte"))
    desk.tick(NOW + HOLD)
    with writing(desk.house.engine) as connection:
        edition = desk.edition(special.id)
        with pytest.raises(SpecialRefused, match="is sending"):
            specials.withdraw(connection, edition, by="editor", why="", now=NOW)
    assert desk.cancel(special.id) == 1
    desk.tick(SLOT)
    assert desk.brought() == {"a@example.org": [["Alerte"]]}
