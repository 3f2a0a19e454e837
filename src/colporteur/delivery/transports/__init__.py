"""Ways out: each takes a message's bytes and says what became of it."""

from colporteur.delivery.transports.interim import Parcel, Relays, Result
from colporteur.delivery.transports.opening import open_transport
from colporteur.delivery.transports.reply import Reply, Transport

__all__ = ["Parcel", "Relays", "Reply", "Result", "Transport", "open_transport"]
