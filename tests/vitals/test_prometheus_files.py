"""The rules and the dashboard that come along ask for metrics that there are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from colporteur.vitals.exposing import described

WORKER = Path(__file__).resolve().parents[2] / "worker"
DASHBOARD = WORKER / "grafana" / "dashboards" / "colporteur.json"
METRIC = re.compile(r"\bcolporteur_\w+")
SAMPLES = {
    f"{one.name}{suffix}": set(one.labels) | {"le"}
    for one in described()
    for suffix in (("_bucket", "_sum", "_count") if one.type == "histogram" else ("",))
}


def panels() -> list[dict[str, Any]]:
    return list(json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"])


def rules() -> list[dict[str, Any]]:
    said = yaml.safe_load((WORKER / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in said["groups"] for rule in group["rules"]]


def queries() -> dict[str, str]:
    found = {rule["alert"]: rule["expr"] for rule in rules()}
    for panel in panels():
        for target in panel.get("targets", ()):
            found[f"{panel['title']} {target['refId']}"] = target["expr"]
    return found


@pytest.mark.parametrize("name", queries())
def test_a_query_asks_for_what_there_is(name: str):
    query = queries()[name]
    asked = METRIC.findall(re.sub(r'"[^"]*"|`[^`]*`', "", query))
    assert asked or "up{" in query
    for metric in asked:
        assert metric in SAMPLES, metric
    labels = {label for metric in asked for label in SAMPLES[metric]} | {"instance", "job"}
    for group in re.findall(r"(?:by|without) \(([^)]*)\)", query):
        assert {one.strip() for one in group.split(",")} <= labels
    assert query.count("(") == query.count(")")
    # Every web server says the same: added up, it would be said twice.
    assert "max" in query


def test_every_metric_is_shown_on_the_dashboard_or_has_a_rule():
    asked = {name for query in queries().values() for name in METRIC.findall(query)}
    for one in described():
        assert any(name.startswith(one.name) for name in asked), one.name


def test_the_dashboard_is_one_that_grafana_provisions():
    shown = panels()
    assert len({panel["id"] for panel in shown}) == len(shown)
    for panel in shown:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
    source = yaml.safe_load(
        (WORKER / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    )["datasources"][0]
    variable = json.loads(DASHBOARD.read_text(encoding="utf-8"))["templating"]["list"][0]
    assert (variable["type"], variable["current"]["value"]) == ("datasource", source["uid"])


def test_each_rule_says_what_is_wrong_and_what_cures_it():
    config = yaml.safe_load((WORKER / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert all((WORKER / "prometheus" / name).exists() for name in config["rule_files"])
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert {"summary", "cure"} <= rule["annotations"].keys()
