"""One message at a time, as tests of the wire hand it over."""

from colporteur.config import Settings
from colporteur.delivery.message import Envelope
from colporteur.delivery.transports import Parcel, Relays, Reply
from colporteur.exceptions import ServiceUnavailable


def send_one(relays: Relays, parcel: Parcel) -> Reply:
    """Hand one message over and return the last word on it.

    Raises:
        ServiceUnavailable: nobody answers, and the message was not taken.
        OutcomeUnknown: the answer to the message itself was lost.
    """
    with relays.borrow() as transport:
        for result in transport.deliver([parcel]):
            if result.reply is not None:
                return result.reply
        raise transport.trouble or ServiceUnavailable(f"{transport.name} does not serve.")


class SingleTransport:
    """One message after the other over the relays of the settings."""

    def __init__(self, relays: Relays) -> None:
        self._relays = relays

    def send(self, envelope: Envelope, message: bytes) -> Reply:
        """Hand one message over; raises as :func:`send_one`."""
        return send_one(self._relays, Parcel(0, envelope, message))

    def close(self) -> None:
        """Say goodbye; never raises."""
        self._relays.close()


def open_transport(settings: Settings) -> SingleTransport:
    """A way out for one message at a time; it connects when the first one goes.

    Raises:
        ConfigurationError: the relay's address is malformed.
    """
    return SingleTransport(Relays(settings))
