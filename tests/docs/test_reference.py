"""The reference says all there is, as the code has it now."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from running import ROOT

from colporteur.cli.app import app
from colporteur.config import PREFIX, Settings
from colporteur.publication.model import Publication
from docs.making.reference import PAGES
from docs.making.reference.keys import every as every_key
from docs.making.reference.operations import described


def read(page: str) -> str:
    return (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_each_page_of_the_reference_is_what_the_code_makes_of_it(page: str):
    same = (ROOT / page).read_text(encoding="utf-8") == PAGES[page]()
    assert same, f"{page} is not as the code is now: run `make reference`, and look at what differs"


def test_every_page_of_the_reference_is_made_and_listed():
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/reference").glob("*.md")}
    assert there - {"docs/reference/README.md"} == set(PAGES)
    listed = read("README.md")
    assert all(f"({Path(page).name})" in listed for page in PAGES)


def test_every_setting_is_in_it():
    text = read("settings.md")
    for name, field in Settings.model_fields.items():
        line = next(line for line in text.splitlines() if f"| `{PREFIX}{name.upper()}` " in line)
        assert field.description
        assert field.description.split(";")[0].split("|")[0].strip() in line


def commands(path: tuple[str, ...], found: Any) -> list[tuple[tuple[str, ...], Any]]:
    if not hasattr(found, "commands"):
        return [(path, found)]
    below = found.commands.items()
    return [one for name, inside in below for one in commands((*path, name), inside)]


def test_every_command_is_in_it_with_every_option():
    text = read("commands.md")
    sections = {part.split("\n", 1)[0]: part for part in text.split("\n## ")[1:]}
    every = [
        (path, one) for path, one in commands((), typer.main.get_command(app)) if not one.hidden
    ]
    assert sections.keys() == {" ".join(path) for path, _ in every}
    for path, one in every:
        for said in one.params:
            names = [*said.opts, *said.secondary_opts] if said.opts[0].startswith("-") else []
            if said.name != "help" and not getattr(said, "hidden", False):
                assert all(f"`{name}`" in sections[" ".join(path)] for name in names), path


def test_every_command_says_how_it_is_used():
    for part in read("commands.md").split("\n## ")[1:]:
        assert "Example: `" in part, f"{part.splitlines()[0]}: its --help has no example"


def test_every_key_of_a_publications_files_is_in_it_and_explained():
    schema = Publication.model_json_schema(mode="serialization")
    tables = [schema, *(one for one in schema["$defs"].values() if "properties" in one)]
    keys = {name for one in tables for name in one["properties"]}
    text = read("publication.md")
    for name in keys - {"slug"}:  # a channel's is the name of its file
        assert f"`{name}`" in text or f"{name}]" in text or f"{name}.<name>]" in text, name
    for key in every_key():
        assert key.words.endswith((".", "?")), key


def test_no_words_are_kept_for_a_key_that_is_gone():
    path = ROOT / "docs/making/reference/keys.toml"
    kept = tomllib.loads(path.read_text(encoding="utf-8"))
    there = {(key.model, key.name) for key in every_key()}
    assert {(model, name) for model, words in kept.items() for name in words} == there


def test_every_operation_of_the_api_is_in_it_with_all_that_it_takes():
    text = read("api.md")
    sections = {part.split("\n", 1)[0]: part for part in text.split("\n### ")[1:]}
    said = described()
    for path, methods in said["paths"].items():
        for method, one in methods.items():
            section = sections.pop(f"{method.upper()} {path}")
            for name in [each["name"] for each in one.get("parameters", [])]:
                assert f"`{name}`" in section
            assert all(
                f"{status}:" in section or f"{status} (" in section
                for status in one["responses"]
                if status != "default"
            )
    assert not sections
