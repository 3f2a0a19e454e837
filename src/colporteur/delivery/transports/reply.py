"""What goes into a transport, what it answers, and what one is."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from colporteur.delivery.message import Envelope
from colporteur.exceptions import ServiceUnavailable

# Not within an IP address or a version: a relay that blocks us names our address.
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)")
_QUEUED_AS = re.compile(
    r"queued (?:mail )?(?:as|for delivery as|with id) <?([\w.@:+/=-]{4,200})"
    r"|\bid=<?([\w.@:+/=-]{4,200})"
    r"|^(?:2\.\d\.\d )?(?:OK|Ok|ok):? +([\w.@:+/=-]{8,200})"
    r"|^2\.\d\.\d ([A-Za-z0-9]{8,40}) Message accepted",
)


@dataclass(frozen=True)
class Reply:
    """An SMTP reply, or its equal: the three-digit code and the text (RFC 5321 section 4.2).

    ``ours``: nobody was asked, since this relay says that it cannot carry such a message.
    """

    code: int
    text: str
    ours: bool = False

    @property
    def taken(self) -> bool:
        """Whether it is a positive completion (RFC 5321 section 4.2.1)."""
        return self.code // 100 == 2  # noqa: PLR2004 - the same

    @property
    def refused(self) -> bool:
        """Whether it is a permanent negative one, from the relay itself."""
        return self.code // 100 == 5 and not self.ours  # noqa: PLR2004 - the same

    @property
    def queued_as(self) -> str | None:
        """The relay's own name for a message that it took, as large ones tell it."""
        found = _QUEUED_AS.search(self.text) if self.taken else None
        return next((one for one in found.groups() if one), None) if found else None

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code, if the text has one (RFC 3463)."""
        found = _ENHANCED.search(self.text)
        return found[1] if found else None


@dataclass(frozen=True)
class Parcel:
    """A message on its way to one reader: the whole message, its lines ended by CRLF.

    ``plain``: whoever composed it knows that no line begins with a dot and that there is no
    lone CR or LF. Else each message is looked through, which costs half as much as sending it.
    """

    delivery_id: int
    envelope: Envelope
    message: bytes
    plain: bool = False


@dataclass(frozen=True)
class Result:
    """What became of a parcel; without a ``reply`` nobody answered.

    ``perhaps_taken``: the connection was lost when the whole message, with its final dot, had
    been handed to the network. Without it and without a reply it was certainly not taken.
    """

    delivery_id: int
    reply: Reply | None
    perhaps_taken: bool = False


class Transport(Protocol):
    """A way out, for one thread at a time."""

    @property
    def name(self) -> str:
        """``host:port`` or ``outbox``."""

    @property
    def trouble(self) -> ServiceUnavailable | None:
        """Why the last run of ``deliver`` stopped before its end, if it did."""

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Result]:
        """Hand parcels over: a result for each that was pulled, in their order.

        Lazy: it pulls a parcel when it can offer it, which is at most one before the result
        of the one in front; after any answer but a 2xx it yields that first. When nobody
        serves, it yields results without a reply for what it had pulled, and stops.
        """

    def interrupt(self) -> None:
        """From another thread: end the wait for an answer, which stays unknown then."""

    def close(self) -> None:
        """Say goodbye; never raises."""
