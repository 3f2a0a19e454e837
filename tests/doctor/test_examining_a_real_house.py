"""The doctor at a house of real servers: name server, relay with TLS, site with TLS, Redis."""

import contextlib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import make_app
from certificates import certificate, server_context
from elsewhere import Elsewhere, Handler
from house import House, channel, publication
from nameserver import Nameserver, nameserver_running
from scripted import ABLE, Relay, Script, scripted
from servers import free_port, redis_on
from serving import served
from sqlalchemy import Engine

from colporteur import tasks
from colporteur.config import Settings
from colporteur.db import database_now, make_engine, writing
from colporteur.delivery.dkim.keys import SigningKey, new_key
from colporteur.doctor import Finding, Installation, Names, Severity, abroad, at_home, examine
from colporteur.doctor.asking.database import look_at_database
from colporteur.doctor.asking.ears import look_at_ears
from colporteur.doctor.asking.site import look_at_site
from colporteur.doctor.judging.database import judge_database
from colporteur.doctor.judging.ears import judge_ears
from colporteur.vitals.pulse import note_pulse

SECRET = "9f2c4b7e1a5d8036c2e9f4a7b1d5083e6c9a2f7b4d1e8053"
PASSWORD = "b7e1a5d8036c2e9f4a7b1d5083e6"
DOMAIN = "relais.example"


@dataclass
class World:
    """A house that is well, and the servers around it."""

    patient: Installation
    names: Nameserver
    relay: Relay
    folder: Path

    def findings(self, **changes: Any) -> dict[str, list[Finding]]:
        """What the doctor finds, by check."""
        found: dict[str, list[Finding]] = {}
        for one in examine(replace(self.patient, **changes), lambda _: None):
            found.setdefault(one.check, []).append(one)
        return found

    @contextlib.contextmanager
    def dns(self, without: str, *more: str) -> Iterator[None]:
        """DNS without the records that begin so, and with others."""
        before = self.names.records
        self.names.records = [one for one in before if not one.startswith(without)] + list(more)
        yield
        self.names.records = before


def abroad_alone(world: World, *parts: str, **changes: Any) -> dict[str, list[Finding]]:
    """What is found beyond the machine, which takes less long."""
    patient = replace(world.patient, **changes)
    known, _ = at_home.learn(patient)
    found: dict[str, list[Finding]] = {}
    for part in (getattr(abroad, name) for name in parts):
        for one in part(patient, known):
            found.setdefault(one.check, []).append(one)
    return found


def graves(found: dict[str, list[Finding]], check: str) -> set[Severity]:
    return {one.severity for one in found[check]}


def records(key: SigningKey) -> list[str]:
    strings = " ".join(f'"{one}"' for one in key.strings)
    return [
        f'{DOMAIN}. TXT "v=spf1 ip4:192.0.2.0/24 include:_spf.{DOMAIN} ~all"',
        f'_spf.{DOMAIN}. TXT "v=spf1 ip4:0.0.0.0/0 ip6:::/0 -all"',
        f'_dmarc.{DOMAIN}. TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@{DOMAIN}"',
        f"{DOMAIN}. MX 10 mx.{DOMAIN}.",
        f"mx.{DOMAIN}. A 192.0.2.4",
        f"{key.name}. TXT {strings}",
        f"{DOMAIN}. A 127.0.0.1",
        f"other.{DOMAIN}. A 10.1.2.3",
    ]


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return new_key(DOMAIN, "col1")


@pytest.fixture(scope="module")
def world(
    key: SigningKey, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("patient")
    folder.chmod(0o700)
    (folder / "bounces").mkdir()
    (folder / "colporteur.db").write_bytes(migrated_sqlite.read_bytes())
    engine = make_engine(f"sqlite:///{folder}/colporteur.db")
    pem, site_pem = certificate(folder, "127.0.0.1", 90), certificate(folder, DOMAIN, 9)
    trust = ssl.create_default_context(cafile=str(pem))
    trust.load_verify_locations(site_pem)
    script = Script(able=(*ABLE, "STARTTLS", "AUTH PLAIN"), tls=server_context(pem))
    house = House(engine)
    values: dict[str, Any] = {"secret_key": SECRET, "fetch_loopback": True, "data_dir": folder}
    values |= {"database_url": str(engine.url), "dkim_selector": key.name.partition(".")[0]}
    values |= {"dkim_domain": DOMAIN, "dkim_key": key.pem}
    with contextlib.ExitStack() as stack:
        names = stack.enter_context(nameserver_running(free_port(), []))
        names.records = records(key)
        relay = stack.enter_context(scripted(script))
        values["mail_url"] = f"smtp://me:hunter22@127.0.0.1:{relay.port}?starttls=require"
        app = make_app(house, folder, **values)
        url = stack.enter_context(served(app, site_pem)).replace("127.0.0.1", DOMAIN)
        house.apply(publication(base_url=url, alerts_to=[f"it@{DOMAIN}"]))
        house.go_live()
        with writing(engine) as connection:
            note_pulse(connection, database_now(connection), stale=False)
        redis_port = free_port()
        safe = ("--requirepass", PASSWORD, "--appendonly", "yes")
        stack.enter_context(redis_on(redis_port, *safe))
        values |= {"base_url": url, "broker_url": f"redis://:{PASSWORD}@127.0.0.1:{redis_port}/0"}
        values["feedback_mailbox"] = f"maildir:{folder}/bounces"
        settings = Settings(**values)
        celery = tasks.configure(settings)
        asked = Names(names.address)
        yield World(
            Installation(settings, (), engine, celery, tasks.QUEUES, asked, trust, 0.2),
            names,
            relay,
            folder,
        )
        tasks.runtime().engine.dispose()
        engine.dispose()


@pytest.fixture(scope="module")
def well(world: World) -> dict[str, list[Finding]]:
    return world.findings()


def test_a_house_in_order_has_nothing_wrong_but_that_no_worker_runs(
    well: dict[str, list[Finding]],
):
    # Whether this machine has a public address, and that a name, is none of this test's.
    every = [one for found in well.values() for one in found if one.check != "dns.ptr"]
    assert [one for one in every if one.severity is Severity.WRONG] == well["engine.workers"]
    for check in (
        *("broker.password", "broker.eviction", "broker.kept", "relay.login", "relay.sender"),
        *("relay.tls", "dns.dkim", "dns.dmarc", "dns.alignment", "dns.mx", "site.reached"),
        *("site.serves", "site.unsubscribe", "database.tables", "engine.beat", "sending.alerts"),
        *("secrets.key", "clock.site", "feedback.ways"),
    ):
        assert Severity.WELL in graves(well, check), well[check]
    assert graves(well, "relay.certificate") == {Severity.WELL}
    assert graves(well, "site.certificate") == {Severity.WARNING}  # nine days are left


def test_no_message_is_begun_and_no_secret_told(world: World, well: dict[str, list[Finding]]):
    assert [one.split()[0] for one in world.relay.commands][-4:] == ["AUTH", "MAIL", "RSET", "QUIT"]
    assert not world.relay.taken
    said = str(well)
    for secret in (SECRET, PASSWORD, "hunter22", "PRIVATE KEY"):
        assert secret not in said


@pytest.mark.parametrize(
    ("without", "more", "check"),
    [
        (f"{DOMAIN}. TXT", (), "dns.spf"),
        (f"{DOMAIN}. TXT", (f'{DOMAIN}. TXT "v=spf1 ip4:1.2.3.4 +all"',), "dns.spf"),
        ("nothing", (f'{DOMAIN}. TXT "v=spf1 -all"',), "dns.spf"),
        ("_dmarc", (), "dns.dmarc"),
        ("_dmarc", (f'_dmarc.{DOMAIN}. TXT "v=DMARC1; p=perhaps"',), "dns.dmarc"),
        ("col1._domainkey", (), "dns.dkim"),
        (f"{DOMAIN}. MX", (f"{DOMAIN}. MX 0 .",), "dns.mx"),
        (f"mx.{DOMAIN}", (), "dns.mx"),
        (f"{DOMAIN}. A", (), "site.address"),
        (f"{DOMAIN}. A", (f"{DOMAIN}. A 10.255.255.1",), "site.address"),
    ],
)
def test_what_is_amiss_in_dns_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, without: str, more: tuple[str, ...], check: str
):
    monkeypatch.setattr("colporteur.doctor.asking.site.WITHIN_S", 0.2)
    with world.dns(without, *more):
        found = abroad_alone(world, "names" if check.startswith("dns") else "site")
    assert Severity.WRONG in graves(found, check)
    assert all(one.cure for one in found[check] if one.severity is Severity.WRONG)


def test_name_servers_that_are_silent_or_broken_are_not_taken_for_records_that_are_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.names.broken = {f"{DOMAIN}.", f"_dmarc.{DOMAIN}.", f"col1._domainkey.{DOMAIN}."}
    found = abroad_alone(world, "names", "site")
    world.names.broken = set()
    for check in ("dns.spf", "dns.dmarc", "dns.dkim", "dns.mx", "site.address"):
        assert graves(found, check) == {Severity.UNKNOWN}, found[check]


def test_nobody_waits_for_name_servers_that_answered_nothing_twice(world: World):
    asked = Names(world.names.address)
    asked.resolver.lifetime = asked.resolver.timeout = 0.1
    world.names.silent = True
    found = abroad_alone(world, "names", names=asked)
    world.names.silent = False
    assert {one.severity for every in found.values() for one in every} == {Severity.UNKNOWN}
    assert sum("are silent" in one.said for every in found.values() for one in every) >= 2


def test_a_site_with_another_secret_key_is_told_from_one_that_is_not_ours(world: World):
    settings = world.patient.settings.model_copy(update={"secret_key": SECRET[::-1]})
    found = abroad_alone(world, "site", settings=settings)
    assert "another secret key" in found["site.unsubscribe"][0].said
    assert graves(found, "site.serves") == {Severity.WELL}


def test_a_relay_that_refuses_us_or_our_sender_is_told(world: World):
    script = world.relay.script
    script.answers["AUTH"] = "535 5.7.8 no hunter22 here"
    refused = abroad_alone(world, "relays")["relay.login"]
    script.answers.pop("AUTH")
    script.answers["MAIL"] = "553 5.7.1 not yours"
    other = abroad_alone(world, "relays")["relay.sender"]
    script.answers.pop("MAIL")
    assert [one.severity for one in (*refused, *other)] == [Severity.WRONG] * 2
    assert "hunter22" not in refused[0].said
    assert "not yours" in other[0].said


def test_a_site_may_be_called_in_any_script_and_stand_below_a_path(
    world: World, elsewhere: Elsewhere
):
    known, _ = at_home.learn(world.patient)
    known = replace(known, site=f"http://الرصيف.example:{elsewhere.port}/paper")
    host = "الرصيف.example".encode("idna").decode()
    elsewhere.says("/paper/healthz", b'{"status": "ok"}')
    with world.dns("nothing", f"{host}. A 127.0.0.1"):
        found = {one.check: one.severity for one in abroad.site(world.patient, known)}
    assert found["site.serves"] is Severity.WELL
    assert found["site.address"] is Severity.WRONG  # it is not encrypted
    assert elsewhere.asked[0][2]["Host"] == f"{host}:{elsewhere.port}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"feedback_mailbox": "maildir:/nowhere/bounces"}, "cannot be read"),
        ({"feedback_listen": "lmtp://0.0.0.0:1"}, "Nobody listens"),
        ({"feedback_mailbox": "", "bounce_domain": f"bounces.{DOMAIN}"}, "nobody reads them"),
    ],
)
def test_ears_that_hear_nothing_are_told(world: World, changes: dict[str, str], said: str):
    settings = world.patient.settings.model_copy(update={"broker_url": "memory://"} | changes)
    ears = look_at_ears(settings, offline=False, here=True)
    (found,) = judge_ears(ears)
    assert found.severity is Severity.WRONG
    assert said in found.said
    (found,) = judge_ears(replace(ears, alone=False, here=False))
    elsewhere = "feedback_mailbox" not in changes or "bounce_domain" in changes
    assert found.severity is (Severity.UNKNOWN if elsewhere else Severity.WRONG)


def test_the_clock_of_a_source_is_compared_with_ours(world: World, elsewhere: Elsewhere):
    known, _ = at_home.learn(world.patient)
    channels = [{**channel("actualites", "fr"), "sources": [{"url": elsewhere.url("/feed")}]}]
    known = replace(known, publication=publication(channels=channels))
    ways = ({"Date": "Mon, 01 Jan 2024 00:00:00 GMT"}, {}, {"Age": "60"}, {"Date": "soon"})
    for headers, grave in zip(ways, (Severity.WRONG, Severity.WELL, None, None), strict=True):
        elsewhere.says("/robots.txt", **headers)
        found = {one.check: one.severity for one in abroad.clock(world.patient, known)}
        assert found.get("clock.elsewhere") is grave


def test_both_databases_tell_their_version_settings_and_time(engine: Engine):
    found = look_at_database(engine)
    assert not found.tables
    assert found.ahead == timedelta(0)
    checks = {one.check for one in judge_database(found) if one.severity is Severity.WELL}
    assert checks >= {"database.version", "database.tables", "clock.database"}


def test_offline_asks_nobody_beyond(world: World):
    before = len(world.relay.commands), len(world.names.asked)
    found = world.findings(names=None)
    assert (len(world.relay.commands), len(world.names.asked)) == before
    assert graves(found, "dns.asked") | graves(found, "site.address") == {Severity.UNKNOWN}


def test_a_site_that_drips_or_says_odd_things_holds_nobody_up(
    world: World, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
):
    def drip(handler: Handler) -> None:
        while True:
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.02)

    monkeypatch.setattr("colporteur.doctor.asking.site.WITHIN_S", 0.1)
    names, settings, tls = world.patient.names, world.patient.settings, world.patient.tls
    assert names is not None
    began = time.monotonic()
    elsewhere.answers["/healthz"] = drip
    assert not look_at_site(names, elsewhere.url(), settings, tls).alive
    assert time.monotonic() - began < 2
    elsewhere.says("/healthz", b"[" * 90_000)
    assert look_at_site(names, elsewhere.url(), settings, tls).status == 200
