"""The ledger: who is owed what, who is on it, and what came of it. The database is the queue.

A worker leases a batch, marks a small group of deliveries in flight just before their bytes go
out and writes the outcomes after the replies. A lease that ran out is anybody's; deliveries left
in flight by a dead worker are sent again under the same Message-ID and counted as possible
duplicates: at most a group for each worker that died.
"""

from colporteur.delivery.ledger.conditions import UNFINISHED, WAITING, free
from colporteur.delivery.ledger.leasing import (
    Lease,
    due_deliveries,
    extend,
    give_back,
    lease,
    release_all,
    still_goes,
)
from colporteur.delivery.ledger.marking import (
    Due,
    lose,
    mark_inflight,
    put_back,
    put_off,
    skip,
    standings,
)
from colporteur.delivery.ledger.recording import Came, First, note_left, record
from colporteur.delivery.ledger.resting import back_off, rest, served
from colporteur.delivery.ledger.ringing import (
    RUNG_AT_ONCE,
    URGENT,
    Rung,
    goes,
    ring_again,
    ring_due,
    urgent_waiting,
)

__all__ = [
    "RUNG_AT_ONCE",
    "UNFINISHED",
    "URGENT",
    "WAITING",
    "Came",
    "Due",
    "First",
    "Lease",
    "Rung",
    "back_off",
    "due_deliveries",
    "extend",
    "free",
    "give_back",
    "goes",
    "lease",
    "lose",
    "mark_inflight",
    "note_left",
    "put_back",
    "put_off",
    "record",
    "release_all",
    "rest",
    "ring_again",
    "ring_due",
    "served",
    "skip",
    "standings",
    "still_goes",
    "urgent_waiting",
]
