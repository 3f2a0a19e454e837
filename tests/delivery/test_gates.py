from datetime import timedelta

import pytest
from redis import Redis

from colporteur.audience.addresses import parse_address
from colporteur.config import Settings
from colporteur.config.limit import parse_limit
from colporteur.delivery.limits import Limits
from colporteur.delivery.limits.pacing import LocalRates, refilling
from colporteur.delivery.welcoming.gates import Gates, Passage, mailbox, whence
from colporteur.publication.subscribing import SignupLimits

AT_MOST = SignupLimits.model_validate({"address": "2/day", "ip": "2/hour", "all": "3/hour"})
LEA = parse_address("lea@example.org")


@pytest.fixture
def new_redis(redis_url: str) -> str:
    """A Redis that nobody has counted in."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
    return redis_url


@pytest.fixture
def two(new_redis: str) -> tuple[Gates, Gates]:
    """Two processes' gates, which share a Redis."""
    shared = Settings(broker_url=new_redis)
    first, second = (Gates(Limits(shared), AT_MOST) for _ in range(2))
    return first, second


@pytest.mark.redis
def test_processes_count_together_in_redis(two: tuple[Gates, Gates]):
    first, second = two
    assert [first.address(LEA), second.address(LEA), first.address(LEA)] == [True, True, False]
    passed = [one.letter("example.org") for one in (second, first, second, first)]
    assert passed == [Passage.OPEN] * 3 + [Passage.ALL_FULL]
    waits = [one.form("192.0.2.7") for one in (first, second, first)]
    assert waits[:2] == [timedelta(0)] * 2
    assert timedelta(minutes=29) < waits[2] <= timedelta(minutes=30)
    assert first.form("198.51.100.7") == timedelta(0)


def test_one_process_counts_for_itself_without_redis():
    gates = Gates(Limits(Settings()), AT_MOST)
    other = parse_address("mia@example.org")
    assert [gates.address(LEA) for _ in range(3)] == [True, True, False]
    assert gates.address(other)
    assert not gates.address(parse_address("LEA@Example.org"))


def _full(gates: Gates) -> None:
    asked = ["a.example", "a.example", "b.example", "c.example", "b.example"]
    found = [gates.letter(one) for one in asked]
    full = [Passage.OPEN, Passage.DOMAIN_FULL, Passage.OPEN, Passage.ALL_FULL, Passage.ALL_FULL]
    assert found == full
    assert gates.domain("c.example")  # the breaker spent none of its room


SMALL = SignupLimits.model_validate({"domain": "1/hour", "all": "2/hour"})


def test_a_letter_counts_for_its_domain_and_for_all_or_for_neither():
    _full(Gates(Limits(Settings()), SMALL))


@pytest.mark.redis
def test_a_letter_counts_for_both_or_neither_in_redis(new_redis: str):
    _full(Gates(Limits(Settings(broker_url=new_redis)), SMALL))


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("lea+news@example.org", "lea@example.org"),
        ("l.ea@example.org", "l.ea@example.org"),
        ("L.e.a+1+2@googlemail.com", "lea@gmail.com"),
        ("+lea@example.org", "+lea@example.org"),
    ],
)
def test_tags_and_dots_make_no_other_mailbox(address: str, found: str):
    assert mailbox(parse_address(address)) == found


def test_what_one_gate_refuses_another_does_not_count():
    gates = Gates(
        Limits(Settings()), SignupLimits.model_validate({"ip": "1/hour", "subnet": "2/hour"})
    )
    assert [bool(gates.form("192.0.2.7")) for _ in range(5)] == [False, True, True, True, True]
    assert [bool(gates.form(f"192.0.2.{host}")) for host in (8, 9)] == [False, True]


@pytest.mark.parametrize(
    ("ip", "found"),
    [
        ("192.0.2.7", ("192.0.2.7", "192.0.2.0/24")),
        ("::ffff:192.0.2.7", ("192.0.2.7", "192.0.2.0/24")),
        ("2001:db8:1:2:3::4", ("2001:db8:1:2:3::4", "2001:db8:1:2::/64")),
        ("fe80::1%eth0", ("fe80::1", "fe80::/64")),
        ("", ("unknown", "unknown")),
        (None, ("unknown", "unknown")),
        ("localhost", ("unknown", "unknown")),
    ],
)
def test_neighbours_are_a_subnet(ip: str | None, found: tuple[str, str]):
    assert whence(ip) == found


def test_a_limit_lets_its_count_pass_at_once_and_then_refills_evenly():
    clock = [0]
    rates = LocalRates(lambda: clock[0], {})
    rate = refilling("x", parse_limit("3/hour"))
    assert [rates.take([rate], 1)[0] for _ in range(4)] == [1, 1, 1, 0]
    clock[0] = 20 * 60 * 1_000_000
    assert [rates.take([rate], 1)[0] for _ in range(2)] == [1, 0]
    clock[0] += 3600 * 1_000_000
    assert [rates.take([rate], 1)[0] for _ in range(4)] == [1, 1, 1, 0]


def test_any_number_of_visitors_takes_no_more_than_so_much_memory():
    limit = parse_limit("1/hour")
    names = [refilling(str(number), limit).name for number in range(60_000)]
    rates = LocalRates(lambda: 0, {name: 1 + number for number, name in enumerate(names)})
    assert rates.take([refilling("59999", limit)], 1)[0] == 0
    assert len(rates.known) <= 50_001
