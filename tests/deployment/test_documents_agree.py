import re
import shlex
from pathlib import Path

import yaml
from running import ROOT

from colporteur.config import PREFIX, Settings
from colporteur.tasks import QUEUES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def test_every_setting_is_documented_and_nothing_else_is():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(rf"^\| `({PREFIX}\w+)`", text, re.MULTILINE))
    assert documented == {PREFIX + name.upper() for name in Settings.model_fields}


def test_compose_sets_only_settings_that_exist():
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for service in SERVICES.values():
        own = {name for name in service.get("environment", {}) if name.startswith(PREFIX)}
        assert own <= known


def test_compose_describes_every_process_and_server():
    ours = {"migrate", "web-1", "web-2", "worker", "worker-feeds", "beat", "bounces"}
    servers = {"postgresql", "redis", "certificate", "proxy", "acme", "mailpit"}
    assert ours | servers | {"prometheus", "grafana"} == set(SERVICES)


def test_between_them_the_workers_of_compose_hear_every_queue():
    commands = [one["command"] for one in SERVICES.values() if "-Q" in one.get("command", ())]
    heard = [name for one in commands for name in one[one.index("-Q") + 1].split(",")]
    assert sorted(heard) == sorted(QUEUES)


def test_what_compose_waits_for_is_there():
    for service in SERVICES.values():
        wanted = service.get("depends_on", {})
        assert set(wanted) <= set(SERVICES)
        for name, condition in wanted.items() if isinstance(wanted, dict) else ():
            if condition["condition"] == "service_healthy":
                # The web's is its image's.
                assert "healthcheck" in SERVICES[name] or name.startswith("web-")


def test_what_the_image_copies_is_in_the_tree():
    for line in (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in shlex.split(line)[1:-1]:
                assert (ROOT / source).exists(), source


def test_links_in_the_documents_lead_somewhere():
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text):
            name = target[0] or target[1]
            if not name.startswith("http"):
                assert (path.parent / Path(name)).exists(), f"{path.name}: {name}"


def test_requirements_name_no_address():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert text.count("--hash=sha256:") > text.count("==")
