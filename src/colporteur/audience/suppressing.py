"""The do-not-mail list: hashes of addresses, which outlive erasure and import.

Looked at when mail is queued and when it leaves. All in the caller's transaction.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.audience.states import LIFTED_BY_OWNER, Reason
from colporteur.db.tables.audience import suppressions

__all__ = ["LIFTED_BY_OWNER", "Reason", "lift", "suppress", "suppression_of"]

_WEIGHT = {Reason.ERASED: 0, Reason.BOUNCED: 1, Reason.COMPLAINED: 2, Reason.MANUAL: 3}


def suppression_of(connection: Connection, address_hash: str) -> Reason | None:
    """Why an address is on the list; None: it is not."""
    found = connection.scalar(
        select(suppressions.c.reason).where(suppressions.c.address_hash == address_hash)
    )
    if found is None:
        return None
    return Reason(found) if found in {*Reason} else Reason.MANUAL


def suppress(connection: Connection, address_hash: str, reason: Reason, now: datetime) -> None:
    """Put an address on the list; of two reasons the one that is harder to lift stays."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"reason": reason, "at": now}
    lighter = [one for one, weight in _WEIGHT.items() if weight < _WEIGHT[reason]]
    added = dialect.insert(suppressions).values(address_hash=address_hash, **values)
    connection.execute(
        added.on_conflict_do_update(
            index_elements=["address_hash"],
            set_=values,
            where=suppressions.c.reason.in_(lighter),
        )
    )


def lift(connection: Connection, address_hash: str, *, by_owner: bool) -> bool:
    """Take an address off the list; whether it was on it. An owner lifts not all reasons."""
    found = delete(suppressions).where(suppressions.c.address_hash == address_hash)
    if by_owner:
        found = found.where(suppressions.c.reason.in_(LIFTED_BY_OWNER))
    return connection.execute(found).rowcount > 0
