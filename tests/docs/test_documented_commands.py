"""Whatever the documents tell one to type is a command, with options that it has."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from running import ROOT

from colporteur.cli.app import app

_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BEFORE = r"(?:^|[;&|(] *|\$ |\bexec |(?<!\S)[A-Z]\w*=\S* )"  # where a shell looks for a command
_COMMAND = re.compile(_BEFORE + r" *(?:\S*/bin/)?colporteur((?: +[^\s|&;#`)<>]+)+)")
_PROGRAM = typer.main.get_command(app)


def written(text: str) -> Iterator[str]:
    """What stands after ``colporteur`` in fenced blocks and in code among words."""
    blocks = [block.replace("\\\n", " ") for block in _FENCE.findall(text)]
    for code in [*blocks, *_CODE.findall(_FENCE.sub("", text))]:
        for line in code.splitlines():
            said = re.sub(r"\"[^\"]*\"|'[^']*'", "TEXT", line)
            yield from (found.strip() for found in _COMMAND.findall(said))


def wrong_in(words: str) -> str:
    """What is no command of ours, or no option of one; nothing where all is right."""
    found: Any = _PROGRAM
    rest = words.split()
    while hasattr(found, "commands") and rest and not rest[0].startswith("-"):
        name = rest.pop(0).rstrip(".,:")
        if name in {"COMMAND", "…"} or "|" in name:
            return ""  # a shape, not a command
        if name not in found.commands:
            return name
        found = found.commands[name]
    known = {name for said in found.params for name in [*said.opts, *said.secondary_opts]}
    options = [word.partition("=")[0].rstrip(".,…") for word in rest if word.startswith("-")]
    return next((one for one in options if one not in known | {"--help", "-", ""}), "")


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_what_documents_tell_to_type_is_there():
    wrong = [
        f"{path.relative_to(ROOT)}: colporteur {words}: {fault}"
        for path in documents()
        for words in written(path.read_text(encoding="utf-8"))
        if (fault := wrong_in(words))
    ]
    assert wrong == []


def test_a_command_or_an_option_that_is_none_is_noticed():
    assert wrong_in("editions calender --days 7") == "calender"
    assert wrong_in("editions calendar --dayz 7") == "--dayz"
    assert list(written("```sh\ncolporteur up --sample\n```\nand `colporteur check x`.")) == [
        "up --sample",
        "check x",
    ]
