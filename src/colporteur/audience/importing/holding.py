"""What a worker does with a list of readers that the newsroom was given: it holds one at a time.

A worker that dies leaves a lease that runs out.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, or_, update

from colporteur.audience.importing.lists import (
    REFUSED_PARTS,
    WORKING,
    GivenList,
    Step,
    given,
    put_parts,
)
from colporteur.db.tables.audience import reader_list_parts, reader_lists

LEASED_FOR = timedelta(minutes=1)
_RING_AGAIN_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class Held:
    """A list that this worker has."""

    list: GivenList
    token: str


def ring_due(connection: Connection, now: datetime) -> list[int]:
    """The lists that wait for a worker, noted as rung for now."""
    lately = now - _RING_AGAIN_AFTER
    waiting = update(reader_lists).where(
        reader_lists.c.state.in_(WORKING),
        or_(reader_lists.c.lease_until.is_(None), reader_lists.c.lease_until < now),
        or_(reader_lists.c.rung_at.is_(None), reader_lists.c.rung_at < lately),
    )
    rung = waiting.values(rung_at=now).returning(reader_lists.c.id)
    return sorted(connection.scalars(rung))


def take(connection: Connection, list_id: int, now: datetime) -> Held | None:
    """Hold a list that waits; None where another has it, or it waits no more."""
    token = secrets.token_urlsafe(15)
    free = or_(reader_lists.c.lease_until.is_(None), reader_lists.c.lease_until < now)
    taken = connection.execute(
        update(reader_lists)
        .where(reader_lists.c.id == list_id, reader_lists.c.state.in_(WORKING), free)
        .values(lease_token=token, lease_until=now + LEASED_FOR)
    )
    return Held(given(connection, list_id), token) if taken.rowcount else None


def go_on(connection: Connection, held: Held, rows: int, now: datetime) -> bool:
    """Say how many rows are done, and hold it longer; False if it was lost meanwhile."""
    kept = _mine(held).values(rows=rows, lease_until=now + LEASED_FOR)
    return connection.execute(kept).rowcount > 0


def leave(connection: Connection, held: Held) -> None:
    """Give a list back that has more to do: another worker goes on."""
    connection.execute(_mine(held).values(lease_token=None, lease_until=None, rung_at=None))


def tried(
    connection: Connection, held: Held, rows: int, told: Mapping[str, Any], now: datetime
) -> None:
    """Say what would become of a list."""
    _end(connection, held, Step.TRIED, now, rows=rows, told=dict(told), problem="")


def finished(
    connection: Connection,
    held: Held,
    rows: int,
    told: Mapping[str, Any],
    refused: bytes,
    now: datetime,
) -> None:
    """Say what became of a list. Its bytes are forgotten but for the rows that were refused."""
    _end(connection, held, Step.DONE, now, rows=rows, told=dict(told), problem="")
    mine = reader_list_parts.c.list_id == held.list.id
    connection.execute(delete(reader_list_parts).where(mine))
    put_parts(connection, held.list.id, REFUSED_PARTS, refused)


def failed(connection: Connection, held: Held, problem: str, now: datetime) -> None:
    """Say why a list cannot be read in, or not like this."""
    _end(connection, held, Step.FAILED, now, problem=problem[:1000])


def _end(connection: Connection, held: Held, state: Step, now: datetime, **values: Any) -> None:
    free = {"lease_token": None, "lease_until": None}
    connection.execute(_mine(held).values({"state": state, "changed_at": now, **free, **values}))


def _mine(held: Held) -> Any:
    mine = (reader_lists.c.id == held.list.id, reader_lists.c.lease_token == held.token)
    return update(reader_lists).where(*mine)
