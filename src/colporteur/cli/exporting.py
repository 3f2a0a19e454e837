"""``colporteur subscribers export``: the readers as a list, for us or for another tool."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from colporteur.audience.exporting.readers import exported
from colporteur.audience.exporting.shapes import WRITTEN_TO, Shape, header, row
from colporteur.audience.states import State
from colporteur.cli.house import House, console, looking, runtime
from colporteur.exceptions import ChoiceRefused, ServiceUnavailable

_STDOUT = Path("-")


def add_to(app: typer.Typer) -> None:
    """Make the command part of ``colporteur subscribers``."""
    app.command("export")(export)


def export(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where it goes; standard output by default.")
    ] = _STDOUT,
    channel: Annotated[str, typer.Option(help="Readers of this channel only.")] = "",
    state: Annotated[
        list[State] | None, typer.Option(help="Who is in this state only; several times.")
    ] = None,
    shape: Annotated[
        Shape, typer.Option("--format", help="Ours (csv, jsonl), or as another tool takes it.")
    ] = Shape.CSV,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin with a byte order mark, which Excel needs.")
    ] = False,
) -> None:
    """Write out the readers, a row for each of their channels, with what they chose.

    Lists for other tools hold those who get mail, unless --state says otherwise: they write to all.

    Example: [bold]colporteur subscribers export readers.csv --channel actualites --state active[/]
    """
    run = runtime()
    with looking(run) as inside:
        channels = _channels(inside, channel, shape)
        names = inside.names
    ours = shape in {Shape.CSV, Shape.JSONL}
    states = state or (() if ours else WRITTEN_TO)
    count = 0
    with _opened(path, bom=bom) as file:
        file.write(header(shape))
        for one in exported(run.engine, names, channels, states):
            file.write(row(shape, one))
            count += 1
    if path != _STDOUT:
        console.print(f"{count:,} rows are in {path}.", highlight=False, markup=False)


def _channels(inside: House, slug: str, shape: Shape) -> dict[int, str]:
    """The channels whose readers are wanted, by id."""
    wanted = [inside.publication.channel(slug)] if slug else list(inside.publication.channels)
    digests = [one.slug for one in wanted if one.digest]
    if shape not in {Shape.CSV, Shape.JSONL} and len(digests) > 1:
        raise ChoiceRefused(
            f"A list for {shape} has one row a reader, and there are {len(digests)} channels.",
            cure=f"Say which one: --channel {digests[0]}.",
        )
    return {inside.names.channels[one.slug]: one.slug for one in wanted}


@contextmanager
def _opened(path: Path, *, bom: bool) -> Iterator[TextIO]:
    """Where the list goes: a file that only its owner reads, and that is whole or not there."""
    if path == _STDOUT:
        try:
            yield sys.stdout
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read it has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    half = path.with_name(f"{path.name}.part")
    try:
        opened = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(opened, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
            yield file
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise ServiceUnavailable(
            f"{path} cannot be written: {error.strerror or error}.",
            cure="Make room, or name another file.",
        ) from None
