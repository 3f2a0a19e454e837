"""A real SMTP server for tests."""

import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """A real SMTP server that keeps what it accepts, and can be told to refuse."""

    port: int = 0
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)  # of the envelopes accepted
    answers: dict[str, str] = field(default_factory=dict)  # to RCPT, by address
    taken: str = "250 2.0.0 queued"  # the answer to a message
    slow: dict[str, float] = field(default_factory=dict)  # seconds before that answer
    hangs_up: bool = False  # after each refusal
    hangs_up_after: int = 0  # messages, 0 for never
    hangs_up_on: str = ""  # an address, whatever it is told

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if address == self.hangs_up_on:
            _server.transport.abort()
        if address in self.answers:
            if self.hangs_up:
                asyncio.get_running_loop().call_soon(_server.transport.close)
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self.senders.append(envelope.mail_from or "")
        self.accepted += [(address, content) for address in envelope.rcpt_tos]
        await asyncio.sleep(max(self.slow.get(one, 0) for one in envelope.rcpt_tos))
        if self.hangs_up_after and len(self.accepted) % self.hangs_up_after == 0:
            asyncio.get_running_loop().call_soon(_server.transport.close)
        return self.taken
