import filecmp
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import httpx
import pytest
from running import ROOT, Installation

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be published, built from what git would hand out."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel alone in an empty environment, with the locked requirements."""
    folder = tmp_path_factory.mktemp("installed")
    python = folder / "venv" / "bin" / "python"
    subprocess.run([uv(), "venv", "-q", "--python", sys.executable, folder / "venv"], check=True)
    install = [uv(), "pip", "install", "-q", "--python", python]
    locked = ["--require-hashes", "-r", ROOT / "requirements" / "run.txt"]
    subprocess.run([*install, *locked], check=True)
    subprocess.run([*install, "--no-deps", wheel], check=True)
    return Installation(folder, {"PYTHONPATH": ""}, python=str(python))


def uv() -> str:
    """The uv that made the environment of these tests: it still has what it fetched then."""
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv") or "uv"


def test_the_wheel_carries_the_tree_of_feeds_and_templates(wheel: Path, tmp_path: Path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    for name in ("feeds", "templates"):
        packed = tmp_path / "colporteur" / "_share" / name
        ours = {
            path.relative_to(ROOT / name) for path in (ROOT / name).rglob("*") if path.is_file()
        }
        theirs = {path.relative_to(packed) for path in packed.rglob("*") if path.is_file()}
        assert ours == theirs
        same, other, unreadable = filecmp.cmpfiles(
            ROOT / name, packed, map(str, ours), shallow=False
        )
        assert (len(same), other, unreadable) == (len(ours), [], [])


def test_the_installed_command_helps_checks_and_runs(installed: Installation):
    command = Path(installed.python).parent / "colporteur"
    for words in (["--help"], ["check"], ["--version"]):
        done = subprocess.run(
            [command, *words],
            cwd=installed.folder,
            env=installed.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    with installed.up("--sample"):
        assert len(httpx.get(f"{installed.url}/feeds/actualites.json").json()["items"]) == 13
        assert str(ROOT) not in installed.log("up")


def test_the_source_archive_holds_no_data_of_a_run(tmp_path: Path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        tops = {Path(name).parts[1] for name in archive.getnames()}
    assert {"src", "feeds", "templates", "worker"} <= tops
    assert not tops & {"var", ".venv"}
