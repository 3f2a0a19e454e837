"""LMTP and SMTP in: a server of our own, for what a mail server or the world brings back.

It answers 250 when what came is committed, 451 while the database is away, 550 for recipients
that there are not. One recipient a message: a bounce has no more, and each has an answer.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from colporteur.config.listening import Listening
from colporteur.db import database_now, writing
from colporteur.exceptions import EngineBusy, ServiceUnavailable
from colporteur.feedback.dropping import Drop, count_dropped
from colporteur.feedback.ears import Ears
from colporteur.feedback.mail import AT_MOST, Came
from colporteur.feedback.taking import take
from colporteur.feedback.ways.gate import Gate, gate
from colporteur.feedback.ways.receiving import HELD_AT_MOST, OF_ONE, Lmtp, Place, Smtp

CONNECTIONS = 40
AT_ONCE = 4
"""Messages that are read at one time: each may be 25 MB."""
WITHIN_S = 120.0
"""How long a client may take for a command, or for a whole message."""
DRAIN_S = 20.0
_REFUSED_AT_MOST = 100  # recipients, on one connection
_COUNTED_EACH_S = 30.0
_COMMANDS = 1000  # of a kind on one connection
_GOES = "421 4.3.2 Going down; come again soon"
_log = logging.getLogger(__name__)


@dataclass
class _Handler:
    """What is done with recipients and messages. Its methods are named by aiosmtpd."""

    engine: Engine
    ears: Ears
    source: str
    busy: asyncio.Semaphore
    draining: bool = False
    forged: int = 0  # since they were counted
    at_work: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if isinstance(server, Smtp) and server.refused >= _REFUSED_AT_MOST:
            return "421 4.7.0 Too many recipients that there are not"
        if self.draining:
            return _GOES
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        let = gate(address, self.ears)
        if let is not Gate.OPEN:
            if isinstance(server, Smtp):
                server.refused += 1
            if let is Gate.FORGED:
                self.forged += 1
            return "550 5.1.1 No such recipient here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.draining:
            return _GOES
        message = envelope.original_content or b""
        came = Came(self.source, message, tuple(envelope.rcpt_tos))
        self.at_work += 1
        self.idle.clear()
        try:
            async with self.busy:
                return await asyncio.to_thread(self._hear, came)
        finally:
            self.at_work -= 1
            if not self.at_work:
                self.idle.set()

    async def handle_exception(self, error: Exception) -> str:
        _log.error("A client was not understood: %s", type(error).__name__)
        return "451 4.3.0 Something went wrong here; come again later"

    def _hear(self, came: Came) -> str:
        try:
            take(self.engine, self.ears, came)
        except (DBAPIError, ServiceUnavailable) as error:
            # A driver's own text holds the statement's parameters.
            _log.warning("What came back is not taken now: %s", type(error).__name__)
            return "451 4.3.0 The database is away; come again later"
        return "250 2.0.0 Heard"

    async def keep_counting(self) -> None:
        """Count forged recipients now and then: each alone would be a write that anybody has."""
        while True:
            await asyncio.sleep(_COUNTED_EACH_S)
            await self.count()

    async def count(self) -> None:
        """Count them now."""
        number, self.forged = self.forged, 0
        if number and not await asyncio.to_thread(self._count, number):
            self.forged += number

    def _count(self, number: int) -> bool:
        try:
            with writing(self.engine) as connection:
                now = database_now(connection)
                count_dropped(connection, self.source, Drop.FORGED, now, number)
        except (DBAPIError, ServiceUnavailable) as error:
            _log.warning("What was dropped is not counted: %s", type(error).__name__)
            return False
        return True


class Listener:
    """The server, in a thread of its own with a loop of its own; so many may be connected."""

    def __init__(
        self,
        engine: Engine,
        ears: Ears,
        listening: Listening,
        connections: int = CONNECTIONS,
        held_at_most: int = HELD_AT_MOST,
    ) -> None:
        self._engine, self._ears, self._listening = engine, ears, listening
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        of_one = connections if listening.scheme == "lmtp" else OF_ONE
        self._place = Place(connections, of_one, held_at_most)
        self._counting: asyncio.Task[None] | None = None
        self._server: asyncio.Server | None = None
        self._handler: _Handler | None = None

    def start(self) -> None:
        """Listen.

        Raises:
            EngineBusy: the port cannot be had.
        """
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # else it logs addresses
        self._thread.start()
        where = self._listening
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        except OSError as error:
            self._end()
            raise EngineBusy(
                f"Port {where.port} on {where.host} cannot be had: {error.strerror}.",
                cure="Choose another in COLPORTEUR_FEEDBACK_LISTEN.",
            ) from None

    def stop(self) -> None:
        """Take nothing more, finish what is being read, and end; within 20 s."""
        asyncio.run_coroutine_threadsafe(self._drain(), self._loop).result()
        self._end()

    @property
    def at_work(self) -> int:
        """How many messages are being read."""
        return self._handler.at_work if self._handler else 0

    async def _listen(self) -> None:
        self._handler = _Handler(
            self._engine, self._ears, self._listening.scheme, asyncio.Semaphore(AT_ONCE)
        )
        self._counting = self._loop.create_task(self._handler.keep_counting())
        where = self._listening
        self._server = await self._loop.create_server(
            self._protocol(), where.host, where.port, backlog=CONNECTIONS
        )

    def _protocol(self) -> Callable[[], SMTP]:
        kind: Any = Lmtp if self._listening.scheme == "lmtp" else Smtp
        made = type(kind.__name__, (kind,), {"place": self._place})

        def make() -> SMTP:
            protocol: SMTP = made(
                self._handler,
                data_size_limit=AT_MOST,
                enable_SMTPUTF8=True,
                hostname=self._ears.bounce_domain or "localhost",
                ident="Colporteur",
                timeout=WITHIN_S,
                command_call_limit=_COMMANDS,
                loop=self._loop,
            )
            return protocol

        return make

    async def _drain(self) -> None:
        assert self._server is not None
        assert self._handler is not None
        self._server.close()
        self._handler.draining = True
        if self._handler.at_work:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._handler.idle.wait(), DRAIN_S)
            await asyncio.sleep(0.05)  # for the answers to go out
        if self._counting is not None:
            self._counting.cancel()
        await self._handler.count()
        for one in [*self._place.open]:
            if one.transport is not None:
                one.transport.close()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if not self._thread.is_alive():
            self._loop.close()
