"""The report of a soak, for the screen and for ``bench/soak.md``."""

import os
import platform

from bench.soak.figures import slope, spread
from bench.soak.playing import DEFERS, DROPS, POLLERS, Played
from bench.soak.stage import WEBS, WORKERS

_WARM_S = 180.0  # until then caches fill
_MIB = 1024 * 1024


def markdown(played: Played, readers: int) -> str:
    """It as Markdown."""
    return f"""# {played.seconds / 60:.0f} minutes of everything

Written by `make soak` on {os.cpu_count()} cores, Python {platform.python_version()}. {WEBS} web \
processes, {WORKERS} workers of two processes, beat, PostgreSQL (fsync on) and Redis, and a relay \
of ours that puts off {DEFERS:.0%} of what it is offered, cuts the connection at {DROPS:.1%}, and \
refuses all of one domain. {POLLERS} programs poll feeds, people read pages, readers sign up and \
leave, editors publish, correct, withdraw and send special editions: all on the same machine, \
and so are those who ask. After the time is over, what was put off is tried at once.

{_went(played)}

## What was promised

| promise | looked at | kept? |
| --- | ---: | --- |
{_kept(played)}

## How much

| what | |
| --- | ---: |
{_counts(played, readers)}

## How long it took

Milliseconds; for those who asked, on a machine that did all of it.

| what | times | median | 95 % | 99 % | longest |
| --- | ---: | ---: | ---: | ---: | ---: |
{_times(played)}

## Memory

Each process with its children (PSS), in MiB. The slope is a line through all samples after \
{_WARM_S:.0f} s.

| process | at {_WARM_S:.0f} s | at the end | highest | MiB an hour |
| --- | ---: | ---: | ---: | ---: |
{_memory(played)}

## Answers

| what | answers |
| --- | --- |
{_answers(played)}

## What was wrong

{_wrong(played)}
"""


def _went(played: Played) -> str:
    return "**All was kept.**" if played.went_well else "**Not all was kept.**"


def _kept(played: Played) -> str:
    return "\n".join(f"| {one.promise} | {one.of:,} | {one.line} |" for one in played.kept)


def _counts(played: Played, readers: int) -> str:
    world, mails = played.world, len(played.world.bag.mails)
    asked = sum(world.figures.answers.values())
    rows = {
        "seconds": f"{played.seconds:.0f}",
        "seconds until all that was put off had left": f"{played.drained_s:.0f}",
        "steady readers": f"{readers:,}",
        "articles, of them withdrawn": f"{len(world.articles)}, "
        f"{sum(one.withdrawn for one in world.articles.values())}",
        "special editions": f"{len(world.specials)}",
        "messages": f"{mails:,}",
        "messages a second, on average": f"{mails / (played.seconds + played.drained_s):.0f}",
        "messages a second, in the busiest ten seconds": f"{played.busiest():.0f}",
        "put off by the relay": f"{played.deferred:,}",
        "connections cut by the relay": f"{played.cut}",
        "readers who came and stayed": f"{len(world.came)}",
        "readers who left": f"{len(world.left)}",
        "HTTP answers": f"{asked:,}",
        "HTTP answers a second": f"{asked / played.seconds:.0f}",
        "processes that ended by themselves": f"{played.restarts}",
    }
    return "\n".join(f"| {what} | {number} |" for what, number in rows.items())


def _times(played: Played) -> str:
    rows = []
    for what, values in sorted(played.figures.times.items()):
        found = spread(values)
        cells = (found.median, found.p95, found.p99, found.longest)
        rows.append(
            f"| {what} | {found.times:,} | "
            + " | ".join(f"{1000 * one:.0f}" for one in cells)
            + " |"
        )
    return "\n".join(rows)


def _memory(played: Played) -> str:
    rows = []
    for name, samples in played.figures.memory.items():
        late = [size for at, size in samples if at >= _WARM_S] or [size for _, size in samples]
        cells = (late[0] / _MIB, late[-1] / _MIB, max(size for _, size in samples) / _MIB)
        numbers = " | ".join(f"{one:.0f}" for one in (*cells, slope(samples, _WARM_S)))
        rows.append(f"| {name} | {numbers} |")
    return "\n".join(rows)


def _answers(played: Played) -> str:
    found: dict[str, list[str]] = {}
    for (what, status), number in sorted(played.figures.answers.items()):
        found.setdefault(what, []).append(f"{status}: {number:,}")
    return "\n".join(f"| {what} | {', '.join(said)} |" for what, said in found.items())


def _wrong(played: Played) -> str:
    lines = [f"- {number} × {what}" for what, number in played.figures.wrong.most_common(20)]
    lines += [f"- in a log: `{one}`" for one in played.complaints[:20]]
    return "\n".join(lines) or "Nothing: no 5xx, no request without an answer, no error in a log."
