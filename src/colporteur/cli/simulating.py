"""``colporteur editions simulate``: weeks of a made-up publication, judged article by article."""

import json
from typing import Annotated

import typer
from rich.progress import Progress

from colporteur.cli.house import console
from colporteur.clock import use_shipped_zones
from colporteur.simulation.press import publication
from colporteur.simulation.running import Outcome, scratch_engine, simulate
from colporteur.simulation.world import World

_SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="simulate")(simulate_weeks)


def simulate_weeks(
    days: Annotated[int, typer.Option(min=1, max=1000, help="So many days.")] = 90,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another publication.")] = 0,
    readers: Annotated[int, typer.Option(min=1, max=1000, help="So many readers.")] = 25,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check on a made-up publication that each reader gets each article once.

    The real engine runs on a database of its own, through outages, failures and changes of
    mind; an independent oracle says what should have happened. Exit 1 on any difference.

    Example: [bold]colporteur editions simulate --days 30 --seed 7[/]
    """
    use_shipped_zones()
    world = World(seed, days, readers, publication())
    shown = console.is_terminal and not as_json
    with scratch_engine() as engine, Progress(console=console, disable=not shown) as progress:
        bar = progress.add_task("Living", total=(world.end - world.start).total_seconds())
        done = simulate(
            engine,
            world,
            progress=lambda moment: progress.update(
                bar, completed=(moment - world.start).total_seconds()
            ),
        )
    _tell(world, done, as_json=as_json)
    if done.verdict.faults:
        raise typer.Exit(1)


def _tell(world: World, done: Outcome, *, as_json: bool) -> None:
    verdict = done.verdict
    first = [str(fault) for fault in verdict.faults[:_SHOWN]]
    if as_json:
        said = {
            "repeated": verdict.repeated,
            "missing": verdict.missing,
            "extra": verdict.extra,
            "seed": world.seed,
            "days": world.days,
            "readers": world.readers,
            "editions": done.editions,
            "deliveries": done.deliveries,
            "faults": first,
        }
        print(json.dumps(said, ensure_ascii=False, indent=2))  # noqa: T201
        return
    lived = f"{world.days} days, {done.editions} editions, {done.deliveries} deliveries"
    if not verdict.faults:
        console.print(f"{lived}: each reader got each article they should, once.")
        return
    counts = f"{verdict.repeated} repeated, {verdict.missing} missing, {verdict.extra} extra"
    console.print(f"{lived}: {counts}. The first of them, with seed {world.seed}:")
    for line in first:
        console.print(line, markup=False, highlight=False)
