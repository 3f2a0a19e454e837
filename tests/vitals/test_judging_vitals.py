"""What is wrong with an installation, by its figures: pure rules, and their words."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations

import pytest
from house import TEMPLATES

from colporteur.config.alerting import AlertLimits
from colporteur.vitals.alerting.words import filled, said
from colporteur.vitals.figures import (
    FailingSource,
    Held,
    LateEdition,
    UnfrozenEdition,
    Vitals,
    Work,
)
from colporteur.vitals.judging import judge
from colporteur.vitals.problems import Kind, Problem, Severity
from colporteur.vitals.surroundings import Certificate, Disk, Surroundings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LIMITS = AlertLimits()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CALM = Vitals(
    now=NOW,
    revision=1,
    beat_seen=NOW,
    processes=(),
    oldest_due_s=dict.fromkeys(Work, 0.0),
    waiting=dict.fromkeys(Work, 0),
    late_editions=(),
    unfrozen_late=(),
    paused_editions=(),
    outcomes={},
    attempts_day={},
    bounced=0,
    complained=0,
    sources_polled=0,
    sources_failing=(),
    hub_subscribers=0,
    hub_failing=0,
    webhooks_on=0,
    webhooks_off=0,
    held=None,
    rehearsal=False,
    refusals=0,
)
LATE = LateEdition(7, "actualites", "matin", NOW, 3600.0, 40, begun=False)
WELL = Surroundings((Disk("un", "/var", 50_000_000_000, 100_000_000_000),), None)


def wrong(vitals: Vitals, around: Surroundings = WELL, limits: AlertLimits = LIMITS):
    return [(one.kind, one.severity) for one in judge(vitals, around, limits)]


def test_nothing_is_wrong_where_all_is_calm():
    assert wrong(CALM) == []


def test_nothing_but_a_disk_is_wrong_before_there_is_a_publication():
    assert wrong(replace(CALM, revision=0, beat_seen=None)) == []
    full = Surroundings((Disk("un", "/var", 0, 1000),))
    assert wrong(replace(CALM, revision=0), full) == [(Kind.DISK, Severity.CRITICAL)]


@pytest.mark.parametrize(("silent", "told"), [(2 * MINUTE, 0), (2.1 * MINUTE, 1), (-MINUTE, 0)])
def test_a_beat_is_silent_after_two_minutes(silent: timedelta, told: int):
    assert len(wrong(replace(CALM, beat_seen=NOW - silent))) == told


def test_a_late_edition_that_leaves_is_less_bad_than_one_that_does_not():
    leaves, waits = replace(LATE, id=1, begun=True), LATE
    found = wrong(replace(CALM, late_editions=(leaves, waits, replace(LATE, id=8, late_s=900.0))))
    assert found == [(Kind.LATE, Severity.CRITICAL), (Kind.LATE, Severity.WARNING)]
    assert (
        wrong(replace(CALM, late_editions=(LATE,)), limits=AlertLimits(late=2 * 60 * MINUTE)) == []
    )


def test_at_most_twenty_editions_are_told_of_the_oldest_first():
    many = tuple(replace(LATE, id=number) for number in range(1, 100))
    found = judge(replace(CALM, late_editions=many), WELL, LIMITS)
    assert [one.subject for one in found] == [str(number) for number in range(1, 21)]


def test_what_readers_wait_for_is_critical_and_what_programs_wait_for_is_not():
    late = replace(CALM, oldest_due_s=dict.fromkeys(Work, 601.0))
    problems = judge(late, WELL, LIMITS)
    assert {one.subject: one.critical for one in problems} == {
        "letters": True,
        "feeds": True,
        "hub": False,
        "webhooks": False,
        "sources": False,
    }
    held = replace(late, held=Held("amina", NOW, "why"))
    assert "letters" not in {one.subject for one in judge(held, WELL, LIMITS)}


def test_a_relay_that_defers_everything_is_told_though_nothing_failed():
    later = {("rest", "deferred"): 15, ("gmail", "deferred"): 5}
    assert wrong(replace(CALM, outcomes=later)) == [(Kind.ERRORS, Severity.CRITICAL)]
    assert wrong(replace(CALM, outcomes={**later, ("gmail", "sent"): 1})) == []


@pytest.mark.parametrize(
    ("refused", "expected"),
    [(2, []), (3, [Severity.WARNING]), (10, [Severity.CRITICAL])],
)
def test_refusals_are_counted_by_group_of_domains(refused: int, expected: list[Severity]):
    outcomes = {
        ("gmail", "sent"): 20 - refused,
        ("gmail", "failed"): refused,
        ("rest", "sent"): 900,
    }
    assert [severity for _, severity in wrong(replace(CALM, outcomes=outcomes))] == expected


def test_few_answers_are_chance():
    assert wrong(replace(CALM, outcomes={("gmail", "failed"): 19})) == []


@pytest.mark.parametrize(
    ("bounced", "complained", "expected"),
    [
        (50, 3, []),
        (51, 0, [(Kind.BOUNCES, Severity.WARNING)]),
        (101, 0, [(Kind.BOUNCES, Severity.CRITICAL)]),
        (0, 4, [(Kind.COMPLAINTS, Severity.WARNING)]),
        (0, 7, [(Kind.COMPLAINTS, Severity.CRITICAL)]),
    ],
)
def test_what_came_back_is_a_part_of_a_days_messages(bounced: int, complained: int, expected: list):
    day = replace(CALM, attempts_day={"sent": 1000}, bounced=bounced, complained=complained)
    assert wrong(day) == expected
    assert wrong(replace(day, attempts_day={"sent": 99})) == []


def test_a_brake_is_a_problem_once_it_may_be_forgotten():
    assert wrong(replace(CALM, held=Held("amina", NOW - DAY, "essai"))) == []
    forgotten = replace(CALM, held=Held("amina", NOW - 1.1 * DAY, "essai"))
    assert wrong(forgotten) == [(Kind.SUSPENDED, Severity.WARNING)]


@pytest.mark.parametrize(
    ("free", "total", "expected"),
    [
        (50, 100, []),
        (9, 100, [Severity.WARNING]),
        (1, 100, [Severity.CRITICAL]),
        (30, 1000, []),  # little of much is enough
        (0.1, 2, [Severity.CRITICAL]),
        (0.06, 0.064, []),  # a small one in memory
    ],
)
def test_a_disk_is_full_by_its_part_and_by_what_is_left(free: float, total: float, expected: list):
    disk = Disk("un", "/var", int(free * 1e9), int(total * 1e9))
    assert [severity for _, severity in wrong(CALM, Surroundings((disk,)))] == expected


@pytest.mark.parametrize(
    ("left", "expected"),
    [(15, []), (13, [Severity.WARNING]), (2, [Severity.CRITICAL]), (-2, [Severity.CRITICAL])],
)
def test_a_certificate_is_told_of_two_weeks_before_its_end(left: int, expected: list):
    shown = Surroundings((), Certificate("relais.example", NOW + left * DAY))
    assert [severity for _, severity in wrong(CALM, shown)] == expected


def everything() -> list[Problem]:
    """A problem of every message that there is."""
    source = FailingSource(1, "actualites", "https://a.example/f", "active", 9, NOW - DAY, "404")
    ill = replace(
        CALM,
        beat_seen=None,
        late_editions=(LATE, replace(LATE, id=8, begun=True)),
        unfrozen_late=(UnfrozenEdition(9, "actualites", None, None, 3600.0),),
        oldest_due_s=dict.fromkeys(Work, 3600.0),
        outcomes={("gmail", "failed"): 30, ("gmail", "deferred"): 20},
        attempts_day={"sent": 100},
        bounced=90,
        complained=90,
        sources_failing=(source,),
        paused_editions=(3,),
    )
    held = replace(CALM, beat_seen=NOW - DAY, held=Held("amina", NOW - 2 * DAY, "100 % d’essais"))
    full = (Disk("un", "/var", 1, 1000),)
    late = Surroundings(full, Certificate("relais.example", NOW), untold_s=3600.0)
    refused = Surroundings((), Certificate("relais.example", None, "self-signed certificate"))
    return [*judge(ill, late, LIMITS), *judge(held, refused, LIMITS)]


def test_every_problem_is_said_in_each_language():
    found = everything()
    assert {one.kind for one in found} == set(Kind) - {Kind.TEST}
    for tag in ("fr", "ar"):
        words = TEMPLATES.catalogue(tag)
        for one in found:
            told, english = said(one, words, tag), said(one, NullTranslations(), "en")
            assert told.text != english.text
            assert told.cure != english.cure
            for text in (told.text, told.cure, english.text, english.cure):
                assert not re.search(r"%\(|_s\b|_part", text), text


def test_values_are_shown_as_people_read_them():
    values = {"late_s": 5400, "bounced_part": 0.0034, "free_bytes": 1_500_000_000, "sent": 12345}
    assert filled(values, "en") == {
        "late_s": "90 minutes",
        "bounced_part": "0.34%",
        "free_bytes": "1.5 GB",
        "sent": "12,345",
    }
    assert filled({"silent_s": 3 * 86400, "refused_part": 0.5}, "fr") == {
        "silent_s": "3\xa0jours",
        "refused_part": "50\xa0%",
    }
