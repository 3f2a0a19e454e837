"""Sends what is due: a worker's turns on batches, group after group."""

from colporteur.delivery.sending.batches import Dispatch, send_batch
from colporteur.delivery.sending.turn import GROUP, SMALL_GROUP

__all__ = ["GROUP", "SMALL_GROUP", "Dispatch", "send_batch"]
