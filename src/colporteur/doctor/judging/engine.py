"""Whether anybody does the work: the clock that rings, and the workers that hear it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from colporteur.doctor.finding import Finding, listed, note, warning, well, wrong
from colporteur.vitals.figures import Vitals

_SILENT = timedelta(seconds=60)


def is_ticking(seen: datetime | None, now: datetime) -> bool:
    """Whether the last tick is not long ago."""
    return seen is not None and now - seen <= _SILENT


def judge_beat(seen: datetime | None, now: datetime, *, embedded: bool) -> Finding:
    """``seen``: when the last tick was run, None for never."""
    check = "engine.beat"
    start = "colporteur up" if embedded else "colporteur worker --beat"
    cure = f"Start `{start}`, and see in its log why it stopped."
    if seen is None:
        say = note if embedded else wrong
        return say(check, "Nothing has ticked yet: no edition freezes, nothing leaves.", cure)
    if is_ticking(seen, now):
        ago = max((now - seen).total_seconds(), 0)
        return well(check, f"The calendar was looked at {ago:.0f} s ago.")
    say = note if embedded else wrong
    said = f"Nothing has ticked since {seen:%Y-%m-%d %H:%M} UTC: nothing freezes, nothing leaves."
    return say(check, said, cure)


def judge_workers(
    heard: Sequence[tuple[str, frozenset[str]]], queues: tuple[str, ...]
) -> Iterator[Finding]:
    """``heard``: the name of each worker, and the queues that it hears."""
    if not heard:
        yield wrong(
            "engine.workers",
            "No worker answers: nothing leaves.",
            "Start `colporteur worker`, on any machine with these settings.",
        )
        return
    names = sorted(name for name, _ in heard)
    many = f"{len(names)} worker{' answers' if len(names) == 1 else 's answer'}"
    yield well("engine.workers", f"{many}: {listed(names)}.")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        yield note(
            "engine.names",
            f"Several workers are called {listed(twice)}, so that nobody can tell them apart.",
            "Give each a name of its own: colporteur worker --name",
        )
    deaf = [one for one in queues if not any(one in theirs for _, theirs in heard)]
    if deaf:
        yield wrong(
            "engine.queues",
            f"No worker hears {listed(deaf)}: what waits there is never done.",
            f"Start one that does: colporteur worker --queues {','.join(deaf)}",
        )
        return
    yield well("engine.queues", "Every queue is heard.")
    alone = [one for one in queues if sum(one in theirs for _, theirs in heard) == 1]
    if alone:
        yield note(
            "engine.spare",
            f"One worker alone hears {listed(alone)}: while it is started anew, that waits.",
            "Run another, on this machine or a second one.",
        )


def judge_releases(vitals: Vitals, release: str) -> Sequence[Finding]:
    """Whether every process that lives is of this release."""
    others = sorted({one.release for one in vitals.processes} - {release})
    if not others:
        return ()
    return (
        warning(
            "engine.releases",
            f"Some processes are of release {listed(others)}, and this command of {release}.",
            "Start them anew; until then the older ones go on as they were.",
        ),
    )
