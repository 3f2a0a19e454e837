"""Ways out: each takes parcels and says what became of every one of them."""

from colporteur.delivery.transports.relays import Relays
from colporteur.delivery.transports.reply import Parcel, Reply, Result, Transport

__all__ = ["Parcel", "Relays", "Reply", "Result", "Transport"]
