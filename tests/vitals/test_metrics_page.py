"""What Prometheus reads at /metrics, and who may."""

from pathlib import Path

from asking import Ask, asker, make_app
from house import House
from prometheus_client.parser import text_string_to_metric_families

from colporteur.counting import DELIVERIES, REQUESTS
from colporteur.vitals.exposing import described
from colporteur.vitals.keeping import Keeping

TOKEN = "t" * 40


def families(text: str) -> dict[str, object]:
    return {one.name: one for one in text_string_to_metric_families(text)}


def test_every_metric_stands_there_with_what_it_says(published: House, ask: Ask):
    keeping = Keeping(published.engine, "web")
    DELIVERIES.labels("gmail", "relay:25", "sent").inc(2)
    REQUESTS.labels("/page").observe(0.2)
    keeping.keep()
    answer = ask("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = families(answer.text)
    for one in described():
        family = found[one.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (one.type, one.says)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(one.labels)
    (sent,) = (
        one.value
        for one in found["colporteur_deliveries"].samples
        if one.labels["relay"] == "relay:25"
    )
    assert sent == 2
    waiting = {one.labels["work"]: one.value for one in found["colporteur_work_waiting"].samples}
    assert waiting == dict.fromkeys(
        ("batches", "letters", "feeds", "hub", "webhooks", "sources"), 0
    )
    buckets = [
        (one.labels["le"], one.value)
        for one in found["colporteur_http_request_seconds"].samples
        if one.name.endswith("_bucket") and one.labels["route"] == "/page"
    ]
    assert buckets[3:] == [("0.5", 1), ("1.0", 1), ("5.0", 1), ("+Inf", 1)]


def test_openmetrics_is_spoken_with_who_asks_for_it(published: House, ask: Ask):
    answer = ask("GET", "/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.text.endswith("# EOF\n")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")


NEAR_OR_NOT = [
    ("10.1.2.3", {"Host": "web:8000"}, 200),
    ("10.1.2.3", {"Host": "10.0.0.2:8000"}, 200),
    ("127.0.0.1", {"Host": "localhost:8000"}, 200),
    ("fd00::7", {"Host": "[fd00::2]:8000"}, 200),
    ("93.184.216.34", {"Host": "10.0.0.2"}, 403),
    ("10.1.2.3", {"Host": "relais.example"}, 403),  # the public name, or one that was rebound
    ("127.0.0.1", {"X-Forwarded-For": "93.184.216.34"}, 403),
    ("127.0.0.1", {"Authorization": f"Bearer {TOKEN}", "Via": "1.1 proxy"}, 403),
]


def test_without_a_token_only_those_near_may_read(published: House, app):
    for client, headers, status in NEAR_OR_NOT:
        answer = asker(app, client)("GET", "/metrics", headers=headers)
        assert answer.status_code == status, (client, headers)


def test_with_a_token_only_who_brings_it_may_read(published: House, tmp_path: Path):
    app = make_app(published, tmp_path, metrics_token=TOKEN)
    far = {"X-Forwarded-For": "93.184.216.34", "Host": "relais.example"}
    for given, status in ((f"Bearer {TOKEN}", 200), ("Bearer no", 401), (TOKEN, 401), ("", 401)):
        headers = far | ({"Authorization": given} if given else {})
        answer = asker(app, "93.184.216.34")("GET", "/metrics", headers=headers)
        assert answer.status_code == status
    assert answer.headers["www-authenticate"] == "Bearer"
    assert asker(app)("GET", "/metrics").status_code == 401
