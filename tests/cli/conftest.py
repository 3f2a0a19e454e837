"""Commands run in this process, as the entry point runs them; end_to_end starts real ones."""

import io
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from house import House, publication
from sqlalchemy import Engine

from colporteur.cli import main
from colporteur.db import database_now, reading
from colporteur.tasks import application


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Desk:
    """A folder, its settings, and the command line in it."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    settings: dict[str, str] = field(default_factory=dict)
    typed: str = ""  # on the keyboard; empty: nobody is there to say yes

    def run(self, *words: str) -> Done:
        """Run ``colporteur`` with these words, to its end."""
        self.capsys.readouterr()
        with self.monkeypatch.context() as patched:
            patched.chdir(self.folder)
            patched.setattr("sys.argv", ["colporteur", *words])
            patched.setattr("sys.stdin", io.StringIO(self.typed))
            for name, value in self.settings.items():
                patched.setenv(name, value)
            try:
                main()
                code = 0
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else int(left.code is not None)
            finally:
                if application._runtime is not None:
                    application._runtime.engine.dispose()
        printed = self.capsys.readouterr()
        return Done(code, printed.out, printed.err)


@pytest.fixture
def installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    """A new, empty folder to run commands in."""
    return Desk(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def kept_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first folder with the sample publication in force is kept for the others."""
    return tmp_path_factory.mktemp("sample") / "kept"


@pytest.fixture
def applied(installation: Desk, kept_sample: Path) -> Desk:
    """A folder with the sample publication in force."""
    if not kept_sample.exists():
        done = installation.run("publication", "apply", "--yes")
        assert done.returncode == 0, done.stderr
        shutil.copytree(installation.folder, kept_sample)
    shutil.copytree(kept_sample, installation.folder, dirs_exist_ok=True)
    return installation


@dataclass
class Newsroom:
    """A small publication in force in a database of each kind, and the command line on it."""

    desk: Desk
    house: House

    def run(self, *words: str) -> Done:
        """Run a command that must work."""
        done = self.desk.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def refused(self, *words: str, code: int = 1) -> str:
        """Run a command that must be refused; what it says."""
        done = self.desk.run(*words)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr + done.stdout
        return done.stderr

    def told(self, *words: str) -> Any:
        """What a command says in JSON."""
        return json.loads(self.run(*words, "--json").stdout)


@pytest.fixture
def newsroom(installation: Desk, engine: Engine, database_url: str) -> Newsroom:
    """A small publication, its commands and its database."""
    installation.settings["COLPORTEUR_DATABASE_URL"] = database_url
    with reading(engine) as connection:
        now = database_now(connection)
    house = House(engine, now)
    house.apply(publication())
    return Newsroom(installation, house)
