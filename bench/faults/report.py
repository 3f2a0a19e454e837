"""The table of a run, for the screen and for ``bench/faults.md``."""

import os
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.faults.playing import WINDOW, Played
from bench.faults.scenarios import Size

_COLUMNS = ("messages", "kills", "missing", "doubled", "bound", "recorded", "seconds")


def show(played: Sequence[Played]) -> None:
    """Print it."""
    table = Table("scenario", *_COLUMNS, "kept?")
    for one in played:
        kept = "; ".join(one.verdict.complaints) or "yes"
        table.add_row(one.name, *_cells(one), kept)
    Console(width=150).print(table)


def markdown(played: Sequence[Played], left_out: Sequence[str], size: Size) -> str:
    """It as Markdown, with what its columns mean."""
    rows = "\n".join(
        f"| {one.name} | {' | '.join(_cells(one))} | {'; '.join(one.verdict.complaints) or 'yes'} |"
        for one in played
    )
    without = "".join(f"\nLeft out: {one}.\n" for one in left_out)
    heads = " | ".join(("scenario", *_COLUMNS, "kept?"))
    return f"""# What faults do to an edition

Written by `make faults` on {os.cpu_count()} cores. Each row is an edition to {size.readers:,} \
readers through a relay of ours that takes {size.rate:.0f} messages a second (2.5 times as many where \
it need not outlast many kills) and writes down every one before its 250; real worker processes, PostgreSQL (fsync on) and Redis, or \
`colporteur up` on SQLite.

- **kills**: what was killed, stopped, thrown away or cut meanwhile.
- **missing**: readers who got nothing. It has to be 0.
- **doubled**: readers who got their message more than once, always with the same Message-ID; \
**recorded**: those of them that the ledger counts as possible duplicates. They have to be equal.
- **bound**: how many may be doubled: {WINDOW} messages for each connection whose process, or whose \
database, was killed; one for each connection that the relay cut.

| {heads} |
|{" --- |" * (len(_COLUMNS) + 2)}
{rows}
{without}"""


def _cells(one: Played) -> list[str]:
    found = one.verdict
    numbers = (found.missing, found.doubled, found.bound, found.recorded)
    return [
        f"{found.messages:,}",
        str(one.harm.kills),
        *(str(number) for number in numbers),
        f"{one.seconds:.0f}",
    ]
