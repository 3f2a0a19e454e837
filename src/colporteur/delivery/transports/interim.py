"""Interim."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from colporteur.config import Settings
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports.opening import open_transport
from colporteur.delivery.transports.reply import Reply
from colporteur.exceptions import OutcomeUnknown, ServiceUnavailable


@dataclass(frozen=True)
class Parcel:
    delivery_id: int
    envelope: Envelope
    message: bytes


@dataclass(frozen=True)
class Result:
    delivery_id: int
    reply: Reply | None
    perhaps_taken: bool = False


class Interim:
    def __init__(self, transport):
        self._transport = transport
        self.name = "relay"
        self.trouble = None
        self.relay = None

    def deliver(self, parcels: Iterable[Parcel]) -> Iterator[Result]:
        for one in parcels:
            try:
                yield Result(one.delivery_id, self._transport.send(one.envelope, one.message))
            except ServiceUnavailable as error:
                self.trouble = error
                yield Result(one.delivery_id, None, isinstance(error, OutcomeUnknown))
                return


class Relays:
    relays = ()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def close(self):
        pass

    @contextmanager
    def borrow(self, allowed=None):
        transport = open_transport(self._settings)
        try:
            yield Interim(transport)
        finally:
            transport.close()
