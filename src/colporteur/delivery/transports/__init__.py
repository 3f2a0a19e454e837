"""Ways out: each takes a message's bytes and says what became of it."""

from colporteur.delivery.transports.opening import open_transport
from colporteur.delivery.transports.reply import Reply, Transport

__all__ = ["Reply", "Transport", "open_transport"]
