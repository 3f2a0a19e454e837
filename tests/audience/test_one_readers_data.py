import json
from datetime import timedelta

import pytest
from house import NOW
from sqlalchemy import MetaData, event, insert, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.consent import Asked, note_consent
from colporteur.audience.erasing import erase
from colporteur.audience.exporting_one import all_of
from colporteur.audience.forgetting import forget_unconfirmed
from colporteur.audience.leaving import Reason, leave, note_reason
from colporteur.audience.moving import move
from colporteur.audience.new_address import Standing, move_to, standing_of
from colporteur.audience.preferences import person, person_of, renew_feed, speak
from colporteur.audience.signing_up import confirm, sign_up
from colporteur.audience.states import Event, State
from colporteur.audience.suppressing import Reason as Suppressed
from colporteur.audience.suppressing import suppress, suppression_of
from colporteur.db.tables.audience import consents
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.db.tables.feedback import feedback
from colporteur.exceptions import UnknownName

SECRETS = ("lea", "LEA", "Léa", "203.0.113.9", "parole", "mailbox.example", "law", "Casablanca")


def _in(house, work, *args, **values):
    with house.open() as (connection, _revision, _names):
        return work(connection, *args, **values)


@pytest.fixture
def lea(house):
    """A reader of whom there is a row in every table that can have one."""
    made = house.subscribe("lea@mailbox.example", topics_in=("law",), minute=450)
    house.subscribe("lea@mailbox.example", channel="nashra")
    house.subscribe("noe@example.org")
    with house.open() as (connection, _revision, names):
        reader = person(connection, made.subscriber_id)
        asked = Asked("form", "Oui, je veux", "https://relais.example/", ip="203.0.113.9")
        note_consent(connection, made.subscriber_id, [names.channels["actualites"]], asked, NOW)
        renew_feed(connection, reader, by="page", now=NOW)
        leave(connection, made.subscription_id, by="page", now=NOW)
        note_reason(connection, made.subscription_id, Reason.OTHER, "ma parole")
        written = {"language": "fr", "message": "welcome", "created_at": NOW}
        content = {"channels": ["Une"], "address": "lea@mailbox.example"}
        outside = {"address": "lea2@mailbox.example", "subscriber_id": None}
        for purpose, whom in (
            (f"welcome:{reader.id}", {"address": None, "subscriber_id": reader.id}),
            (f"new-address:{reader.id}:abc", outside),
            (f"new-address:{reader.id}9:abc", {"address": "other@example.org", "content": {}}),
        ):
            values = {"purpose": purpose, "content": content, **written, **whom}
            connection.execute(insert(letters).values(values))
        waiting = {"batch_id": 1, "status": "sent", "due_at": NOW, "attempts": 1}
        waiting |= {"possible_duplicates": 0, "reply": "250 lea@mailbox.example taken"}
        mine = {"subscriber_id": reader.id, "subscription_id": made.subscription_id}
        connection.execute(insert(deliveries).values(edition_id=1, **mine, **waiting))
        heard = {"source": "lmtp", "event_id": "1", "at": NOW, "kind": "bounce", "text": "lea"}
        heard |= {"domain": "mailbox.example", "raw": b"To: lea@mailbox.example"}
        connection.execute(insert(feedback).values(subscriber_id=reader.id, **heard))
    return made


def _whole_database(house):
    """Every row of every table, as text."""
    with house.open() as (connection, _revision, _names):
        known = MetaData()
        known.reflect(connection)
        skipped = {"revisions", "topics", "profiles"}
        tables = [one for one in known.sorted_tables if one.name not in skipped]
        return {one.name: repr(connection.execute(select(one)).all()) for one in tables}


def test_erasing_leaves_a_hash_and_rows_that_name_nobody(house, lea):
    before = " ".join(_whole_database(house).values())
    assert all(one in before for one in ("lea", "203.0.113.9", "ma parole", "mailbox.example"))
    _in(house, erase, lea.subscriber_id, by="page", now=NOW)
    for name, rows in _whole_database(house).items():
        assert not [one for one in SECRETS if one in rows], name
    hashed = parse_address("lea@mailbox.example").hash
    assert _in(house, suppression_of, hashed) is Suppressed.ERASED
    with house.open() as (connection, _revision, _names):
        assert connection.scalar(select(deliveries.c.status)) == "sent"
        others = select(letters.c.address).where(letters.c.address.is_not(None))
        assert list(connection.scalars(others)) == ["other@example.org"]
        assert connection.scalars(select(consents.c.id)).all() == []


def test_who_was_erased_is_nobody_and_is_not_erased_twice(house, lea):
    _in(house, erase, lea.subscriber_id, by="page", now=NOW)
    with pytest.raises(UnknownName):
        _in(house, erase, lea.subscriber_id, by="page", now=NOW)
    assert _in(house, person_of, parse_address("lea@mailbox.example")) is None


def test_who_was_erased_may_subscribe_again_and_press_the_button(house, lea):
    _in(house, erase, lea.subscriber_id, by="page", now=NOW)
    address = parse_address("lea@mailbox.example")
    with house.open() as (connection, _revision, names):
        wanted = [Choice(names.channels["actualites"], "matin")]
        starts = {names.channels["actualites"]: 0}
        asked = Asked("form", "Oui, je veux")
        done = sign_up(
            connection,
            address,
            wanted,
            language="fr",
            asked=asked,
            start_numbers=starts,
            now=NOW,
        )
        assert done.consent_id is not None
        confirm(connection, done.consent_id, ip=None, now=NOW)
        found = person_of(connection, address)
        assert found is not None
        assert (found.id != lea.subscriber_id, found.state) == (True, State.ACTIVE)
        assert suppression_of(connection, address.hash) is None


def test_erasing_keeps_the_harder_reason_not_to_write(house, lea):
    hashed = parse_address("lea@mailbox.example").hash
    _in(house, suppress, hashed, Suppressed.MANUAL, NOW)
    _in(house, erase, lea.subscriber_id, by="page", now=NOW)
    assert _in(house, suppression_of, hashed) is Suppressed.MANUAL


def test_an_export_holds_all_we_have_of_one_reader_and_nothing_of_others(house, lea):
    found = json.loads(json.dumps(_in(house, all_of, lea.subscriber_id)))
    assert found["reader"]["address"] == "lea@mailbox.example"
    by_channel = {one["channel"]: one for one in found["subscriptions"]}
    assert by_channel["actualites"]["topics_in"] == ["law"]
    assert by_channel["actualites"]["state"] == "unsubscribed"
    (consent,) = found["consents"]
    assert (consent["wording"], consent["ip"]) == ("Oui, je veux", "203.0.113.9")
    assert found["history"][-1]["detail"]["words"] == "ma parole"
    (came_back,) = found["came_back"]
    assert came_back["raw"] == "To: lea@mailbox.example"
    assert [one["address"] for one in found["letters"]] == [None, "lea2@mailbox.example"]
    assert "noe@" not in json.dumps(found)
    assert "other@" not in json.dumps(found)


def test_a_reader_moves_to_an_address_that_is_free(house, lea):
    def moving(connection, text):
        reader = person(connection, lea.subscriber_id)
        new = parse_address(text)
        return standing_of(connection, reader, new), move_to(
            connection, reader, new, by="page", now=NOW
        )

    _in(house, suppress, parse_address("gone@example.org").hash, Suppressed.MANUAL, NOW)
    assert _in(house, moving, "NOE@example.org") == (Standing.TAKEN, False)
    assert _in(house, moving, "gone@example.org") == (Standing.SUPPRESSED, False)
    assert _in(house, moving, "Lea@mailbox.example") == (Standing.OWN, True)
    assert _in(house, moving, "lea@neuf.example") == (Standing.FREE, True)
    found = _in(house, person_of, parse_address("lea@neuf.example"))
    assert (found.id, found.address) == (lea.subscriber_id, "lea@neuf.example")


def test_who_moves_away_from_an_address_that_takes_no_mail_is_written_to_again(house, lea):
    old = parse_address("lea@mailbox.example").hash
    with house.open() as (connection, _revision, _names):
        move(connection, lea.subscriber_id, Event.BOUNCED, by="test", now=NOW)
        suppress(connection, old, Suppressed.BOUNCED, NOW)
        reader = person(connection, lea.subscriber_id)
        assert move_to(connection, reader, parse_address("l@neuf.example"), by="page", now=NOW)
        assert person(connection, lea.subscriber_id).state is State.ACTIVE
        assert suppression_of(connection, old) is Suppressed.BOUNCED


def test_the_language_and_the_feeds_key_are_kept_with_who_changed_them(house, lea):
    with house.open() as (connection, _revision, _names):
        reader = person(connection, lea.subscriber_id)
        assert speak(connection, reader, "ar", by="page", now=NOW)
        assert not speak(
            connection, person(connection, lea.subscriber_id), "ar", by="page", now=NOW
        )
        first = reader.feed_key
        second = renew_feed(connection, reader, by="page", now=NOW)
        assert first != second
        assert person(connection, lea.subscriber_id).feed_key == second


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("ending", [erase, all_of, forget_unconfirmed])
def test_one_readers_mail_is_found_by_indexes_however_much_there_is(house, lea, ending):
    said: list[tuple[str, tuple]] = []
    with house.open() as (connection, _revision, _names):
        event.listen(connection, "before_cursor_execute", lambda *it: said.append(it[2:4]))
        if ending is all_of:
            all_of(connection, lea.subscriber_id)
        elif ending is erase:
            erase(connection, lea.subscriber_id, by="page", now=NOW)
        else:
            made = sign_up(
                connection,
                parse_address("new@example.org"),
                [Choice(1, "matin")],
                language="fr",
                asked=Asked("form", "Oui"),
                start_numbers={1: 0},
                now=NOW,
            )
            assert forget_unconfirmed(connection, made.subscriber_id, NOW + timedelta(days=9))
    with house.open() as (connection, _revision, _names):
        plans = [
            row[3]
            for statement, values in said
            if " letters" in statement or " deliveries" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert plans
    assert not [one for one in plans if one in {"SCAN letters", "SCAN deliveries"}]
