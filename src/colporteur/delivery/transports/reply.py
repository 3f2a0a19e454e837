"""What a transport answers, and what one is."""

import re
from dataclasses import dataclass
from typing import Protocol

from colporteur.delivery.message import Envelope

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True)
class Reply:
    """An SMTP reply, or its equal: the three-digit code and the text (RFC 5321 section 4.2)."""

    code: int
    text: str

    @property
    def taken(self) -> bool:
        """Whether it is a positive completion (RFC 5321 section 4.2.1)."""
        return self.code // 100 == 2  # noqa: PLR2004 - the same

    @property
    def refused(self) -> bool:
        """Whether it is a permanent negative one."""
        return self.code // 100 == 5  # noqa: PLR2004 - the same

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code, if the text has one (RFC 3463)."""
        found = _ENHANCED.search(self.text)
        return found[1] if found else None


class Transport(Protocol):
    """A way out; opened once for a batch, closed after it."""

    def send(self, envelope: Envelope, message: bytes) -> Reply:
        """Hand one message over.

        Raises:
            ServiceUnavailable: nobody answers, and the message was not taken.
            OutcomeUnknown: the answer to the message itself was lost.
        """

    def close(self) -> None:
        """Say goodbye; never raises."""
