"""What the doctor makes of what was found."""

import ipaddress
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.delivery.dkim.keys import new_key
from colporteur.doctor import Finding, Severity, worst
from colporteur.doctor.asking.machine import file_system
from colporteur.doctor.judging.broker import Broker, judge_broker
from colporteur.doctor.judging.clocks import ahead
from colporteur.doctor.judging.database import Database, judge_database
from colporteur.doctor.judging.dkim import judge_dkim
from colporteur.doctor.judging.dmarc import Dmarc, judge_dmarc
from colporteur.doctor.judging.engine import judge_beat, judge_workers
from colporteur.doctor.judging.exchange import Exchange, Pointed, judge_exchange, judge_pointed
from colporteur.doctor.judging.machine import Disk, judge_disk
from colporteur.doctor.judging.relays import judge_certificate
from colporteur.doctor.judging.secrets import bits, judge_secrets
from colporteur.doctor.judging.site import judge_proxies
from colporteur.doctor.judging.spf import Sending, Spf, judge_spf, lets

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GIGA = 1024**3
WELL, WARNING, WRONG = Severity.WELL, Severity.WARNING, Severity.WRONG
ADDRESSES = st.integers(0, 2**32 - 1).map(lambda one: str(ipaddress.IPv4Address(one)))
NETWORKS = st.builds(
    lambda one, prefix: str(ipaddress.ip_network(f"{one}/{prefix}", strict=False)),
    ADDRESSES,
    st.integers(0, 32),
)
INCLUDE: dict[str, Any] = {"mechanism": "include", "action": "pass", "value": "spf.mtasv.net"}
EXISTS: dict[str, Any] = {"mechanism": "exists", "action": "pass", "value": "%{i}.x.example"}


def graves(findings: Iterable[Finding], check: str = "") -> list[Severity]:
    return [one.severity for one in findings if one.check.startswith(check)]


def spf(*mechanisms: dict[str, Any], rest: str = "fail", **changes: Any) -> Spf:
    parsed = {"mechanisms": list(mechanisms), "redirect": None, "all": rest}
    return Spf(
        "relais.example", **({"record": "v=spf1 …", "error": "", "parsed": parsed} | changes)
    )


def ip4(value: str, action: str = "pass") -> dict[str, Any]:
    return {"mechanism": "ip4", "action": action, "value": value}


@given(st.lists(st.tuples(NETWORKS, st.booleans()), max_size=6), ADDRESSES)
def test_the_first_mechanism_that_matches_says_whether_an_address_may_send(
    named: list[tuple[str, bool]], address: str
):
    found = spf(*(ip4(one, "pass" if may else "fail") for one, may in named))
    sender = ipaddress.ip_address(address)
    matching = [may for one, may in named if sender in ipaddress.ip_network(one)]
    assert lets(found, address) is (matching[0] if matching else False)


def test_an_include_counts_only_where_it_passes_and_macros_leave_it_open():
    inner = {"mechanisms": [ip4("192.0.2.0/24")], "redirect": None, "all": "fail"}
    include = {**INCLUDE, "parsed": inner}
    assert lets(spf(include), "192.0.2.1") is True
    assert lets(spf(include, ip4("198.51.100.7")), "198.51.100.7") is True
    assert lets(spf(include, rest="pass"), "203.0.113.1") is True
    assert lets(spf(EXISTS), "203.0.113.1") is None
    assert lets(spf(EXISTS, ip4("203.0.113.1")), "203.0.113.1") is None


@pytest.mark.parametrize("value", ["relay.example", "relay.example/24", "/24//64"])
def test_hosts_of_an_spf_record_may_have_prefixes(value: str):
    one = {"mechanism": "a", "action": "pass", "value": value}
    found = spf({**one, "addresses": ["192.0.2.9", "2001:db8::9"]})
    assert lets(found, "192.0.2.9") is True
    assert lets(found, "192.0.2.77") is ("/24" in value)
    assert lets(found, "2001:db8::77") is ("//64" in value)


@pytest.mark.parametrize(
    ("found", "grave"),
    [
        (spf(ip4("192.0.2.9")), WELL),
        (spf(ip4("192.0.2.8")), WARNING),
        (spf(ip4("192.0.2.9"), rest="pass"), WRONG),
        (spf(ip4("192.0.2.9"), lookups=11), WRONG),
        (spf(ip4("192.0.2.9"), void=3), WARNING),
        (spf(record="", error="The domain does not exist"), WRONG),
        (spf(error="ipv4 is no mechanism"), WRONG),
    ],
)
def test_an_spf_record_is_judged_by_whom_it_lets_send(found: Spf, grave: Severity):
    relay = Sending("relay.example:587", "relay.example", ("192.0.2.9",))
    assert worst(judge_spf(found, (relay,))) is grave


def test_the_include_of_a_relays_service_is_as_good_as_its_addresses():
    relay = Sending("smtp.postmarkapp.com:587", "postmarkapp.com", ("192.0.2.9",))
    assert worst(judge_spf(spf(INCLUDE), (relay,))) is WELL
    evil = {**INCLUDE, "value": "evilmtasv.net"}
    assert worst(judge_spf(spf(evil), (relay,))) is WARNING


def test_a_dkim_record_must_hold_the_other_half_of_the_key_in_use():
    key = new_key("relais.example", "col1")
    name, other = key.name, key.record.replace("p=MIIB", "p=MIIC")
    broken = key.record.replace("p=", "h=sha1; t=y; p=")
    spaced = key.record.replace("p=MII", "p=MI I ")
    assert graves(judge_dkim(name, (key.record,), key.pem)) == [WELL]
    assert graves(judge_dkim(name, ("something else", spaced), key.pem)) == [WELL]
    for records in ((), (other,), ("v=DKIM1; p=",), ("v=spf1 -all",), (broken,)):
        assert worst(judge_dkim(name, records, key.pem)) is WRONG
    assert Severity.NOTE in graves(judge_dkim(name, (broken,), key.pem))


@pytest.mark.parametrize(
    ("signed_by", "enveloped_by", "mode", "grave"),
    [
        ("news.relais.example", "", "r", WELL),
        ("other.relais.example", "", "r", WELL),
        ("other.relais.example", "", "s", WRONG),
        ("relais.example", "relais.example", "s", WARNING),
        ("relay.test", "bounces.relais.example", "r", WARNING),
        ("relay.test", "relay.test", "r", WRONG),
        ("", "news.relais.example", "r", WARNING),
    ],
)
def test_who_signs_or_stands_in_the_envelope_must_be_the_senders_own(
    signed_by: str, enveloped_by: str, mode: str, grave: Severity
):
    known = {one: "relais.example" for one in (signed_by, enveloped_by) if "relais" in one}
    found = Dmarc(
        "news.relais.example",
        "v=DMARC1; p=reject",
        "",
        {"p": "reject", "rua": "x", "adkim": mode, "aspf": "r"},
        signed_by=signed_by,
        enveloped_by=enveloped_by,
        bases={"news.relais.example": "relais.example", **known},
    )
    assert worst(judge_dmarc(found)) is grave


def test_mail_to_a_domain_must_have_somewhere_to_go():
    there = Exchange("relais.example", {"mx.example": ("192.0.2.1",)})
    lost = Exchange("relais.example", {"mx.example": ()})
    none = Exchange("relais.example", {}, ("192.0.2.1",))
    null = Exchange("relais.example", {".": ()})
    judged = [
        [worst(judge_exchange(one, why="answers come", needed=needed)) for needed in (False, True)]
        for one in (there, lost, none, null)
    ]
    assert judged == [[WELL] * 2, [WRONG] * 2, [Severity.NOTE, WRONG], [WRONG] * 2]


def test_a_name_of_an_address_must_lead_back_to_it():
    good = Pointed("192.0.2.1", "relay", ("a.example",), ("a.example",))
    assert judge_pointed(good).severity is WELL
    assert judge_pointed(Pointed("192.0.2.1", "relay", ("a.example",))).severity is WARNING
    assert judge_pointed(Pointed("192.0.2.1", "us", (), local=True)).severity is WRONG


@given(st.integers(16, 64))
def test_what_is_drawn_at_random_is_strong_and_what_repeats_is_not(octets: int):
    drawn = secrets.token_hex(octets)
    assert bits(drawn) > 90
    assert bits(drawn[:4] * octets) < 20


@pytest.mark.parametrize(
    "typed",
    [
        "x" * 64,
        "0123456789" * 4,
        "change-me-change-me-change-me-change-me",
        "secret" * 8,
        "the output of: openssl rand -hex 32",
        "colporteur-secret-key-for-production",
    ],
)
def test_a_key_that_people_type_is_told(typed: str):
    assert worst(judge_secrets(typed, {})) is WRONG
    drawn = secrets.token_hex(32)
    assert worst(judge_secrets(drawn, {})) is WELL
    assert worst(judge_secrets(drawn, {"Redis": "redis"})) is WARNING


def test_a_broker_that_forgets_throws_away_or_serves_strangers_is_told():
    good = {"maxmemory-policy": "noeviction", "appendonly": "yes"}
    assert worst(judge_broker(Broker("7.2.1", good, here=True))) is WELL
    lossy = {"maxmemory-policy": "allkeys-lru", "appendonly": "no"}
    bad = list(judge_broker(Broker("7.2.1", lossy, open_to_all=True)))
    assert graves(bad, "broker.password") == [WRONG]
    assert graves(bad, "broker.eviction") == [WRONG]
    assert graves(bad, "broker.kept") == [WARNING]
    silent = list(judge_broker(Broker("7.2.1", None, {"aof_last_write_status": "err"})))
    assert graves(silent, "broker.settings") == [Severity.UNKNOWN]
    assert graves(silent, "broker.disk") == [WRONG]


def test_a_database_that_forgets_or_has_another_time_is_told():
    settings = {"server_encoding": "UTF8", "fsync": "on", "max_connections": "100"}
    settings |= {"full_page_writes": "on", "synchronous_commit": "on"}
    good = Database("postgresql", (16, 4), "", "", settings, 20, timedelta(0))
    assert worst(judge_database(good)) is WELL
    for changed in ({"fsync": "off"}, {"server_encoding": "SQL_ASCII"}):
        bad = Database("postgresql", (16, 4), "", "", settings | changed, 20, timedelta(0))
        assert graves(judge_database(bad), "database.settings") == [WRONG]
    full = Database("postgresql", (12, 1), "old", "migrate", settings, 95, timedelta(seconds=-40))
    assert [one.check for one in judge_database(full) if one.severity is not WELL] == [
        "database.version",
        "database.tables",
        "database.connections",
        "clock.database",
    ]


@given(st.floats(-100, 100), st.floats(0, 5))
def test_a_date_of_whole_seconds_says_no_more_than_it_can(off: float, took: float):
    before, after = NOW, NOW + timedelta(seconds=took)
    theirs = NOW + timedelta(seconds=took / 2 + off)
    found = ahead(theirs.replace(microsecond=0), before, after).total_seconds()
    assert abs(found) <= max(0.0, abs(off)) + 1e-3
    assert found * off >= 0
    if abs(off) > 1 + took / 2:
        assert abs(found) >= abs(off) - 1 - took / 2 - 1e-3


def test_a_disk_is_full_by_what_is_left_and_not_by_a_share_alone():
    def disk(free: float, total: float, files: int | None = None) -> Severity:
        one = Disk(Path("/x"), "ext4", int(free * GIGA), int(total * GIGA), files, 1000, True)
        return worst(judge_disk(one))

    assert disk(50, 2000) is WELL
    assert disk(2, 40) is WARNING
    assert disk(0.2, 40) is WRONG
    assert disk(30, 40, files=20) is WARNING


def test_the_file_system_of_a_path_is_that_of_the_nearest_mount():
    mounts = (
        "/dev/a / ext4 rw 0 0\nsrv:/x /srv/my\\040data nfs4 rw 0 0\ntmpfs /srv/my tmpfs rw 0 0\n"
    )
    assert file_system(Path("/srv/my data/colporteur.db"), mounts) == "nfs4"
    assert file_system(Path("/srv/mine"), mounts) == "ext4"
    assert file_system(Path("/x"), "") == ""


def test_a_certificate_is_told_of_before_it_ends():
    for days, grave in {60: WELL, 10: WARNING, 1: WRONG, -2: WRONG}.items():
        ends = NOW + timedelta(days=days)
        assert judge_certificate("relay.certificate", "it", ends, NOW).severity is grave


def test_a_proxy_that_encrypts_must_be_believed_and_nobody_else():
    told = [
        judge_proxies(encrypted=encrypted, trusted=trusted, host=host).severity
        for encrypted, trusted, host in (
            (True, "", "127.0.0.1"),
            (True, "10.0.0.2", "0.0.0.0"),
            (True, "*", "127.0.0.1"),
            (True, "*", "10.0.0.1"),
            (False, "", "127.0.0.1"),
        )
    ]
    assert told == [WARNING, WELL, WELL, WARNING, WELL]


def test_what_servers_say_cannot_play_with_a_terminal():
    said = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0xD800]))
    found = Finding("relay.sender", WRONG, f"{said}\x1b[2J é" + "x" * 2000, said)
    assert found.said.isprintable()
    assert found.cure.isprintable()
    assert "[2J é" in found.said
    assert len(found.said) <= 1000


def test_somebody_must_ring_and_every_queue_be_heard():
    late = NOW - timedelta(minutes=5)
    assert judge_beat(NOW, NOW, embedded=False).severity is WELL
    assert judge_beat(late, NOW, embedded=False).severity is WRONG
    assert judge_beat(None, NOW, embedded=True).severity is Severity.NOTE
    queues = ("urgent", "feeds")
    assert worst(judge_workers([], queues)) is WRONG
    heard = [("a@x", frozenset({"urgent"})), ("a@x", frozenset({"urgent"}))]
    assert [one.check for one in judge_workers(heard, queues) if one.severity is WRONG] == [
        "engine.queues"
    ]
    assert graves(judge_workers(heard, queues), "engine.names") == [Severity.NOTE]
    more = [*heard, ("c@x", frozenset({"feeds"}))]
    assert graves(judge_workers(more, queues), "engine.queues") == [WELL]
    assert graves(judge_workers(more, queues), "engine.spare") == [Severity.NOTE]
