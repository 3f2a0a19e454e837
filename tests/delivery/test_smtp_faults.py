"""What a relay may do wrong, to the byte; each result must tell what is known and no more."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from scripted import Relay, Script, scripted

from colporteur.config.relay import parse_relay
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports import Parcel, Reply, Result
from colporteur.delivery.transports.smtp import SmtpTransport, Timeouts
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable

SHORT = Timeouts(2, 2, 2, 2, 2, 2, 2, 0.1)
HASTY = Timeouts(2, 0.2, 0.2, 0.2, 2, 0.2, 0.2, 0.1)


def parcel(number: int, text: str = "") -> Parcel:
    message = f"Message-ID: <{number}@relais.example>\r\n\r\n{text or 'Bonjour'}\r\n"
    return Parcel(number, Envelope("a@relais.example", f"r{number}@example.org"), message.encode())


def transport(relay: Relay, timeouts: Timeouts = SHORT, options: str = "") -> SmtpTransport:
    return SmtpTransport(parse_relay(relay.url + options), timeouts)


def deliver(relay: Relay, count: int = 3, timeouts: Timeouts = SHORT) -> list[Result]:
    out = transport(relay, timeouts)
    try:
        return list(out.deliver(parcel(number) for number in range(count)))
    finally:
        out.close()


def numbers(messages: Sequence[bytes]) -> list[int]:
    return [int(message.partition(b"<")[2].partition(b"@")[0]) for message in messages]


def codes(results: Sequence[Result]) -> list[int | None]:
    return [result.reply.code if result.reply else None for result in results]


def must_be_true(relay: Relay, results: Sequence[Result]) -> None:
    """Sent is what the relay took; what it may have taken is told; nothing else was taken."""
    taken = numbers(relay.taken)
    said = [one.delivery_id for one in results if one.reply and one.reply.taken]
    perhaps = [one.delivery_id for one in results if one.reply is None and one.perhaps_taken]
    assert [one.delivery_id for one in results] == list(range(len(results)))
    assert set(said) <= set(taken) <= set(said) | set(perhaps)
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("able", [("PIPELINING", "SIZE 1000000"), ("SIZE 1000000",), ()])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_every_refusal_at_every_step_is_that_readers_alone(verb: str, able: tuple[str, ...]):
    for answer in ("450 4.2.1 b", "452 4.5.3 c", "550 5.1.1 d", "552 5.2.2 e", "554 5.7.1 f"):
        usual = {"DATA": "354 Go on", "BODY": "250 Ok"}.get(verb, "250 Ok")
        with scripted(Script(able=able, answers={verb: [usual, answer, usual]})) as relay:
            results = deliver(relay)
        assert codes(results) == [250, int(answer[:3]), 250], (verb, answer)
        must_be_true(relay, results)
        assert relay.connections == 1


@pytest.mark.parametrize("able", [("PIPELINING",), ()])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_421_is_that_readers_and_the_next_goes_over_another_connection(
    verb: str, able: tuple[str, ...]
):
    usual = {"DATA": "354 Go on", "BODY": "250 Ok"}.get(verb, "250 Ok")
    script = Script(able=able, answers={verb: [usual, "421 4.7.0 slower", usual]})
    with scripted(script) as relay:
        results = deliver(relay)
    assert codes(results) == [250, 421, 250]
    assert numbers(relay.taken) == [0, 2]
    assert relay.connections == 2


@pytest.mark.parametrize("verb", ["GREETING", "EHLO"])
@pytest.mark.parametrize("answer", ["421 busy", "450 later", "554 5.7.1 not you"])
def test_a_relay_that_does_not_serve_refuses_no_reader(verb: str, answer: str):
    with scripted(Script(answers={verb: answer})) as relay:
        out = transport(relay)
        (result,) = out.deliver([parcel(0), parcel(1)])
    assert result == Result(0, None)
    assert isinstance(out.trouble, ServiceUnavailable)
    assert answer[:3] in out.trouble.message


def test_where_nobody_listens_it_is_said_at_once():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    out = SmtpTransport(parse_relay(f"smtp://127.0.0.1:{port}"), SHORT)
    assert list(out.deliver([parcel(0)])) == [Result(0, None)]
    assert f"127.0.0.1:{port} does not serve: Connection refused" in str(out.trouble)


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "BODY"])
def test_a_relay_that_never_answers_is_given_up_in_time(verb: str):
    with scripted(Script(answers={verb: ...})) as relay:
        started = time.monotonic()
        results = deliver(relay, timeouts=HASTY)
    assert time.monotonic() - started < 2
    assert results[0] == Result(0, None, perhaps_taken=verb == "BODY")
    assert not any(one.perhaps_taken for one in results[1:])
    must_be_true(relay, results)


def test_a_slow_greeting_is_waited_for():
    with scripted(Script(dribbles=True)) as relay:
        assert codes(deliver(relay)) == [250, 250, 250]


def test_answers_that_come_octet_by_octet_do_not_get_more_time():
    slow = ["250-" + "x" * 60_000] * 3
    with scripted(Script(dribbles=True, answers={"MAIL": "\r\n".join(slow)})) as relay:
        (result,) = deliver(relay, timeouts=HASTY)
    assert result == Result(0, None)


@pytest.mark.parametrize("able", [("PIPELINING",), ()])
def test_a_relay_that_hangs_up_after_any_octet_of_what_it_got_loses_and_doubles_nobody(
    able: tuple[str, ...],
):
    with scripted(Script(able=able)) as relay:
        deliver(relay, 2)
    spoken = sum(map(len, relay.commands)) + 2 * len(relay.commands) + 2 * len(relay.taken[0]) + 6
    for octets in range(0, spoken, 3):
        with scripted(Script(able=able, hangs_up_after=octets)) as relay:
            results = deliver(relay, 2)
        must_be_true(relay, results)


@pytest.mark.parametrize("able", [("PIPELINING",), ()])
def test_a_relay_that_hangs_up_after_any_octet_of_what_it_says_is_believed_as_far_as_it_went(
    able: tuple[str, ...],
):
    for octets in range(0, 250, 3):
        with scripted(Script(able=able, cuts_after=octets)) as relay:
            results = deliver(relay, 2)
        must_be_true(relay, results)
        said = sum(1 for one in results if one.reply and one.reply.taken)
        assert len(relay.taken) - said <= 1


def test_a_connection_lost_at_20_points_of_a_message_has_sent_it_to_nobody():
    """The network had the whole of it, with its dot: that the relay did not, nobody can know."""
    text = "\r\n".join("x" * 70 for _ in range(600))
    whole = parcel(0, text)
    for point in range(20):
        octets = 120 + point * len(whole.message) // 20
        with scripted(Script(hangs_up_after=octets)) as relay:
            out = transport(relay)
            results = list(out.deliver([whole, parcel(1)]))
        assert [one.reply for one in results] == [None, None], octets
        assert not results[1].perhaps_taken
        assert isinstance(out.trouble, OutcomeUnknown) == results[0].perhaps_taken
        assert not relay.ended


def test_a_message_that_did_not_leave_whole_was_certainly_not_taken():
    text = "\r\n".join(["x" * 70] * 300_000)  # more than two sockets hold
    with scripted(Script(hangs_up_after=100_000, able=("PIPELINING",))) as relay:
        out = transport(relay)
        results = list(out.deliver([parcel(0, text), parcel(1)]))
    assert results == [Result(0, None), Result(1, None)]
    assert not isinstance(out.trouble, OutcomeUnknown)


def test_a_relay_that_stalls_at_the_final_dot_may_have_taken_the_message():
    with scripted(Script(answers={"BODY": ["250 Ok", ...]})) as relay:
        out = transport(relay, HASTY)
        results = list(out.deliver(parcel(number) for number in range(4)))
    assert [(one.delivery_id, one.perhaps_taken) for one in results] == [
        (0, False),
        (1, True),
        (2, False),
    ]
    assert isinstance(out.trouble, OutcomeUnknown)


def test_what_a_relay_says_before_it_hangs_up_in_the_middle_is_its_answer():
    text = "\r\n".join("x" * 70 for _ in range(100_000))
    with scripted(Script(able=("PIPELINING",), answers={"EARLY": "421 4.3.2 going down"})) as relay:
        out = transport(relay)
        first = next(out.deliver([parcel(0, text), parcel(1)]))
    assert first.reply is None or first.reply.code == 421
    assert not first.perhaps_taken


@pytest.mark.parametrize("dot", ["554 5.5.1 No valid recipients", "250 Ok", "421 bye"])
def test_a_relay_that_wants_data_for_refused_recipients_gets_an_empty_message(dot: str):
    """RFC 2920 section 3.1."""
    answers = {"RCPT": ["550 5.1.1 unknown", "250 Ok"], "NOBODY": dot}
    with scripted(Script(answers=answers)) as relay:
        results = deliver(relay, 2)
    assert codes(results) == [550, 250]
    assert numbers(relay.taken) == [1]


@pytest.mark.parametrize(
    "answer",
    ["hello", "25", "250\x0012", "99 x", "250-a\r\n" * 20_000 + "250 b", "x" * 70_000, "354 go on"],
)
def test_what_is_no_answer_takes_and_refuses_nobody(answer: str):
    with scripted(Script(answers={"RCPT": answer})) as relay:
        out = transport(relay)
        assert list(out.deliver([parcel(0), parcel(1)])) == [Result(0, None)]
    assert not relay.ended


@pytest.mark.parametrize("answer", ["hello", "354 go on", "250-never ends"])
def test_what_is_no_answer_to_a_message_leaves_it_open(answer: str):
    with scripted(Script(answers={"BODY": answer})) as relay:
        results = deliver(relay, 1, HASTY)
    assert results == [Result(0, None, perhaps_taken=True)]


def test_an_answer_of_10_kb_is_read_and_kept_in_part():
    long = "\r\n".join(f"550-5.1.1 {'é' * 80}" for _ in range(60)) + "\r\n550 5.1.1 end"
    with scripted(Script(answers={"RCPT": [long, "250 Ok"]})) as relay:
        first, second = deliver(relay, 2)
    assert first.reply is not None
    assert (first.reply.code, first.reply.enhanced, len(first.reply.text)) == (550, "5.1.1", 2000)
    assert codes([second]) == [250]


def test_the_relays_own_number_for_a_message_is_kept():
    with scripted() as relay:
        (result,) = deliver(relay, 1)
    assert result.reply == Reply(250, "2.0.0 queued as 4F2A")


def test_words_that_nobody_asked_for_are_never_taken_for_an_answer():
    unasked = "550 5.1.1 no\r\n250 Ok\r\n250 Ok\r\n250 what?"
    with scripted(Script(able=(), answers={"RCPT": [unasked, "250 Ok"]})) as relay:
        results = deliver(relay, 2)
    assert codes(results)[0] == 550
    must_be_true(relay, results)


def test_a_parcel_is_pulled_one_ahead_at_most_and_none_after_a_refusal():
    pulled: list[int] = []

    def source() -> Iterator[Parcel]:
        for number in range(5):
            pulled.append(number)
            yield parcel(number)

    with scripted(Script(answers={"RCPT": ["250 Ok", "250 Ok", "550 no", "250 Ok"]})) as relay:
        out = transport(relay)
        seen = [(result.delivery_id, len(pulled)) for result in out.deliver(source())]
        out.close()
    assert seen == [(0, 2), (1, 3), (2, 3), (3, 5), (4, 5)]


def test_who_loses_interest_leaves_nothing_half_sent():
    with scripted() as relay:
        out = transport(relay)
        run = out.deliver(parcel(number) for number in range(3))
        next(run)
        run.close()
        assert codes(list(out.deliver([parcel(3)]))) == [250]
        out.close()
    assert numbers(relay.taken) == [0, 3]
    assert relay.connections == 2


def test_another_thread_can_end_the_wait_for_an_answer():
    with scripted(Script(answers={"BODY": ...})) as relay:
        out = transport(relay, Timeouts())
        stopper = threading.Timer(0.1, out.interrupt)
        stopper.start()
        assert list(out.deliver([parcel(0)])) == [Result(0, None, perhaps_taken=True)]
