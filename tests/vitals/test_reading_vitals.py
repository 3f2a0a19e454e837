"""What one reads of an installation: that it lives, what waits, what is late, what came back."""

from datetime import timedelta
from typing import Any

import pytest
from editing import owed
from house import NOW, House, channel, digest, publication
from sqlalchemy import event, insert, update

from colporteur.articles.sources import store as source_rows
from colporteur.config import Settings
from colporteur.db import reading, writing
from colporteur.db.tables.delivery import backoffs
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback
from colporteur.db.tables.sources import sources
from colporteur.db.tables.vitals import delivery_outcomes, processes
from colporteur.db.tables.webhooks import webhook_messages, webhooks
from colporteur.delivery.letters import write_letter
from colporteur.editions import brakes
from colporteur.vitals.figures import Vitals, Work
from colporteur.vitals.pulse import note_pulse
from colporteur.vitals.reading import read_vitals

MINUTE = timedelta(minutes=1)
RELAY = Settings(mail_url="smtp://relay.example:25", secret_key="k" * 32)


def vitals(house: House, later: timedelta = timedelta(0), settings: Settings = RELAY) -> Vitals:
    with reading(house.engine) as connection:
        return read_vitals(connection, settings, NOW + later)


def change(house: House, *statements: object) -> None:
    with writing(house.engine) as connection:
        for one in statements:
            connection.execute(one)  # type: ignore[call-overload]


def test_an_empty_installation_is_calm(engine):
    found = vitals(House(engine))
    assert (found.revision, found.beat_seen, found.workers_seen) == (0, None, 0)
    assert set(found.waiting.values()) == {0}
    assert set(found.oldest_due_s.values()) == {0.0}
    assert (found.late_editions, found.unfrozen_late, found.error_rate) == ((), (), None)
    assert found.rehearsal
    assert not vitals(House(engine), settings=Settings()).rehearsal


def test_mail_that_nothing_holds_back_is_late_from_its_hour_on(house: House):
    edition = owed(house, "amina", "basile")
    found = vitals(house, 20 * MINUTE)
    assert (found.waiting[Work.BATCHES], found.oldest_due_s[Work.BATCHES]) == (1, 1200)
    (late,) = found.late_editions
    assert (late.id, late.channel, late.cadence) == (edition, "actualites", "matin")
    assert (late.late_s, late.waiting, late.begun) == (1200, 2, False)
    change(house, update(editions).values(resumed_at=NOW + 15 * MINUTE))
    assert vitals(house, 20 * MINUTE).late_editions[0].late_s == 300


def test_mail_that_a_limit_or_a_person_holds_back_is_not_late(house: House):
    edition = owed(house, "amina")
    group = {"domain_group": "rest", "until": NOW + 60 * MINUTE, "step": 1}
    change(house, insert(backoffs).values(group))
    assert vitals(house, 20 * MINUTE).late_editions == ()
    assert vitals(house, 70 * MINUTE).late_editions[0].late_s == 4200
    with writing(house.engine) as connection:
        brakes.suspend(connection, by="nadia", why="an error", now=NOW)
    held = vitals(house, 70 * MINUTE)
    assert (held.late_editions, held.waiting[Work.BATCHES]) == ((), 0)
    assert held.held is not None
    assert held.held.by == "nadia"
    with writing(house.engine) as connection:
        brakes.release(connection, by="nadia", now=NOW + 69 * MINUTE)
    assert vitals(house, 70 * MINUTE).late_editions[0].late_s == 60
    change(house, update(editions).values(state="paused"))
    assert vitals(house, 70 * MINUTE).paused_editions == (edition,)
    assert vitals(house, 70 * MINUTE).late_editions == ()


def test_a_frozen_edition_that_does_not_begin_is_late(house: House):
    owed(house, "amina")
    change(house, update(editions).values(state="frozen", frozen_at=NOW - 5 * MINUTE))
    assert vitals(house, 3 * MINUTE).late_editions[0].late_s == 180


def test_an_edition_that_nobody_freezes_is_seen_from_its_freeze_on(house: House):
    house.take("Tri aux urgences", body_html="<p>Un texte.</p>")
    house.subscribe("amina@example.org")
    slot = NOW + timedelta(hours=18)  # the next day at 07:00 in Paris is 06:00 UTC
    row = {"public_id": "e", "channel_id": 1, "kind": "regular", "cadence": "matin", "slot": slot}
    row |= {"send_at": slot, "forced": False, "state": "open", "reason": "", "arrangement": {}}
    change(house, insert(editions).values(row | {"opened_at": NOW}))
    freeze = slot - NOW - 10 * MINUTE
    assert vitals(house, freeze).unfrozen_late == ()
    (late,) = vitals(house, freeze + 2 * MINUTE).unfrozen_late
    assert (late.channel, late.slot, late.late_s) == ("actualites", slot, 120)


def test_letters_wait_apart(house: House):
    with writing(house.engine) as connection:
        write_letter(connection, "confirm:1", "confirm", "amina@example.org", "fr", {}, NOW)
    found = vitals(house, MINUTE)
    assert (found.waiting[Work.LETTERS], found.oldest_due_s[Work.LETTERS]) == (1, 60)
    assert found.waiting[Work.BATCHES] == 0


def test_the_pulse_says_when_the_tick_came_and_since_when_feeds_are_stale(house: House):
    for seconds, stale in ((0, True), (3, True), (12, True)):
        with writing(house.engine) as connection:
            note_pulse(connection, NOW + timedelta(seconds=seconds), stale=stale)
    found = vitals(house, MINUTE)
    assert found.beat_seen == NOW + timedelta(seconds=12)
    assert (found.waiting[Work.FEEDS], found.oldest_due_s[Work.FEEDS]) == (2, 60)
    house.build()
    assert vitals(house, MINUTE).waiting[Work.FEEDS] == 0


def test_a_pulse_is_written_each_ten_seconds_and_no_oftener(house: House):
    for seconds in range(10):
        with writing(house.engine) as connection:
            note_pulse(connection, NOW + timedelta(seconds=seconds), stale=False)
    assert vitals(house).beat_seen == NOW
    with writing(house.engine) as connection:
        note_pulse(connection, NOW - timedelta(days=1), stale=False)
    assert vitals(house).beat_seen == NOW - timedelta(days=1)  # the clock was set back
    with house.open() as (connection, _, _):  # what somebody's deed rang for says nothing of beat
        note_pulse(connection, NOW, stale=True, by_beat=False)
    assert vitals(house).beat_seen == NOW - timedelta(days=1)


def test_a_process_that_says_nothing_for_a_minute_does_not_live(house: House):
    seen = {"a:1": ("worker", 0), "a:2": ("web", 0), "b:1": ("worker", 120), "c:1": ("up", 30)}
    rows = [
        {
            "name": name,
            "kind": kind,
            "release": "1.0",
            "started_at": NOW,
            "seen_at": NOW - timedelta(seconds=ago),
        }
        for name, (kind, ago) in seen.items()
    ]
    change(house, insert(processes).values(rows))
    found = vitals(house)
    assert [one.name for one in found.processes] == ["a:1", "a:2", "c:1"]
    assert found.workers_seen == 2


def test_what_relays_answered_in_the_last_hour_is_told_by_group(house: House):
    answers = {
        ("gmail", "sent"): (8, 5),
        ("gmail", "failed"): (2, 10),
        ("rest", "deferred"): (10, 30),
        ("rest", "sent"): (100, 90),
    }
    rows = [
        {
            "starts_at": NOW - minutes * MINUTE,
            "domain_group": group,
            "outcome": outcome,
            "count": count,
        }
        for (group, outcome), (count, minutes) in answers.items()
    ]
    change(house, insert(delivery_outcomes).values(rows))
    found = vitals(house)
    assert found.outcomes == {
        ("gmail", "sent"): 8,
        ("gmail", "failed"): 2,
        ("rest", "deferred"): 10,
    }
    assert (found.error_rate, found.deferred_rate, found.sent) == (0.2, 0.5, 108)


def test_what_came_back_in_the_last_day_counts_messages_once(house: House):
    heard = [("bounce", "hard", 1), ("bounce", "hard", 1), ("bounce", "soft", 2)]
    heard += [("bounce", "hard", None), ("bounce", "hard", None), ("complaint", None, 3)]
    rows = [
        {
            "source": "lmtp",
            "event_id": str(number),
            "at": NOW - timedelta(hours=1),
            "kind": kind,
            "verdict": verdict,
            "subscriber_id": 1,
            "delivery_id": delivery,
            "text": "",
        }
        for number, (kind, verdict, delivery) in enumerate(heard)
    ]
    change(house, insert(feedback).values(rows))
    assert (vitals(house).bounced, vitals(house).complained) == (3, 1)
    assert vitals(house, timedelta(days=1)).bounced == 0


def test_sources_that_fail_or_have_ended_are_named(house: House):
    urls = [f"https://{name}.example/feed" for name in ("bon", "lent", "fini")]
    sourced = channel("actualites", "fr", digest=digest(), sources=[{"url": one} for one in urls])
    house.apply(publication(channels=[sourced, channel("nashra", "ar")]))
    with house.open() as (connection, revision, names):
        source_rows.sync(connection, revision, names, NOW)
    of = [sources.c.url == one for one in urls]
    failing = {"failures": 3, "failing_since": NOW, "problem": "no answer"}
    later = {"next_at": NOW + 60 * MINUTE}
    change(
        house,
        update(sources).where(of[1]).values(**failing, **later),
        update(sources).where(of[2]).values(state="gone", **later),
    )
    found = vitals(house, 2 * MINUTE)
    assert [(one.url, one.state, one.failures) for one in found.sources_failing] == [
        (urls[1], "active", 3),
        (urls[2], "gone", 0),
    ]
    assert found.sources_polled == 3
    assert (found.waiting[Work.SOURCES], found.oldest_due_s[Work.SOURCES]) == (1, 120)


@pytest.mark.parametrize(("rests", "waiting"), [(None, 2), (NOW + MINUTE, 0)])
def test_messages_to_a_program_that_rests_do_not_wait(house: House, rests, waiting):
    hook = {"name": "n", "url": "https://a.example/", "kinds": [], "addresses": False}
    hook |= {"secret": "s", "made_by": "t", "made_at": NOW, "rests_until": rests}
    messages = [
        {"webhook_id": 1, "message_id": f"m{number}", "kind": "k", "at": NOW, "data": {}}
        | {"next_at": NOW - MINUTE}
        for number in range(2)
    ]
    with writing(house.engine) as connection:
        number = connection.scalar(insert(webhooks).values(hook).returning(webhooks.c.id))
        connection.execute(
            insert(webhook_messages), [one | {"webhook_id": number} for one in messages]
        )
    found = vitals(house)
    assert (found.waiting[Work.WEBHOOKS], found.webhooks_on) == (waiting, 1)


def test_whatever_waits_is_counted_without_looking_at_what_is_done(house: House):
    """A year's letters are each a batch: only those that are unfinished may be read."""
    said: list[tuple[str, Any]] = []

    def note(_c: Any, _u: Any, statement: str, values: Any, _x: Any, _m: Any) -> None:
        said.append((statement, values))

    with reading(house.engine) as connection:
        event.listen(connection, "before_cursor_execute", note)
        read_vitals(connection, Settings(secret_key="k" * 32), NOW)
        event.remove(connection, "before_cursor_execute", note)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # tables here are tiny
        about = [
            one for one in said if one[0].startswith("SELECT count(*)") and "FROM batches" in one[0]
        ]
        assert len(about) == 2
        for statement, values in about:
            how = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
            plan = str(connection.exec_driver_sql(how + statement, values).all())
            assert "ix_batches_unfinished" in plan, plan
