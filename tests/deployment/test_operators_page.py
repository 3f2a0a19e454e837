"""What operators copy: commands that are there, units that start them, files that exist."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml
from running import ROOT

from colporteur.cli.app import app

PAGE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
COPIED = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]
UNITS = sorted((ROOT / "worker" / "systemd").glob("*.service"))
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


def understand(words: list[str]) -> str:
    """Read a command line as the program would, to the end of its options, and run nothing."""
    command = typer.main.get_command(app)
    name = "colporteur"
    while hasattr(command, "resolve_command"):
        context = command.context_class(command, info_name=name)
        name, command, words = command.resolve_command(context, words)
    command.make_context(name, words)
    return str(name)


def commands() -> list[list[str]]:
    after = re.compile(r"^(?:docker compose exec web-1 )?colporteur (.*)$")
    return [shlex.split(found.group(1)) for line in COPIED if (found := after.match(line))]


def test_every_command_of_the_operators_page_is_one_of_colporteurs():
    known = {understand(words) for words in commands()}
    assert {"migrate", "apply", "import", "add", "go-live", "send", "report"} <= known


def test_a_command_that_is_none_would_be_seen():
    with pytest.raises(Exception, match=r"No such (option|command)"):
        understand(["editions", "report", "--channel", "actualites"])


def test_every_file_and_service_that_the_operators_page_names_is_there():
    for name in re.findall(r"\bworker/[\w./-]+\w", PAGE):
        assert (ROOT / name).exists(), name
    for service in re.findall(r"docker compose exec (\S+)", PAGE):
        assert service in SERVICES, service


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_is_there_without_any_right_of_roots(path: Path):
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path, encoding="utf-8")
    service = unit["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program == "/opt/colporteur/bin/colporteur"
    understand([word.replace("%i", "one") for word in words])
    assert (service["User"], service["NoNewPrivileges"]) == ("colporteur", "yes")
    assert (service["CapabilityBoundingSet"], service["ProtectSystem"]) == ("", "strict")


def test_every_process_of_compose_has_a_unit_that_starts_it():
    names = {path.stem.removeprefix("colporteur-") for path in UNITS}
    assert {"migrate", "web@", "worker@", "worker-feeds", "beat", "bounces"} <= names
