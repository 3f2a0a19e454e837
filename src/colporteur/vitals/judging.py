"""What is wrong with an installation, by its figures. Pure.

Each message and cure is one of the catalogues (``problems.Problem``).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from colporteur.config.alerting import AlertLimits
from colporteur.vitals.figures import LATER, REFUSED, TAKEN, Vitals, Work
from colporteur.vitals.problems import Kind, Problem, Severity
from colporteur.vitals.surroundings import Certificate, Disk, Surroundings

ANSWERS_AT_LEAST = 20
"""Of a group of domains in an hour; of fewer, chance says as much."""
SENT_AT_LEAST = 100
"""In a day: as an edition's own letter about bounces has it."""
COMPLAINTS_AT_LEAST = 3
MANY = 2
"""Times a limit: then it is critical."""
MOST_ERRORS = 0.5
ROOM_ENOUGH = 20_000_000_000
"""Bytes free: less than a tenth of a large disk may be much."""
ROOM_TOO_LITTLE = 200_000_000
"""Bytes free, of a disk that is nearly full; small ones in memory (``/tmp``) never have more."""
CERTIFICATE_SOON = timedelta(days=3)
FAILS_FOR = timedelta(hours=1)
"""Sites are away for a moment; as the newsroom's Today has it."""
_SUBJECT_AT_MOST = 150
AT_MOST = 20
"""Editions, or groups of domains, at a time: the oldest first, so that none comes and goes."""


def judge(vitals: Vitals, surroundings: Surroundings, limits: AlertLimits) -> tuple[Problem, ...]:
    """What is wrong, the critical first. Before a publication was applied, nothing is."""
    if vitals.revision == 0:
        return _sorted(_disks(surroundings.disks, limits))
    return _sorted(
        [
            *_beat(vitals, limits),
            *_editions(vitals, limits),
            *_queues(vitals, limits),
            *_answers(vitals, limits),
            *_returned(vitals, limits),
            *_brake(vitals, limits),
            *_sources(vitals),
            *_disks(surroundings.disks, limits),
            *_certificate(surroundings.certificate, vitals, limits),
            *_webhook(surroundings.untold_s, limits),
        ]
    )


def beat_silent(silent_s: float | None) -> Problem:
    """Nothing ticks any more; None: nothing ever did."""
    values = {} if silent_s is None else {"silent_s": silent_s}
    return Problem(
        Kind.BEAT,
        Severity.CRITICAL,
        "Nothing has ticked for %(silent_s)s: no edition is made, and nothing is sent."
        if values
        else "Nothing has ticked yet: no edition is made, and nothing is sent.",
        "See that beat and a worker run, and what their logs say last.",
        values,
    )


def _sorted(found: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(found, key=lambda one: not one.critical))


def _beat(vitals: Vitals, limits: AlertLimits) -> Iterator[Problem]:
    seen = vitals.beat_seen
    if seen is None:
        yield beat_silent(None)
    elif vitals.now - seen > limits.beat:
        yield beat_silent((vitals.now - seen).total_seconds())


def _editions(vitals: Vitals, limits: AlertLimits) -> Iterator[Problem]:
    if vitals.held:
        return
    late_s, waits_s = limits.late.total_seconds(), limits.queue.total_seconds()
    for opened in [one for one in vitals.unfrozen_late if one.late_s > waits_s][:AT_MOST]:
        yield Problem(
            Kind.NOT_FIXED,
            Severity.CRITICAL,
            "Edition %(edition)s (%(of)s) should have been ready %(late_s)s ago, and is not.",
            "See what the workers' log says last: nothing is lost while it waits.",
            {"edition": str(opened.id), "of": _of(opened), "late_s": opened.late_s},
            subject=str(opened.id),
            path=f"/newsroom/editions/{opened.id}",
        )
    for late in [one for one in vitals.late_editions if one.late_s > late_s][:AT_MOST]:
        yield Problem(
            Kind.LATE,
            Severity.WARNING if late.begun else Severity.CRITICAL,
            "Edition %(edition)s (%(of)s) is late by %(late_s)s. Messages that wait: %(waiting)s."
            if late.begun
            else "Edition %(edition)s (%(of)s) was due %(late_s)s ago, and nothing of it has left.",
            "See whether the relay answers, and how much it takes: colporteur editions watch %(edition)s."
            if late.begun
            else "See whether workers run and the relay answers: colporteur doctor.",
            {
                "edition": str(late.id),
                "of": _of(late),
                "late_s": late.late_s,
                "waiting": late.waiting,
            },
            subject=str(late.id),
            path=f"/newsroom/editions/{late.id}",
        )


def _of(edition: Any) -> str:
    return ", ".join(one for one in (edition.channel, edition.cadence) if one)


_QUEUES: dict[Work, tuple[Severity, str]] = {
    Work.LETTERS: (
        Severity.CRITICAL,
        "Letters have waited for %(waits_s)s: who signs up gets none. Waiting: %(waiting)s.",
    ),
    Work.FEEDS: (Severity.CRITICAL, "Feeds have not been built for %(waits_s)s."),
    Work.HUB: (
        Severity.WARNING,
        "Programs that follow the feeds have waited for %(waits_s)s. Waiting: %(waiting)s.",
    ),
    Work.WEBHOOKS: (
        Severity.WARNING,
        "Messages to webhooks have waited for %(waits_s)s. Waiting: %(waiting)s.",
    ),
    Work.SOURCES: (
        Severity.WARNING,
        "Sources have not been asked for %(waits_s)s. Waiting: %(waiting)s.",
    ),
}
"""What waits too long, but for editions' messages: they are told of by their edition."""


def _queues(vitals: Vitals, limits: AlertLimits) -> Iterator[Problem]:
    for work, (severity, message) in _QUEUES.items():
        waits_s = vitals.oldest_due_s.get(work, 0)
        held = work is Work.LETTERS and vitals.held
        if held or waits_s <= limits.queue.total_seconds():
            continue
        yield Problem(
            Kind.QUEUE,
            severity,
            message,
            "See that a worker runs for it, and how busy it is: colporteur vitals.",
            {"waits_s": waits_s, "waiting": vitals.waiting.get(work, 0)},
            subject=str(work),
        )


def _answers(vitals: Vitals, limits: AlertLimits) -> Iterator[Problem]:
    """What relays answered in the last hour, by group of domains."""
    by_group: dict[str, Counter[str]] = {}
    for (group, outcome), count in sorted(vitals.outcomes.items()):
        by_group.setdefault(group, Counter())[outcome] += count
    everybody = sum(by_group.values(), Counter[str]())
    if not everybody[TAKEN] and everybody[LATER] >= ANSWERS_AT_LEAST:
        yield Problem(
            Kind.ERRORS,
            Severity.CRITICAL,
            "The relay takes nothing: of the last hour's %(answers)s answers each said to come again.",
            "See its answers in colporteur editions report, and ask its operator.",
            {"answers": everybody[LATER]},
            subject="later",
        )
    refusing = ((group, counts, _refused(counts)) for group, counts in by_group.items())
    for group, counts, part in [one for one in refusing if one[2] > limits.errors][:AT_MOST]:
        yield Problem(
            Kind.ERRORS,
            Severity.CRITICAL if part >= MOST_ERRORS else Severity.WARNING,
            "Of the last hour's messages to %(group)s, %(refused_part)s were refused: %(refused)s.",
            "See the refusals in colporteur editions report; colporteur doctor looks at what they "
            "are about most.",
            {"group": group, "refused_part": part, "refused": counts[REFUSED]},
            subject=group,
        )


def _refused(counts: Counter[str]) -> float:
    """The part of the answers for good that were refusals; 0 of too few."""
    answered = counts[TAKEN] + counts[REFUSED]
    return counts[REFUSED] / answered if answered >= ANSWERS_AT_LEAST else 0.0


def _returned(vitals: Vitals, limits: AlertLimits) -> Iterator[Problem]:
    if vitals.sent < SENT_AT_LEAST:
        return
    bounced = vitals.bounced / vitals.sent
    if bounced > limits.bounces:
        yield Problem(
            Kind.BOUNCES,
            _severity(bounced > MANY * limits.bounces),
            "Of a day's messages %(bounced_part)s came back for good: %(bounced)s of %(sent)s.",
            "See where these addresses came from; a list that was read in may be old.",
            {"bounced_part": bounced, "bounced": vitals.bounced, "sent": vitals.sent},
            path="/newsroom/reports",
        )
    complained = vitals.complained / vitals.sent
    if complained > limits.complaints and vitals.complained >= COMPLAINTS_AT_LEAST:
        yield Problem(
            Kind.COMPLAINTS,
            _severity(complained > MANY * limits.complaints),
            "Of a day's messages %(complained_part)s were called spam: %(complained)s of %(sent)s.",
            "Receivers soon refuse a sender for this. See who gets mail that they did not ask for.",
            {"complained_part": complained, "complained": vitals.complained, "sent": vitals.sent},
            path="/newsroom/reports",
        )


def _brake(vitals: Vitals, limits: AlertLimits) -> Iterator[Problem]:
    if vitals.held and vitals.now - vitals.held.since > limits.suspended:
        yield Problem(
            Kind.SUSPENDED,
            Severity.WARNING,
            "All sending has been suspended for %(since_s)s, by %(by)s: %(why)s",
            "If that was forgotten: colporteur release, which first says what leaves.",
            {
                "since_s": (vitals.now - vitals.held.since).total_seconds(),
                "by": vitals.held.by,
                "why": vitals.held.why,
            },
            path="/newsroom/brakes",
        )
    if vitals.paused_editions:
        yield Problem(
            Kind.PAUSED,
            Severity.WARNING,
            "Editions that are paused, and wait for somebody: %(paused)s.",
            "See why, and let each go on or cancel it: colporteur editions resume, or cancel.",
            {"paused": len(vitals.paused_editions)},
            path="/newsroom/",
        )


def _sources(vitals: Vitals) -> Iterator[Problem]:
    failing = [
        one
        for one in vitals.sources_failing
        if one.failing_since is None or vitals.now - one.failing_since > FAILS_FOR
    ]
    if failing:
        yield Problem(
            Kind.SOURCES,
            Severity.WARNING,
            "Sources that fail: %(failing)s of %(polled)s, such as %(url)s.",
            "Nothing new of them reaches readers: colporteur stats says what they answered.",
            {"failing": len(failing), "polled": vitals.sources_polled, "url": failing[0].url},
            path="/newsroom/articles/sources",
        )


def _disks(found: Iterable[Disk], limits: AlertLimits) -> Iterator[Problem]:
    for disk in found:
        part = disk.free / disk.total if disk.total else 1.0
        if part < limits.disk and disk.free < ROOM_ENOUGH:
            yield Problem(
                Kind.DISK,
                _severity(disk.free < ROOM_TOO_LITTLE or part < limits.disk / 5),
                "The disk of %(folder)s on %(machine)s is nearly full: %(free_bytes)s left.",
                "Make room: a full disk stops sending, and may stop the database.",
                {"folder": disk.folder, "machine": disk.machine, "free_bytes": disk.free},
                subject=f"{disk.machine}:{disk.folder}"[:_SUBJECT_AT_MOST],
            )


def _certificate(
    shown: Certificate | None, vitals: Vitals, limits: AlertLimits
) -> Iterator[Problem]:
    if shown is None:
        return
    cure = "Renew it where TLS ends, and have that server read it anew."
    if shown.ends_at is None:
        yield Problem(
            Kind.CERTIFICATE,
            Severity.CRITICAL,
            "Browsers do not take the certificate of %(host)s: %(problem)s.",
            cure,
            {"host": shown.host, "problem": shown.problem},
        )
    elif shown.ends_at - vitals.now < limits.certificate:
        left = max(shown.ends_at - vitals.now, timedelta(0))
        yield Problem(
            Kind.CERTIFICATE,
            _severity(left < CERTIFICATE_SOON),
            "The certificate of %(host)s ends in %(left_s)s.",
            cure,
            {"host": shown.host, "left_s": left.total_seconds()},
        )


def _webhook(untold_s: float | None, limits: AlertLimits) -> Iterator[Problem]:
    if untold_s is not None and untold_s > limits.queue.total_seconds():
        yield Problem(
            Kind.WEBHOOK,
            Severity.WARNING,
            "The webhook of alerts has taken nothing for %(untold_s)s.",
            "See what it answers: colporteur vitals. Its address is COLPORTEUR_ALERT_WEBHOOK.",
            {"untold_s": untold_s},
        )


def _severity(critical: bool) -> Severity:  # noqa: FBT001 - the question is in the name
    return Severity.CRITICAL if critical else Severity.WARNING
