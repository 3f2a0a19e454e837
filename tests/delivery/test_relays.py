"""Which relay serves, and how long a connection is kept."""

import os
import threading
from collections import Counter
from pathlib import Path

import pytest
from scripted import ABLE, Script, scripted
from servers import free_port
from single import send_one

from colporteur.config import Settings
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports import Parcel, Relays
from colporteur.delivery.transports.health import LONGEST_S, WELL
from colporteur.delivery.transports.smtp import Timeouts
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable

SHORT = Timeouts(2, 2, 2, 2, 2, 2, 2, 0.1)
MESSAGE = b"Subject: x\r\n\r\nBonjour\r\n"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def relays(*urls: str, clock: Clock | None = None, chance: float = 0.0) -> Relays:
    settings = Settings(mail_url=" ".join(urls))
    return Relays(settings, timeouts=SHORT, clock=clock or Clock(), chance=lambda: chance)


def parcel(number: int = 0) -> Parcel:
    return Parcel(number, Envelope("a@relais.example", f"r{number}@example.org"), MESSAGE)


def test_a_connection_is_kept_for_the_next_batch():
    with scripted() as relay:
        out = relays(relay.url)
        for _ in range(3):
            with out.borrow() as transport:
                assert transport.name == f"127.0.0.1:{relay.port}"
                assert len(list(transport.deliver(parcel(at) for at in range(2)))) == 2
        out.close()
    assert (relay.connections, len(relay.taken)) == (1, 6)
    assert relay.commands[-1] == "QUIT"


def test_a_relay_that_closes_its_connection_is_left_out_for_a_moment():
    with scripted(Script(answers={"BODY": ["250 Ok", "421 bye", "250 Ok"]})) as relay:
        clock = Clock()
        out = relays(relay.url, clock=clock)
        codes = [send_one(out, parcel(at)).code for at in range(2)]
        with pytest.raises(ServiceUnavailable):
            send_one(out, parcel(2))  # it said that it serves nobody now
        clock.now += 1.5
        codes.append(send_one(out, parcel(3)).code)
        out.close()
    assert codes == [250, 421, 250]


@pytest.mark.parametrize("word", ["250 Ok", "421 bye", "500 what?", None, ...])
def test_a_connection_that_was_idle_is_asked_first_and_replaced_if_it_serves_no_more(word: object):
    often = Timeouts(2, 2, 2, 2, 2, 2, check=0.2, quit=0.1, idle=0)
    with scripted(Script(answers={"RSET": word})) as relay:
        out = Relays(Settings(mail_url=relay.url), timeouts=often)
        assert [send_one(out, parcel(at)).code for at in range(2)] == [250, 250]
        out.close()
    assert "RSET" in relay.commands
    assert (relay.connections == 1) == (word == "250 Ok")
    assert len(relay.taken) == 2


@pytest.mark.parametrize("able", [ABLE, ()])
def test_a_connection_carries_no_more_messages_than_the_relay_wants(able: tuple[str, ...]):
    with scripted(Script(able=able)) as relay:
        out = relays(f"{relay.url}?messages=2")
        with out.borrow() as transport:
            results = list(transport.deliver(parcel(at) for at in range(5)))
        out.close()
    assert len([one for one in results if one.reply and one.reply.taken]) == 5
    assert relay.connections == 3
    assert relay.commands.count("QUIT") == 3


def test_the_weight_is_a_relays_share():
    with scripted() as one, scripted() as other:
        used = Counter[str]()
        for chance in (0.0, 0.2, 0.4, 0.6, 0.74, 0.76, 0.99, 0.5):
            out = relays(f"{one.url}?weight=3", other.url, chance=chance)
            with out.borrow() as transport:
                used[transport.name] += 1
            out.close()
    assert used == {f"127.0.0.1:{one.port}": 6, f"127.0.0.1:{other.port}": 2}


def test_when_one_is_away_the_other_serves_and_the_first_is_asked_again_later():
    away, clock = free_port(), Clock()
    with scripted() as well:
        out = relays(f"smtp://127.0.0.1:{away}", well.url, clock=clock)
        assert send_one(out, parcel()).code == 250
        assert out.resting(out.relays[0]) == 1.0
        assert out.resting(out.relays[1]) == 0
        clock.now += 1.0
        assert send_one(out, parcel(1)).code == 250
        assert out.resting(out.relays[0]) == 2.0
        out.close()


def test_where_nobody_serves_it_is_said_and_only_who_is_allowed_is_asked():
    with scripted() as relay:
        out = relays(f"smtp://127.0.0.1:{free_port()}", relay.url)
        with (
            pytest.raises(ServiceUnavailable, match="none is allowed"),
            out.borrow(lambda _: False),
        ):
            pass
        with (
            pytest.raises(ServiceUnavailable, match="refused"),
            out.borrow(lambda one: one.port != relay.port),
        ):
            pass
        assert relay.connections == 0


def test_a_single_message_that_may_have_been_taken_raises_so():
    with (
        scripted(Script(answers={"BODY": None})) as relay,
        pytest.raises(OutcomeUnknown, match=str(relay.port)),
    ):
        send_one(relays(relay.url), parcel())


def test_a_relay_is_left_out_twice_as_long_each_time_up_to_a_minute():
    health, now, waits = WELL, 0.0, []
    for _ in range(9):
        health = health.failed(now)
        assert health.failed(now) == health  # others that failed with it count once
        waits.append(health.resting_until - now)
        now = health.resting_until
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_S, LONGEST_S, LONGEST_S]


def test_threads_have_connections_of_their_own():
    with scripted() as relay:
        out = relays(relay.url)
        here = threading.Barrier(4)

        def work(at: int) -> None:
            with out.borrow() as transport:
                here.wait(5)
                list(transport.deliver([parcel(at)]))

        threads = [threading.Thread(target=work, args=(at,)) for at in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        out.close()
    assert relay.connections == 4
    assert len(relay.taken) == 4


def test_after_a_fork_each_process_has_connections_of_its_own():
    with scripted() as relay:
        out = relays(relay.url)
        assert send_one(out, parcel()).code == 250
        child = os.fork()
        if child == 0:
            code = 9
            try:
                code = 0 if send_one(out, parcel(1)).code == 250 else 1
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert send_one(out, parcel(2)).code == 250  # the parent's is as it was
        out.close()
    assert relay.connections == 2
    assert len(relay.taken) == 3


def test_the_outbox_is_borrowed_like_a_relay(tmp_path: Path):
    out = Relays(Settings(mail_url=f"maildir:{tmp_path}/out box"))
    with out.borrow() as transport:
        results = list(transport.deliver(parcel(at) for at in range(3)))
    assert transport.name == "outbox"
    assert all(one.reply and one.reply.taken for one in results)
    assert len(list((tmp_path / "out box" / "new").iterdir())) == 3
    assert not list((tmp_path / "out box" / "tmp").iterdir())


def test_a_connection_carries_no_more_messages_than_a_domain_group_wants():
    with scripted() as relay:
        out = relays(f"{relay.url}?messages=4")
        with out.borrow(messages=2) as transport:
            results = list(transport.deliver(parcel(at) for at in range(5)))
        out.close()
    assert len([one for one in results if one.reply and one.reply.taken]) == 5
    assert relay.connections == 3
