"""The do-not-mail list by hand."""

from datetime import timedelta

from house import NOW, House

from colporteur.audience.addresses import parse_address
from colporteur.audience.barring import bar, unbar
from colporteur.audience.history import events_of, standing
from colporteur.audience.preferences import person
from colporteur.audience.suppressing import Reason, suppression_of

LEA = parse_address("lea@example.org")
HAND = {"why": "asked by phone", "by": "ada", "now": NOW}


def test_who_is_lifted_gets_mail_from_then_on_and_no_backlog(house: House):
    made = house.subscribe(LEA.text)
    other = house.subscribe(LEA.text, channel="nashra")
    with house.open() as (connection, _revision, _names):
        assert bar(connection, LEA, **HAND)
        assert bar(connection, LEA, **HAND)
        assert person(connection, made.subscriber_id).state == "suppressed"
        assert suppression_of(connection, LEA.hash) is Reason.MANUAL
    house.take("Entre-temps", language="fr")
    house.now = NOW + timedelta(days=1)
    with house.open() as (connection, _revision, _names):
        assert unbar(connection, LEA, why="wrote again", by="ada", now=house.now)
        assert not unbar(connection, LEA, why="wrote again", by="ada", now=house.now)
        assert person(connection, made.subscriber_id).state == "active"
        stands = [standing(connection, one.subscription_id) for one in (made, other)]
        assert [(one.state, one.start_number) for one in stands] == [("active", 1)] * 2
        told = [one for one in events_of(connection, made.subscriber_id) if "why" in one.detail]
    assert [(one.kind, one.detail["why"], one.detail["by"]) for one in told][1:] == [
        ("suppressed", "asked by phone", "ada"),
        ("lifted", "wrote again", "ada"),
    ]


def test_an_address_that_is_no_readers_is_listed_and_lifted_too(house: House):
    with house.open() as (connection, _revision, _names):
        assert not bar(connection, LEA, **HAND)
        assert suppression_of(connection, LEA.hash) is Reason.MANUAL
        assert unbar(connection, LEA, **HAND)
        assert suppression_of(connection, LEA.hash) is None
