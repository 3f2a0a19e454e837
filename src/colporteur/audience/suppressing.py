"""The do-not-mail list: hashes of addresses, which outlive erasure and import.

Looked at when mail is queued and when it leaves. All in the caller's transaction.
"""

import enum
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from colporteur.db.tables.audience import suppressions


class Reason(enum.StrEnum):
    """Why an address is on the list."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"
    MANUAL = "manual"  # somebody asked us never to write there


LIFTED_BY_OWNER = (Reason.BOUNCED, Reason.COMPLAINED, Reason.ERASED)
"""What its owner undoes by subscribing anew and pressing the button: nothing else is sent there."""
_WEIGHT = {Reason.ERASED: 0, Reason.BOUNCED: 1, Reason.COMPLAINED: 2, Reason.MANUAL: 3}


def suppression_of(connection: Connection, address_hash: str) -> Reason | None:
    """Why an address is on the list; None: it is not."""
    found = connection.scalar(
        select(suppressions.c.reason).where(suppressions.c.address_hash == address_hash)
    )
    return Reason(found) if found is not None else None


def suppress(connection: Connection, address_hash: str, reason: Reason, now: datetime) -> None:
    """Put an address on the list; of two reasons the one that is harder to lift stays."""
    before = suppression_of(connection, address_hash)
    if before is None:
        values = {"address_hash": address_hash, "reason": reason, "at": now}
        connection.execute(insert(suppressions).values(values))
    elif _WEIGHT[before] < _WEIGHT[reason]:
        changed = update(suppressions).where(suppressions.c.address_hash == address_hash)
        connection.execute(changed.values(reason=reason, at=now))


def lift(connection: Connection, address_hash: str, *, by_owner: bool) -> bool:
    """Take an address off the list; whether it was on it. An owner lifts not all reasons."""
    found = delete(suppressions).where(suppressions.c.address_hash == address_hash)
    if by_owner:
        found = found.where(suppressions.c.reason.in_(LIFTED_BY_OWNER))
    return connection.execute(found).rowcount > 0
