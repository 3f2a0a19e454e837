"""One connection to a relay that parcels go over, pipelined where the relay can (RFC 2920).

MAIL, RCPT and DATA are one write; a message and the next parcel's envelope are one. So a
message costs one round trip, and a parcel is at most one ahead of the result in front of it.
"""

import contextlib
import ssl
import time
from collections.abc import Iterable, Iterator

from colporteur.config.relay import Relay
from colporteur.delivery.transports.reply import Parcel, Reply, Result
from colporteur.delivery.transports.smtp.commands import (
    RESET,
    envelope_commands,
    message_and_dot,
    refusal,
)
from colporteur.delivery.transports.smtp.extensions import Extensions
from colporteur.delivery.transports.smtp.handshake import connect
from colporteur.delivery.transports.smtp.line import Line, Lost, Timeouts
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable

_CLOSING = 421
_GO_ON = 354
_LAST_WORD_S = 1.0  # for a relay that hung up in the middle: what it said is there, or nothing


class SmtpTransport:
    """A relay's connection, opened when it is needed, and again when it was lost."""

    def __init__(
        self, relay: Relay, timeouts: Timeouts | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.relay = relay
        self.trouble: ServiceUnavailable | None = None
        self.messages: int | None = None  # on one connection, beside the relay's own limit
        self.sent_away = False  # told 421: it closes, and serves nobody now
        self._interrupted = False
        self._timeouts = timeouts or Timeouts()
        self._tls = tls
        self._line: Line | None = None
        self._able = Extensions()
        self._count = 0  # envelopes offered on this connection
        self._unset = False  # a transaction is open that nobody goes on with: RSET comes first
        self._offered: Parcel | None = None  # its envelope is out, its fate is not known
        self._used_at = 0.0

    @property
    def name(self) -> str:
        """``host:port``."""
        return self.relay.name

    @property
    def connected(self) -> bool:
        """Whether a connection is open, as far as we know."""
        return self._line is not None

    @property
    def idle_seconds(self) -> float:
        """How long ago it was last used."""
        return time.monotonic() - self._used_at

    def open(self) -> None:
        """Have a connection that serves: the one there is if it still does, else another.

        Raises:
            ServiceUnavailable: nobody answers, or not as securely as asked.
        """
        try:
            self._ready()
        except Lost as lost:
            raise self._in_trouble(lost) from lost

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Result]:
        """Hand parcels over, as :class:`Transport` says."""
        self.trouble = None
        source = iter(parcels)
        parcel = next(source, None)
        try:
            while parcel is not None:
                following: Parcel | None = None
                try:
                    reply = self._offer(parcel)
                    if reply is None:
                        following = self._one_ahead(source)
                        reply = self._hand_over(parcel, following)
                except Lost as lost:
                    self._in_trouble(lost)
                    yield Result(parcel.delivery_id, None, lost.perhaps_taken)
                    if following is not None:
                        yield Result(following.delivery_id, None)
                    return
                yield Result(parcel.delivery_id, reply)
                parcel = following or next(source, None)
        finally:
            if self._offered is not None:  # somebody lost interest: what is half said is unsaid
                self._drop()
            self._used_at = time.monotonic()

    def close(self) -> None:
        """Say QUIT if there is someone to say it to."""
        if self._line is not None and self._offered is None:
            with contextlib.suppress(Lost):
                self._line.ask(b"QUIT\r\n", self._timeouts.quit)
        self._drop()

    def forget(self) -> None:
        """Let go of a connection that another process, before a fork, goes on with."""
        self._drop()

    def interrupt(self) -> None:
        """From another thread: end the wait for an answer; what hangs in the air is told so."""
        self._interrupted = True
        line = self._line
        if line is not None:
            line.interrupt()

    def _offer(self, parcel: Parcel) -> Reply | None:
        """Offer a parcel's envelope; a refusal, or None when the relay waits for the message.

        A relay may hang up between two messages: then there is another connection, once.
        """
        proven = self._line is not None
        if self._offered is parcel:
            try:
                return self._answers()
            except Lost:
                self._drop()
                if self._interrupted:
                    raise
            proven = False
        self._ready()
        try:
            return self._ask(parcel)
        except Lost:
            self._drop()
            if not proven or self._interrupted:
                raise
        self._ready()
        return self._ask(parcel)

    def _ready(self) -> None:
        """Have a connection open on which the next envelope may go."""
        if self._interrupted:
            raise Lost("this process ends")
        if self._line is not None and self._worn(self._line):
            self.close()
        if self._line is None:
            self._line, self._able = connect(self.relay, self._timeouts, self._tls, self._begin)
            self._count, self._unset = 0, False
            self._used_at = time.monotonic()

    def _begin(self, line: Line) -> None:
        """A line is there, though not ready: its greeting can be interrupted from now on."""
        self._line = line
        if self._interrupted:
            line.interrupt()

    def _worn(self, line: Line) -> bool:
        """Whether a connection had its share of messages, or serves no more."""
        if self._full():
            return True
        if not line.quiet:
            self._drop()
            return True
        if self.idle_seconds < self._timeouts.idle:
            return False
        try:
            self._unset = False
            serves = line.ask(RESET, self._timeouts.check).taken
        except Lost:
            serves = False
        if not serves:
            self._drop()
        return not serves

    def _full(self) -> bool:
        return any(
            most is not None and self._count >= most
            for most in (self.relay.messages, self.messages)
        )

    def _ask(self, parcel: Parcel) -> Reply | None:
        refused = refusal(parcel, self._able)
        if refused is not None:
            return refused
        assert self._line is not None
        if self._able.pipelining:
            reset = RESET if self._unset else b""
            self._line.write(reset + self._envelope(parcel))
            if reset:
                self._line.reply(self._timeouts.command)
                self._unset = False
            return self._answers()
        return self._ask_in_turn(parcel)

    def _envelope(self, parcel: Parcel) -> bytes:
        """The commands for a parcel, which is offered from now on."""
        self._offered = parcel
        self._count += 1
        return b"".join(envelope_commands(parcel, self._able))

    def _ask_in_turn(self, parcel: Parcel) -> Reply | None:
        """Without PIPELINING: one command, one answer."""
        assert self._line is not None
        line, timeouts = self._line, self._timeouts
        if self._unset:
            line.ask(RESET, timeouts.command)
            self._unset = False
        self._offered = parcel
        self._count += 1
        mail, rcpt, data = envelope_commands(parcel, self._able)
        for command in (mail, rcpt):
            reply = _yes_or_no(line.ask(command, timeouts.command))
            if not reply.taken:
                return self._refused(reply, unset=command is rcpt)
        reply = line.ask(data, timeouts.data)
        return None if reply.code == _GO_ON else self._refused(_no(reply), unset=True)

    def _answers(self) -> Reply | None:
        """The answers to MAIL, RCPT and DATA that went out together."""
        assert self._line is not None
        line, timeouts = self._line, self._timeouts
        refused: Reply | None = None
        mail_taken = False
        for at, within in enumerate((timeouts.command, timeouts.command, timeouts.data)):
            try:
                reply = line.reply(within)
            except Lost:
                if refused is None:
                    raise
                self._drop()  # what it said before it hung up stands
                return refused
            if at < 2:  # noqa: PLR2004 - MAIL and RCPT
                mail_taken |= at == 0 and reply.taken
                refused = refused or (None if _yes_or_no(reply).taken else reply)
            elif reply.code == _GO_ON:
                return self._refused_after_all(refused) if refused else None
            else:
                refused = refused or _no(reply)
            if reply.code == _CLOSING:
                break
        assert refused is not None
        return self._refused(refused, unset=mail_taken)

    def _refused_after_all(self, refused: Reply) -> Reply:
        """All was refused, and DATA was let pass: a message of nothing (RFC 2920 section 3.1)."""
        assert self._line is not None
        try:
            closing = self._line.ask(b".\r\n", self._timeouts.final).code == _CLOSING
        except Lost:
            closing = True
        if closing:
            self._drop()
        return self._refused(refused, unset=False)

    def _refused(self, reply: Reply, *, unset: bool) -> Reply:
        self._offered = None
        self._unset = unset
        if reply.code == _CLOSING:
            self.sent_away = True
            self._drop()
        return reply

    def _one_ahead(self, source: Iterator[Parcel]) -> Parcel | None:
        """The parcel whose envelope may go out with the message in front of it."""
        if not self._able.pipelining or self._full():
            return None
        return next(source, None)

    def _hand_over(self, parcel: Parcel, following: Parcel | None) -> Reply:
        """Send a message, and the next envelope behind it; the answer to the message.

        Raises:
            Lost: nobody answered; ``perhaps_taken`` when the final dot had gone.
        """
        assert self._line is not None
        line, message = self._line, message_and_dot(parcel)
        self._offered = None
        end = len(message)
        if following is not None and refusal(following, self._able) is None:
            message += self._envelope(following)
        try:
            line.write(message)
        except Lost as lost:
            if lost.sent < end:
                return self._last_word(line, lost)
        try:
            reply = _yes_or_no(line.reply(self._timeouts.final))
        except Lost as lost:
            raise Lost(lost.why, perhaps_taken=True) from lost
        if reply.code == _CLOSING:
            self.sent_away = True
            self._drop()
        return reply

    def _last_word(self, line: Line, lost: Lost) -> Reply:
        """What the relay had to say when it hung up in the middle of a message."""
        try:
            reply = _no(line.reply(_LAST_WORD_S))
        except Lost:
            raise lost from None
        self._drop()
        return reply

    def _drop(self) -> None:
        if self._line is not None:
            self._line.drop()
        self._line, self._offered, self._unset = None, None, False

    def _in_trouble(self, lost: Lost) -> ServiceUnavailable:
        self._drop()
        kind = OutcomeUnknown if lost.perhaps_taken else ServiceUnavailable
        self.trouble = kind(
            f"The relay {self.name} does not serve: {lost.why}.",
            cure="Check COLPORTEUR_MAIL_URL and the relay; what waits is sent then.",
        )
        return self.trouble


def _yes_or_no(reply: Reply) -> Reply:
    """A reply that is not 3xx, which only DATA may have (RFC 5321 section 4.3.2)."""
    if reply.code // 100 == 3:  # noqa: PLR2004
        raise Lost(f"it answers out of turn: {reply.code}")
    return reply


def _no(reply: Reply) -> Reply:
    """A reply that is 4xx or 5xx: nothing else makes sense here."""
    if reply.code < 400:  # noqa: PLR2004
        raise Lost(f"it answers out of turn: {reply.code}")
    return reply
