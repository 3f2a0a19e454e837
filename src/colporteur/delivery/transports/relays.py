"""The ways out of a process: which relay serves the next batch, and the connections kept open."""

import contextlib
import os
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from colporteur.config import Settings
from colporteur.config.relay import Relay
from colporteur.delivery.transports.health import WELL, Health
from colporteur.delivery.transports.maildir import MaildirTransport
from colporteur.delivery.transports.reply import Transport
from colporteur.delivery.transports.smtp import SmtpTransport, Timeouts
from colporteur.exceptions import ServiceUnavailable

KEPT_S = 30.0
"""How long a connection that nobody uses stays open."""


@dataclass
class _Standing:
    """What this process knows of a relay."""

    health: Health = WELL
    idle: list[SmtpTransport] = field(default_factory=list)


class Relays:
    """One a process, for all its threads. After a fork the child's connections are its own.

    ``clock`` counts seconds from anywhere; ``chance`` gives 0 to 1.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Know the relays; nothing is connected yet.

        Raises:
            ConfigurationError: an address of theirs is malformed.
        """
        self.relays = settings.relays
        self._outbox = settings.outbox
        self._timeouts, self._tls = timeouts, tls
        self._clock, self._chance = clock, chance
        self._standings = {relay.name: _Standing() for relay in self.relays}
        self._lock = threading.Lock()
        self._process = os.getpid()

    @contextlib.contextmanager
    def borrow(
        self,
        allowed: Callable[[Relay], bool] = lambda _: True,
        messages: int | None = None,
        opening: Callable[[Transport], None] = lambda _: None,
    ) -> Iterator[Transport]:
        """A connection that serves, of a relay that may be used: by weight, the well ones first.

        One that does not answer is left out for a while, and the next is tried. After so many
        ``messages`` on one connection there is a new one. ``opening`` is told of it before it
        connects, so that another thread can interrupt that.

        Raises:
            ServiceUnavailable: no relay that is allowed serves now.
        """
        if self._outbox is not None:
            yield MaildirTransport(self._outbox)
            return
        transport = self._connected(allowed, messages, opening)
        try:
            yield transport
        finally:
            self._take_back(transport)

    def resting(self, relay: Relay) -> float:
        """For how many seconds a relay that failed is still left out; 0 for a well one."""
        with self._lock:
            return max(0.0, self._standings[relay.name].health.resting_until - self._clock())

    def close(self) -> None:
        """Say goodbye on every connection that nobody uses."""
        self._notice_fork()
        with self._lock:
            idle = [one for standing in self._standings.values() for one in standing.idle]
            for standing in self._standings.values():
                standing.idle = []
        for transport in idle:
            transport.close()

    def in_turn(self, relays: Iterable[Relay]) -> list[Relay]:
        """Those of the relays that may be used now, by weight the one to be tried first in front."""
        left, found = list(relays), []
        while (one := self._choose(left)) is not None:
            found.append(one)
            left.remove(one)
        return found

    def _connected(
        self,
        allowed: Callable[[Relay], bool],
        messages: int | None,
        opening: Callable[[Transport], None],
    ) -> SmtpTransport:
        self._notice_fork()
        may = [relay for relay in self.relays if allowed(relay)]
        trouble: ServiceUnavailable | None = None
        while (relay := self._choose(may)) is not None:
            transport = self._idle_or_new(relay)
            transport.messages = messages
            opening(transport)
            try:
                transport.open()
            except ServiceUnavailable as error:
                trouble = error
                self._take_back(transport)
                may.remove(relay)
                continue
            return transport
        raise trouble or ServiceUnavailable(
            f"No relay serves now: {', '.join(one.name for one in may) or 'none is allowed'}.",
            cure="Check COLPORTEUR_MAIL_URL and the relays; what waits is sent then.",
        )

    def _choose(self, relays: list[Relay]) -> Relay | None:
        with self._lock:
            now = self._clock()
            well = [one for one in relays if self._standings[one.name].health.usable(now)]
        at = self._chance() * sum(relay.weight for relay in well)
        for relay in well:
            at -= relay.weight
            if at < 0:
                return relay
        return well[-1] if well else None

    def _idle_or_new(self, relay: Relay) -> SmtpTransport:
        with self._lock:
            standing = self._standings[relay.name]
            left = [one for one in standing.idle if one.idle_seconds >= KEPT_S]
            standing.idle = [one for one in standing.idle if one not in left]
            found = standing.idle.pop() if standing.idle else None
        for one in left:
            one.close()
        return found or SmtpTransport(relay, self._timeouts, self._tls)

    def _take_back(self, transport: SmtpTransport) -> None:
        if os.getpid() != self._process:  # a fork in the midst of it: the parent goes on
            transport.forget()
            return
        with self._lock:
            standing = self._standings[transport.name]
            if transport.trouble is not None or transport.sent_away:
                standing.health = standing.health.failed(self._clock())
            elif transport.connected:
                standing.health = WELL
                if transport.relay.connections is None:
                    standing.idle.append(transport)
                    return
        transport.close()  # others may need its place

    def _notice_fork(self) -> None:
        if os.getpid() == self._process:
            return
        self._process = os.getpid()
        self._lock = threading.Lock()  # another thread of the parent may have held it
        for standing in self._standings.values():
            for transport in standing.idle:
                transport.forget()
            standing.idle = []
