import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from house import House
from listing import SAID_YES, Lists
from sqlalchemy import event, func, insert, select, update

from colporteur.audience.addresses import parse_address
from colporteur.audience.consent import consents_of
from colporteur.audience.exporting.readers import exported
from colporteur.audience.history import choice_at, events_of
from colporteur.audience.importing import chunks, running
from colporteur.audience.leaving import leave
from colporteur.audience.readers import reader_of
from colporteur.audience.suppressing import Reason, suppress, suppression_of
from colporteur.db.tables.audience import (
    consents,
    imports,
    profiles,
    subscriber_events,
    subscribers,
    subscriptions,
    wordings,
)
from colporteur.exceptions import ImportRefused


@pytest.fixture
def lists(house: House, tmp_path) -> Lists:
    return Lists(house, tmp_path)


def count(house: House, table) -> int:
    with house.open() as (connection, _revision, _names):
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def put_away(house: House, address: str, reason: Reason) -> None:
    with house.open() as (connection, _revision, _names):
        suppress(connection, parse_address(address).hash, reason, house.now)


def reason_of(house: House, address: str) -> Reason | None:
    with house.open() as (connection, _revision, _names):
        return suppression_of(connection, parse_address(address).hash)


def test_readers_with_a_stated_consent_are_subscribed_each_with_a_record_of_it(lists, house):
    text = "Courriel;Nom;Heure;Date de consentement\nlea@example.org;Léa;07:30;2025-10-03\n"
    text += "noe@example.org;;;\n"
    report = lists.read(text.encode("cp1252"), consent=SAID_YES)
    assert dict(report.counts) == {"subscribed": 2}
    assert report.refused is None
    assert set(lists.states().values()) == {("active", "active")}
    with house.open() as (connection, _revision, names):
        lea = reader_of(connection, parse_address("lea@example.org"))
        (record,) = consents_of(connection, lea.id)
        said = select(wordings.c.text).where(wordings.c.hash == record.wording_hash)
        assert connection.scalar(said) == SAID_YES
        assert (record.method, record.import_id) == ("import", report.import_id)
        assert record.confirmed_at == record.at == datetime(2025, 10, 3, tzinfo=UTC)
        assert record.channels == (names.channels["actualites"],)
        (happened,) = events_of(connection, lea.id)
        assert (happened.kind, happened.detail["by"]) == ("subscribed", "test")
        later = happened.at + timedelta(seconds=1)
        then = choice_at(connection, lea.subscription_ids[0], later)
        assert then is not None
        assert (then.state, then.choice.minute) == ("active", 450)


def test_a_new_reader_begins_one_slot_back_as_who_is_added_by_hand(lists, house):
    house.now -= timedelta(days=3)
    house.take("Vieux", language="fr")
    house.now += timedelta(days=3)
    house.take("Neuf", language="fr")
    lists.read("email\nlea@example.org\n", consent=SAID_YES)
    with house.open() as (connection, _revision, _names):
        assert connection.scalar(select(subscriptions.c.start_number)) == 1


def test_readers_without_a_stated_consent_wait_to_be_asked(lists, house):
    report = lists.read("email,created_at\nlea@example.org,2019-01-01\n")
    assert dict(report.counts) == {"to be asked": 1}
    assert lists.states() == {"lea@example.org": ("pending", "pending")}
    with house.open() as (connection, _revision, _names):
        row = connection.execute(select(consents)).one()
        assert (row.confirmed_at, row.asked_at, row.wording_hash) == (None, None, None)
        since = connection.scalar(select(subscribers.c.created_at))
        assert since is not None
        assert since.year > 2019  # nobody is forgotten before they were asked


def test_what_is_stated_later_confirms_who_still_waits(lists, house):
    lists.read("email\nlea@example.org\n")
    report = lists.read("email\nlea@example.org\nnoe@example.org\n", consent=SAID_YES)
    assert dict(report.counts) == {"confirmed": 1, "subscribed": 1}
    assert set(lists.states().values()) == {("active", "active")}
    again = lists.read("email\nlea@example.org\nNOE@example.org\n", consent=SAID_YES)
    assert dict(again.counts) == {"subscribed before": 2}
    assert (count(house, subscribers), count(house, subscriptions)) == (2, 2)


def test_who_left_or_must_not_be_written_to_stays_so_whatever_a_list_says(lists, house):
    left = house.subscribe("left@example.org")
    with house.open() as (connection, _revision, _names):
        leave(connection, left.subscription_id, by="reader", edition=None, now=house.now)
    for reason in Reason:
        put_away(house, f"{reason}@example.org", reason)
    rows = "".join(f"{one}@example.org,active\n" for one in ("LEFT", *Reason))
    report = lists.read(f"email,status\n{rows}", consent=SAID_YES)
    assert dict(report.counts) == {"had unsubscribed here": 1, "on the do-not-mail list": 4}
    assert lists.states() == {"left@example.org": ("active", "unsubscribed")}
    assert reason_of(house, "erased@example.org") is Reason.ERASED


def test_who_left_all_that_they_had_is_not_brought_back_by_another_channel(lists, house):
    left = house.subscribe("left@example.org", channel="nashra")
    with house.open() as (connection, _revision, _names):
        later = house.now + timedelta(days=1)
        leave(connection, left.subscription_id, by="reader", edition=None, now=later)
    report = lists.read("email\nleft@example.org\n", consent=SAID_YES)
    assert dict(report.counts) == {"had unsubscribed here": 1}
    assert dict(lists.read("email\nleft@example.org\n").counts) == {"had unsubscribed here": 1}
    assert count(house, subscriptions) == 1


def test_who_left_and_waits_to_be_asked_for_another_channel_is_exported_as_gone(lists, house):
    lists.read("email,status\nlea@example.org,unsubscribed\n")
    with house.open() as (connection, _revision, _names):
        connection.execute(update(subscribers).values(state="pending"))
        channels = {_names.channels["actualites"]: "actualites"}
    rows = exported(house.engine, _names, channels)
    assert [one.state for one in rows] == ["unsubscribed"]
    gone = "email,status,left_at\nnoe@example.org,pending,2024-05-01\n"
    assert dict(lists.read(gone).counts) == {"kept as unsubscribed": 1}


def test_who_left_elsewhere_is_kept_so_and_who_bounced_there_is_not_written_to(lists, house):
    kept = house.subscribe("here@example.org")
    house.subscribe("bounced@example.org")
    text = (
        "email,status,left_at\naway@example.org,unsubscribed,2024-05-01\n"
        "here@example.org,unsubscribed,\nbounced@example.org,cleaned,\n"
        "spam@example.org,complained,\nnever@example.org,blocklisted,\n"
    )
    report = lists.read(text, consent=SAID_YES)
    assert dict(report.counts) == {
        "kept as unsubscribed": 1,
        "unsubscribed": 1,
        "put on the do-not-mail list": 3,
    }
    assert lists.states() == {
        "away@example.org": ("active", "unsubscribed"),
        "here@example.org": ("active", "unsubscribed"),
        "bounced@example.org": ("bounced", "active"),
    }
    assert reason_of(house, "bounced@example.org") is Reason.BOUNCED
    assert reason_of(house, "spam@example.org") is Reason.COMPLAINED
    assert reason_of(house, "never@example.org") is Reason.MANUAL
    with house.open() as (connection, _revision, _names):
        past = events_of(connection, kept.subscriber_id)
    assert [one.kind for one in past] == ["subscribed", "unsubscribed"]
    assert past[-1].detail["import"] == report.import_id


def test_a_heavier_reason_takes_the_place_of_a_lighter_one(lists, house):
    put_away(house, "lea@example.org", Reason.BOUNCED)
    lists.read("email,status\nlea@example.org,blocklisted\n")
    lists.read("email,status\nlea@example.org,cleaned\n")
    assert reason_of(house, "lea@example.org") is Reason.MANUAL


def test_an_address_that_stands_twice_is_one_reader_and_leaves_if_a_row_says_so(lists, house):
    text = (
        "email,status\nlea@example.org,\nLEA@example.org,\nLea@Example.org,unsubscribed\n"
        "noe@example.org,\nsara@example.org,cleaned\nSara@example.org,active\n"
    )
    report = lists.read(text, consent=SAID_YES)
    assert dict(report.counts) == {
        "subscribed": 2,
        "twice in the list": 1,
        "unsubscribed": 1,
        "put on the do-not-mail list": 1,
        "on the do-not-mail list": 1,
    }
    assert lists.states() == {
        "lea@example.org": ("active", "unsubscribed"),
        "noe@example.org": ("active", "active"),
    }


def test_a_reader_of_two_channels_is_one_person_with_one_record(lists, house):
    text = "email,channel\nlea@example.org,actualites\nlea@example.org,nashra\n"
    report = lists.read(text, channel="", consent=SAID_YES)
    assert dict(report.counts) == {"subscribed": 2}
    assert (count(house, subscribers), count(house, subscriptions)) == (1, 2)
    assert (count(house, consents), count(house, profiles)) == (1, 1)


def test_refused_rows_stand_in_a_file_beside_that_only_its_owner_reads(lists, house):
    bad = "".join(f'"mauvaise ""{n}"" adresse",=cmd()\n' for n in range(1000))
    report = lists.read(f"email,name\n{bad}lea@example.org,Léa\n", consent=SAID_YES)
    assert dict(report.counts) == {"refused": 1000, "subscribed": 1}
    assert report.refused is not None
    assert report.refused.stat().st_mode & 0o777 == 0o600
    with report.refused.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["line"]) for row in rows] == list(range(2, 1002))
    assert "no e-mail address" in rows[0]["reason"]
    assert (rows[7]["email"], rows[7]["name"]) == ('mauvaise "7" adresse', "'=cmd()")


def test_refused_rows_are_read_in_when_they_are_corrected(lists, house):
    lists.read("email;name\nlea@@example.org;=Léa\nnoe@example.org;Noé\n", consent=SAID_YES)
    mended = lists.refused.read_text().replace("@@", "@")
    assert dict(lists.read(mended, "mended.csv", consent=SAID_YES).counts) == {"subscribed": 1}
    with house.open() as (connection, _revision, _names):
        assert reader_of(connection, parse_address("lea@example.org")).name == "=Léa"


def test_refused_rows_of_a_list_without_a_header_are_read_in_with_what_was_said_of_it(lists, house):
    said = {"consent": SAID_YES, "columns": {"name": "1"}}
    lists.read("Noé;noe@example.org\nLéa;lea@@example.org\n", **said)
    mended = lists.refused.read_text().replace("@@", "@")
    assert mended.startswith("line,reason,1,email\n")
    assert dict(lists.read(mended, "mended.csv", **said).counts) == {"subscribed": 1}
    with house.open() as (connection, _revision, _names):
        assert reader_of(connection, parse_address("lea@example.org")).name == "Léa"


def test_refused_objects_are_read_in_when_they_are_corrected(lists, house):
    rows = ['{"email": "lea@@example.org", "name": "=Léa", "more": [1]}', '{"email', "[1]"]
    lists.read("\n".join(rows), "list.jsonl", consent=SAID_YES)
    text = lists.refused.read_text()
    first, broken, other = map(json.loads, text.splitlines())
    assert (first["line"], first["name"], first["more"]) == ("1", "=Léa", [1])
    assert (broken["row"], other["row"]) == ('{"email', "[1]")
    report = lists.read(text.replace("@@", "@"), "mended.jsonl", consent=SAID_YES)
    assert dict(report.counts) == {"subscribed": 1, "refused": 2}
    assert "no address" in json.loads(lists.refused.read_text().splitlines()[0])["reason"]
    with house.open() as (connection, _revision, _names):
        assert reader_of(connection, parse_address("lea@example.org")).name == "=Léa"


def test_a_preview_says_what_would_happen_and_changes_nothing(lists, house):
    house.subscribe("here@example.org")
    put_away(house, "away@example.org", Reason.MANUAL)
    text = (
        "email,name,status\nlea@example.org,Léa,\nLEA@example.org,,\nhere@example.org,,\n"
        "away@example.org,,\nx,,\nnoe@example.org,,unsubscribed\n"
    )
    seen = lists.preview(text, consent=SAID_YES)
    assert (count(house, subscribers), count(house, imports)) == (1, 0)
    assert [one.row.address.text for one in seen.first][:2] == [
        "lea@example.org",
        "LEA@example.org",
    ]
    assert [one.place for one in seen.refused] == ["6"]
    assert not lists.refused.exists()
    assert seen.counts == lists.read(text, consent=SAID_YES).counts


def test_an_import_that_is_broken_off_goes_on_where_it_stopped(lists, house, monkeypatch):
    monkeypatch.setattr(chunks, "SIZE", 10)
    text = "email\n" + "".join(f"x{n}@example.org\n" if n % 7 else "mauvaise\n" for n in range(95))
    text += "X1@example.org\n"

    def break_off(rows: int) -> None:
        if rows >= 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lists.read(text, consent=SAID_YES, tell=break_off)
    assert count(house, subscribers) == 34
    with lists.refused.open("a") as file:
        file.write("99,what was written and never committed,x\n")
    report = lists.read(text, consent=SAID_YES)
    assert (report.resumed_at, report.rows) == (40, 96)
    assert dict(report.counts) == {"subscribed": 81, "refused": 14, "twice in the list": 1}
    tables = (subscribers, subscriptions, subscriber_events, consents)
    assert [count(house, table) for table in tables] == [81] * 4
    with lists.refused.open(newline="") as file:
        lines = [int(row["line"]) for row in csv.DictReader(file)]
    assert lines == [n + 2 for n in range(95) if n % 7 == 0]


def test_a_list_that_changed_or_another_command_does_not_go_on_unasked(lists, house, monkeypatch):
    monkeypatch.setattr(chunks, "SIZE", 2)
    text = "email\n" + "".join(f"x{n}@example.org\n" for n in range(6))

    def break_off(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lists.read(text, tell=break_off)
    with pytest.raises(ImportRefused, match="has changed since 2 of its rows") as caught:
        lists.read(text + "x7@example.org\n")
    assert "--anew" in caught.value.cure
    with pytest.raises(ImportRefused, match=r"begun otherwise \(consent\)"):
        lists.read(text, consent=SAID_YES)
    report = lists.read(text, consent=SAID_YES, anew=True)
    assert dict(report.counts) == {"confirmed": 2, "subscribed": 4}
    assert lists.read(text).counts == {"subscribed before": 6}


def test_who_signs_up_at_the_very_moment_is_met_when_the_rows_are_looked_at_again(
    lists, house, monkeypatch
):
    decide, once = running._decide, []

    def look_and_wait(connection, rows, *args, **options):
        found = decide(connection, rows, *args, **options)
        if not once:
            once.append(True)
            row = {"address": "lea@example.org", "address_key": "lea@example.org", "name": ""}
            row |= {"domain": "example.org", "language": "fr", "state": "active"}
            connection.execute(insert(subscribers).values(**row, created_at=house.now))
        return found

    monkeypatch.setattr(running, "_decide", look_and_wait)
    report = lists.read("email\nnoe@example.org\nlea@example.org\n", consent=SAID_YES)
    assert dict(report.counts) == {"subscribed": 2}
    assert set(lists.states().values()) == {("active", "active")}


def test_an_archive_is_read_with_those_who_left_first(lists, house, tmp_path):
    packed = io.BytesIO()
    header = "Email Address,First Name,LEID,EUID"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "a/subscribed_members_export_1.csv", f"{header}\nlea@example.org,Léa,1,2\n"
        )
        both = f"{header}\nnoe@example.org,Noé,1,2\nx,,,\n"
        archive.writestr("a/unsubscribed_members_export_1.csv", both)
        archive.writestr("a/cleaned_members_export_1.csv", f"{header}\nsara@example.org,,1,2\n")
        archive.writestr("__MACOSX/a/._subscribed_members_export_1.csv", "\x00\x05")
    report = lists.read(packed.getvalue(), "export.zip", consent=SAID_YES)
    assert dict(report.counts) == {
        "put on the do-not-mail list": 1,
        "kept as unsubscribed": 1,
        "refused": 1,
        "subscribed": 1,
    }
    assert "unsubscribed_members_export_1.csv:3" in lists.refused.read_text()


def test_an_object_however_deep_costs_its_own_row_only(lists):
    deep = "[" * 600 + "]" * 600
    rows = [
        f'{{"email": "a@example.org", "name": {deep}}}',
        f'{{"email": "b@example.org", "name": [{{"x": {deep}}}]}}',
        f'{{"email": "c@example.org", "shoes": {deep}}}',
        '{"email": "d@example.org", "name": ["Léa"]}',
    ]
    report = lists.read("\n".join(rows), "list.jsonl")
    assert report.counts["to be asked"] + report.counts["refused"] == 4
    assert {"c@example.org", "d@example.org"} <= set(lists.states())
    assert "a@example.org" not in lists.states()
    attributes = f'{{""language"": {deep}, ""shoes"": {deep}}}'
    header, more = "email,name,attributes,status", f'{{""shoes"": {deep}}}'
    listmonk = f'{header}\ne@example.org,,"{attributes}",\nf@example.org,,"{more}",\n'
    assert dict(lists.read(listmonk).counts) == {"refused": 1, "to be asked": 1}


def test_topics_are_known_by_what_readers_see_and_quoted_as_mailchimp_does(lists: Lists):
    rows = [
        'l@example.org,"""Health"",""LAW"""',
        "n@example.org,health; Law",
        'x@example.org,"""Boats"""',
    ]
    report = lists.read("\n".join(["email,topics", *rows]))
    assert dict(report.counts) == {"to be asked": 2, "refused": 1}
    with lists.house.open() as (connection, _revision, names):
        chosen = connection.scalars(select(profiles.c.topics_in)).all()
    assert [names.topics["health"], names.topics["law"]] in chosen


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "list.csv", "is empty"),
        (b'[{"email": "a@example.org"}]', "list.json", "one JSON array"),
        (b"nom,ville\nLea,Paris\n", "list.csv", "No column is one of addresses"),
        (b'{"name": "Lea"}\n', "list.jsonl", "None of these is an address"),
        (b"\x00\xff\x00" * 50, "list.csv", "No column is one of addresses"),
    ],
)
def test_what_is_no_list_is_refused_whole(lists, house, content, name, why):
    with pytest.raises(ImportRefused, match=why):
        lists.read(content, name)
    assert count(house, imports) == 0


def test_a_workbook_is_refused_with_what_to_do(lists):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(ImportRefused, match="a workbook of a spreadsheet") as caught:
        lists.read(packed.getvalue(), "list.xlsx")
    assert "CSV" in caught.value.cure


def test_the_number_of_statements_does_not_grow_with_the_rows(lists, house):
    told = []
    event.listen(house.engine, "before_cursor_execute", lambda *said: told.append(said[2]))
    lists.read("email\n" + "".join(f"a{n}@example.org\n" for n in range(3)), "a.csv")
    few = len(told)
    lists.read("email\n" + "".join(f"b{n}@example.org\n" for n in range(300)), "b.csv")
    assert len(told) - few <= few
