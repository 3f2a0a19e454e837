"""What we are made of: locked, by hash, asked about; and no audit where nobody answered."""

import importlib.util
import re
import tomllib
from datetime import date
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

import pytest
import yaml
from running import ROOT

TODAY = date(2026, 11, 22)
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
_PINNED = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^\s;]+( ; [^\\]+)? \\", re.IGNORECASE)
_IMAGE = re.compile(r"[\w./-]+:[\w.-]*\d[\w.-]*(@sha256:[0-9a-f]{64})?")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    loader = SourceFileLoader("audit", str(ROOT / ".ci" / "audit"))
    spec = importlib.util.spec_from_loader("audit", loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    loader.exec_module(made)
    return made


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda one: one.name)
def test_each_requirement_is_one_version_with_its_hashes(path: Any):
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    wanted, hashed = 0, True
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] != " ":
            assert hashed, f"without a hash, before {line}"
            assert _PINNED.fullmatch(line), line
            wanted, hashed = wanted + 1, False
        else:
            assert _HASH.fullmatch(line), line
            hashed = True
    assert wanted
    assert hashed


def test_images_are_of_a_stated_version():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    ours = {one["image"] for one in compose["services"].values() if "build" in one}
    named = {one["image"] for one in compose["services"].values()} - ours
    dockerfile = (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8")
    named |= set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE))
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE | re.IGNORECASE))
    loose = sorted(one for one in named - stages if not _IMAGE.fullmatch(one))
    assert loose == []


def test_nothing_comes_from_npm():
    assert not list(ROOT.glob("package*.json"))


def report(**vulns: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "dependencies": [
            {"name": name, "version": "1.0", "vulns": found} for name, found in vulns.items()
        ]
    }


WEAK = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["1.1"]}


def test_an_audit_that_finds_nothing_says_how_many_it_asked_about(audit: ModuleType):
    assert audit.judged(report(lxml=[], nh3=[]), "", [], TODAY) == (
        audit.CLEAN,
        ["✓ 2 dependencies, no weakness."],
    )


def test_a_weakness_fails_and_names_the_cure(audit: ModuleType):
    code, (line,) = audit.judged(report(lxml=[WEAK], nh3=[]), "", [], TODAY)
    assert code == audit.FOUND
    assert "lxml 1.0: PYSEC-2026-1, mended in 1.1" in line


def test_an_excuse_counts_by_any_of_its_names_until_its_day(audit: ModuleType):
    excuse = {"package": "lxml", "id": "CVE-2026-1", "reason": "Never called.", "until": TODAY}
    assert audit.judged(report(lxml=[WEAK]), "", [excuse], TODAY)[0] == audit.CLEAN
    over = excuse | {"until": date(2026, 11, 21)}
    assert audit.judged(report(lxml=[WEAK]), "", [over], TODAY)[0] == audit.FOUND
    assert audit.judged(report(nh3=[WEAK]), "", [excuse], TODAY)[0] == audit.FOUND


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({}, "Failed to resolve host"),
        ({"dependencies": []}, ""),
        ({"dependencies": [{"name": "nh3", "skip_reason": "not found"}]}, ""),
        (
            {"dependencies": [*report(lxml=[])["dependencies"], {"name": "x", "skip_reason": "?"}]},
            "",
        ),
    ],
)
def test_what_nobody_answered_for_does_not_pass_for_an_audit(
    audit: ModuleType, told: dict[str, Any], problem: str
):
    code, (line,) = audit.judged(told, problem, [], TODAY)
    assert code == audit.NOT_AUDITED
    assert line


def test_each_excuse_has_a_reason_and_a_day(audit: ModuleType):
    for one in tomllib.loads(audit.KNOWN.read_text(encoding="utf-8")).get("ignored", []):
        assert one["id"]
        assert len(one["reason"]) > 20
        assert isinstance(one["until"], date)
