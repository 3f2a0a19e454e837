"""Ways out: each takes parcels and says what became of every one of them."""

from colporteur.delivery.transports.relays import Relays
from colporteur.delivery.transports.reply import Parcel, Reply, Result, Transport
from colporteur.delivery.transports.single import open_transport, send_one

__all__ = ["Parcel", "Relays", "Reply", "Result", "Transport", "open_transport", "send_one"]
