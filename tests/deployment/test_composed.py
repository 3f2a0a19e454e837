"""What docker-compose.yml says, as processes of this machine; and what it says to Docker alone."""

import email.policy
import json
import re
import secrets
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
import redis
from aiosmtpd.controller import Controller
from composed_house import Composed, read
from house import House
from proxied import Proxy, proxy
from running import ROOT, stop, wait_for
from servers import free_port
from sink import Sink

from colporteur.clock import utcnow
from colporteur.db import make_engine

pytestmark = [pytest.mark.postgresql, pytest.mark.redis, pytest.mark.smtp]
SECRETS = {
    "COLPORTEUR_SECRET_KEY": secrets.token_hex(32),
    "POSTGRES_PASSWORD": secrets.token_hex(24),
    "REDIS_PASSWORD": secrets.token_hex(24),
}
READERS = sorted(f"reader{number}@example.org" for number in range(250))  # three batches
ARTICLE = "fr-01-registre-des-algorithmes.md"
SERVICES = read(SECRETS)
OURS = ("migrate", "web-1", "web-2", "worker", "worker-feeds", "beat", "bounces")
THEIRS = ("postgresql", "redis", "proxy", "acme", "mailpit", "prometheus", "grafana")


@dataclass
class Running:
    """All of it, running."""

    house: Composed
    site: Proxy
    sink: Sink
    processes: dict[str, subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("composed")
    sink = Sink(port=free_port())
    named = ("postgresql:5432", "redis:6379", "web-1:8000", "web-2:8000", "0.0.0.0:2424")
    ports = {name: free_port() for name in named} | {"mailpit:1025": sink.port}
    house = Composed(folder, read(SECRETS), ports)
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    # nginx reaches a container by Docker's network; here it is on this machine.
    changed = {
        "COLPORTEUR_TRUSTED_PROXIES": "127.0.0.1",
        "COLPORTEUR_BOUNCE_DOMAIN": "bounces.example.org",  # of .env, as the next
        "COLPORTEUR_LOG_FORMAT": "json",
    }
    with ExitStack() as all_of_it:
        all_of_it.callback(controller.stop)
        all_of_it.enter_context(house.servers())
        house.execute("migrate", *house.command("migrate"))
        processes = {
            name: all_of_it.enter_context(house.running(name, **changed)) for name in OURS[1:]
        }
        certificate = house.services["certificate"]["command"]
        house.execute(
            "web-1", sys.executable, str(ROOT / certificate[1]), str(folder), certificate[3]
        )
        web = (ports["web-1:8000"], ports["web-2:8000"])
        site = all_of_it.enter_context(proxy(folder, web, folder))
        wait_for(lambda: all(_ready(port) for port in web))
        wait_for(lambda: all("ready." in house.log(one) for one in ("worker", "worker-feeds")))
        yield Running(house, site, sink, processes)
    written = [path for path in (folder / "home").rglob("*") if "__pycache__" not in str(path)]
    assert [path.name for path in written] == ["worker", "__init__.py"]
    assert list((folder / "data").iterdir()) == []  # its root may be read-only


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def _mail_reaches_every_reader_and_feeds_reach_everybody(grown: Running) -> None:
    house = grown.house
    article = house.here(f"/publication/articles/{ARTICLE}")
    house.execute("web-1", "colporteur", "articles", "import", article)
    engine = make_engine(house.environment("web-1")["COLPORTEUR_DATABASE_URL"])
    inside = House(engine, utcnow())
    inside.go_live()
    for address in READERS:
        inside.subscribe(address)
    engine.dispose()
    send = ("colporteur", "editions", "send", "actualites", "--cadence", "matin", "--wait", "60")
    assert f"{len(READERS)} sent" in house.execute("web-1", *send)
    assert sorted(address for address, _ in grown.sink.accepted) == READERS
    feeds = [httpx.get(f"{grown.site.url}/feeds/actualites.atom") for _ in range(3)]
    assert feeds[0].text.count("<entry") == 1
    assert [feed.headers["x-cache"] for feed in feeds[1:]] == ["HIT", "HIT"]


def _one_click_ends_a_subscription(grown: Running) -> None:
    message = BytesParser(policy=email.policy.default).parsebytes(grown.sink.accepted[0][1])
    path = urlsplit(message["List-Unsubscribe"].strip("<>")).path
    left = httpx.post(f"{grown.site.url}{path}", data={"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200


def _what_workers_count_is_told_by_every_web(grown: Running) -> None:
    web = f"http://127.0.0.1:{grown.house.ports['web-2:8000']}"

    def told() -> bool:
        said = httpx.get(f"{web}/metrics").text
        sent = re.findall(r'_deliveries_total{.*outcome="sent".*} (\S+)', said)
        return sum(map(float, sent)) == len(READERS) and 'processes{kind="worker"} 2.0' in said

    wait_for(told)  # counts are kept every ten seconds
    assert 'task_seconds_count{task="colporteur.editions.tick"}' in httpx.get(f"{web}/metrics").text


def _logs_tell_of_each_batch_and_of_no_reader(grown: Running) -> None:
    for name in OURS[1:]:
        assert not any(one in grown.house.log(name) for one in READERS)
    lines = grown.house.log("worker").splitlines()
    events = [json.loads(one) for one in lines if one.startswith("{")]
    assert sum(one["sent"] for one in events if "batch" in one) == len(READERS)


def _the_site_is_there_by_the_proxy_and_knows_its_address(grown: Running) -> None:
    assert httpx.get(f"{grown.site.url}/").status_code == 200
    assert "http://localhost:8080/feeds/" in httpx.get(f"{grown.site.url}/feeds.opml").text


def _the_health_checks_of_compose_find_all_well(grown: Running) -> None:
    dockerfile = (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8")
    (check,) = re.findall(r'CMD (\["python".*\])', dockerfile)
    grown.house.execute("web-2", *json.loads(check))
    test = SERVICES["worker"]["healthcheck"]["test"]
    grown.house.execute("worker", "sh", "-c", test[1].replace("$HOSTNAME", socket.gethostname()))


def _bounces_are_heard(grown: Running) -> None:
    port = grown.house.ports["0.0.0.0:2424"]
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        assert connection.recv(100).startswith(b"220 ")


def _the_servers_of_data_let_nobody_in_without_the_password(grown: Running) -> None:
    ports = grown.house.ports
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=ports["redis:6379"]).ping()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://colporteur@127.0.0.1:{ports['postgresql:5432']}/colporteur")
    there = redis.Redis(port=ports["redis:6379"], password=SECRETS["REDIS_PASSWORD"])
    said = there.config_get("maxmemory-policy") | there.config_get("appendonly")
    assert said == {"maxmemory-policy": "noeviction", "appendonly": "yes"}


def _no_command_line_and_no_log_holds_a_secret(grown: Running) -> None:
    shown = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True)
    logs = [path.read_text("utf-8", "replace") for path in grown.house.folder.glob("*.log")]
    for secret in SECRETS.values():
        assert not any(secret in text for text in [shown.stdout, *logs])


def _one_web_process_can_be_replaced_while_the_other_serves(grown: Running) -> None:
    assert stop(grown.processes["web-1"]) == 0
    for number in range(4):
        assert httpx.get(f"{grown.site.url}/?{number}").status_code == 200


def _nothing_went_wrong_on_the_way(grown: Running) -> None:
    for name in OURS[1:]:
        assert "Traceback" not in grown.house.log(name)


STEPS = (
    _mail_reaches_every_reader_and_feeds_reach_everybody,
    _one_click_ends_a_subscription,
    _what_workers_count_is_told_by_every_web,
    _logs_tell_of_each_batch_and_of_no_reader,
    _the_site_is_there_by_the_proxy_and_knows_its_address,
    _the_health_checks_of_compose_find_all_well,
    _bounces_are_heard,
    _the_servers_of_data_let_nobody_in_without_the_password,
    _no_command_line_and_no_log_holds_a_secret,
    _one_web_process_can_be_replaced_while_the_other_serves,
    _nothing_went_wrong_on_the_way,
)


def test_the_grown_size_does_as_compose_says_without_docker(
    grown: Running, subtests: pytest.Subtests
):
    """One test: its processes are started once, and what comes later builds on what came before."""
    for step in STEPS:
        with subtests.test(step.__name__.strip("_").replace("_", " ")):
            step(grown)


def test_every_image_has_an_exact_tag():
    images = {name: SERVICES[name]["image"] for name in THEIRS}
    for line in (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("FROM "):
            images[line] = line.split()[1]
    for name, image in images.items():
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z-]+)?$", image), name


def test_no_process_of_ours_is_root_or_writes_to_its_root():
    dockerfile = (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001:10001$", dockerfile, re.MULTILINE)
    for name in (*OURS, "certificate"):
        service = SERVICES[name]
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_only_the_proxy_is_reached_from_elsewhere():
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert name == "proxy" or port.startswith("127.0.0.1:"), name
    assert [SERVICES[name]["networks"] for name in ("postgresql", "redis")] == [["inside"]] * 2


def test_a_secret_that_is_missing_is_named_before_anything_starts():
    for name in SECRETS:
        with pytest.raises(KeyError, match=name):
            read({other: value for other, value in SECRETS.items() if other != name})


def test_the_image_holds_what_its_commands_name():
    dockerfile = (ROOT / "worker" / "Dockerfile").read_text(encoding="utf-8")
    copied = [shlex.split(line) for line in dockerfile.splitlines() if line.startswith("COPY ")]
    names = {Path(source).as_posix() for line in copied for source in line[1:-1]}
    assert {"worker/__init__.py", SERVICES["certificate"]["command"][1]} <= names


def test_what_services_mount_from_the_checkout_is_there():
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (ROOT / source).exists(), f"{name}: {source}"
