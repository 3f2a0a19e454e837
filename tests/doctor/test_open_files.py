"""Who can read what must not be read, by the files themselves."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from colporteur.config import Settings
from colporteur.config.origins import origins
from colporteur.doctor import Finding, Severity
from colporteur.doctor.asking.machine import look_at_machine
from colporteur.doctor.judging.machine import judge_kept


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine reaches; pytest's own are closed."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def found(folder: Path, variables: dict[str, str]) -> list[Finding]:
    settings = Settings(data_dir=folder / "data")
    look = look_at_machine(settings, origins(variables, folder / ".env"))
    return [one for one in judge_kept(look.kept, real=True) if one.severity is not Severity.WELL]


def test_secrets_that_every_user_reads_or_changes_are_told_with_the_command_that_mends_it(
    open_folder: Path,
):
    data, key, dotenv = (open_folder / one for one in ("data", "relay.url", ".env"))
    data.mkdir(mode=0o700)
    (data / "secret_key").write_text("x")
    dotenv.write_text("COLPORTEUR_DKIM_KEY=x\nCOLPORTEUR_PORT=8000\n")
    key.write_text("smtp://me:secret@relay.example")
    for path in (data / "secret_key", dotenv, key):
        path.chmod(0o644)
    named = {"COLPORTEUR_MAIL_URL_FILE": str(key), "HOME": "/"}
    told = {one.cure: one.severity for one in found(open_folder, named)}
    assert told == {
        f"chmod o-rwx {dotenv}": Severity.WARNING,
        f"chmod o-rwx {key}": Severity.WARNING,
    }  # the secret key lies in a folder that is closed
    data.chmod(0o777)
    key.chmod(0o600)
    dotenv.chmod(0o640)
    told = {one.cure: one.severity for one in found(open_folder, named)}
    assert told == {
        f"chmod o-rwx {data}": Severity.WRONG,
        f"chmod o-rwx {data / 'secret_key'}": Severity.WARNING,
    }
    (data / "secret_key").chmod(0o600)
    data.chmod(0o755)
    assert not found(open_folder, named)


def test_a_variable_that_the_environment_sets_is_not_looked_for_in_the_file(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("COLPORTEUR_SECRET_KEY=x\nCOLPORTEUR_PORT=8000\n")
    said = {one.variable: one for one in origins({"COLPORTEUR_SECRET_KEY": "y"}, dotenv)}
    assert said["COLPORTEUR_SECRET_KEY"].file is None
    assert said["COLPORTEUR_PORT"].file == dotenv
    assert said["COLPORTEUR_SECRET_KEY"].secret
    assert not said["COLPORTEUR_PORT"].secret
