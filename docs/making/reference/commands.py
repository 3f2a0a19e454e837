"""Every command with its arguments and options, from the program itself."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import typer

from colporteur.cli.app import app
from docs.making.reference.writing import code, page, table

_LEAD = (
    "Every command, as `--help` tells it. They exit with 0, with 1 when something was refused, and "
    "with 2 on a wrong use; `--json` prints data for other programs."
)
_BOLD = re.compile(r"\[bold\](.+?)\[/(?:bold)?\]")
_KINDS = {"str": "text", "int": "number", "float": "number", "Path": "path"}

Command = Any
"""Typer's own kinds of command and parameter, which it gives no public names."""


def commands() -> str:
    """The page of commands."""
    return page("Commands", _LEAD, *(_section(path, one) for path, one in every()))


def every() -> Iterator[tuple[str, Command]]:
    """Each command by what one types after ``colporteur``; groups are none."""
    yield from _below("", typer.main.get_command(app))


def _below(path: str, command: Command) -> Iterator[tuple[str, Command]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, one in sorted(command.commands.items()):
        if not one.hidden:
            yield from _below(f"{path} {name}".strip(), one)


def arguments(command: Command) -> list[Command]:
    """What is said to a command by its place."""
    return [one for one in command.params if one.param_type_name == "argument"]


def options(command: Command) -> list[Command]:
    """What is said to a command by name, in its own order."""
    return [
        one
        for one in command.params
        if one.param_type_name == "option" and not one.hidden and one.name != "help"
    ]


def _section(path: str, command: Command) -> str:
    positions = [(code(_place(one)), one.help or "", _value(one)) for one in arguments(command)]
    flags = [(_names(one), one.help or "", _value(one)) for one in options(command)]
    places = [_place(one) for one in arguments(command)]
    usage = " ".join(["colporteur", path, *places, *(["[OPTIONS]"] if flags else [])])
    parts = (
        f"## {path}",
        f"`{usage}`",
        _prose(command.help or ""),
        table(("argument or option", "what it is", "value"), positions + flags),
    )
    return "\n\n".join(part for part in parts if part)


def _place(one: Command) -> str:
    name = str(one.name).upper().replace("_", "-") + ("…" if one.nargs != 1 else "")
    return name if one.required else f"[{name}]"


def _names(one: Command) -> str:
    return ", ".join(code(name) for name in [*one.opts, *one.secondary_opts])


def _value(one: Command) -> str:
    kind: Any = one.type_descriptor.annotation if one.type_descriptor else bool
    kind = next(iter(get_args(kind)), kind)
    said = [] if kind is bool else [_kind(kind)]
    if one.required and one.param_type_name == "option":
        said.append("required")
    default = one.default.value if isinstance(one.default, Enum) else one.default
    if default is True:
        said.append(f"default {code(one.opts[0])}")
    elif default not in {None, False, ""}:
        said.append(f"default {code(default)}")
    if one.param_type_name == "option" and one.multiple:
        said.append("may be repeated")
    return "; ".join(said)


def _kind(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(code(one.value) for one in kind)
    return _KINDS.get(kind.__name__, str(kind.__name__))


def _prose(text: str) -> str:
    """What a command says of itself; its examples as code."""
    plain = text.replace("\b\n", "").replace("\\[", "[").strip()
    return _BOLD.sub(lambda found: code(found[1]), plain)
