import os
import shutil
import subprocess
from pathlib import Path

import pytest
from running import ROOT
from servers import program

WANTED = ("newsboat=newsboat", "first|second=one,two", "r2e=rss2email")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine's programs: a few of the system's, and those that a test adds."""
    for name in ("sh", "tr", "id", "env"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    has(tmp_path, "sudo", 'exec "$@"')
    return tmp_path


def has(machine: Path, name: str, does: str = "") -> None:
    path = machine / name
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)


def install(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".ci" / "install-debian", *WANTED],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_missing_is_installed_in_one_go(machine: Path):
    has(machine, "apt-get", 'echo "$@" >&2')
    has(machine, "newsboat")
    done = install(machine)
    assert done.returncode == 0, done.stderr
    assert [line.split()[-3:] for line in done.stderr.splitlines()] == [
        ["update", "-qq"],
        ["one", "two", "rss2email"],
    ]


def test_a_machine_that_has_all_is_left_alone(machine: Path):
    for name in ("newsboat", "second", "r2e"):
        has(machine, name)
    has(machine, "apt-get", "exit 1")
    done = install(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_apt_get_it_says_what_to_install(machine: Path):
    done = install(machine)
    assert done.returncode == 1
    assert "newsboat first r2e" in done.stderr
    assert "newsboat one two rss2email" in done.stderr


def test_a_test_without_its_program_fails_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(RuntimeError, match=r"no r2e on PATH.*Debian's rss2email"):
        program("r2e", "rss2email")


def fetch(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".ci" / "fetch-debian", "usr/sbin/smtp-sink=postfix", "usr/lib/*/fake.so=faketime"],
        cwd=machine,
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_files_of_packages_are_fetched_and_nothing_is_installed(machine: Path):
    for name in ("mkdir", "mktemp", "chmod", "rm", "sed", "grep", "find"):
        (machine / name).symlink_to(shutil.which(name) or name)
    has(machine, "apt-get", 'echo "apt-get $1" >&2; [ $1 != download ] || : > "$3"_1.deb')
    has(machine, "apt-cache")
    has(machine, "dpkg", 'echo "dpkg $1 $3" >&2')
    done = fetch(machine)
    assert done.returncode == 0, done.stderr
    said = ["apt-get update", "dpkg -x .programs", "dpkg -x .programs"]
    assert done.stderr.splitlines() == said


def test_what_was_fetched_before_is_not_fetched_again(machine: Path):
    for name in ("usr/sbin/smtp-sink", "usr/lib/x86/fake.so"):
        path = machine / ".programs" / name
        path.parent.mkdir(parents=True)
        path.touch()
    has(machine, "apt-get", "exit 1")
    done = fetch(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_debians_tools_it_says_what_is_left_out(machine: Path):
    done = fetch(machine)
    assert done.returncode == 0
    assert "Not in .programs: postfix faketime" in done.stderr
