"""Reads editions and records what happens to them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.editions import edition_events, editions
from colporteur.editions.states import Event, State, transition
from colporteur.exceptions import UnknownName


@dataclass(frozen=True)
class Edition:
    """What a channel sends for one slot."""

    id: int
    public_id: str
    channel_id: int
    kind: str
    cadence: str | None
    slot: datetime | None
    send_at: datetime | None
    forced: bool
    state: State
    reason: str


def open_edition(
    connection: Connection,
    channel_id: int,
    cadence: str,
    slot: datetime,
    *,
    by: str,
    now: datetime,
    forced: bool = False,
) -> Edition | None:
    """The edition of a slot, newly opened; None when it was there already (docs/rules.md, 2)."""
    values = {
        "public_id": secrets.token_urlsafe(15),
        "channel_id": channel_id,
        "kind": "regular",
        "cadence": cadence,
        "slot": slot,
        "send_at": slot,
        "forced": forced,
        "state": State.OPEN,
        "reason": "",
        "arrangement": {},
        "opened_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(editions).values(values).on_conflict_do_nothing()
    edition_id = connection.scalar(statement.returning(editions.c.id))
    if edition_id is None:
        return None
    _record(connection, edition_id, None, State.OPEN, by, "", now)
    return load(connection, edition_id)


def load(connection: Connection, edition_id: int) -> Edition:
    """One edition.

    Raises:
        UnknownName: there is none.
    """
    row = connection.execute(select(editions).where(editions.c.id == edition_id)).first()
    if row is None:
        raise UnknownName(f"There is no edition {edition_id}.", cure="Check its number.")
    return _edition(row)


def of_slot(connection: Connection, channel_id: int, cadence: str, slot: datetime) -> Edition:
    """The edition of a slot, which is known to be there."""
    key = (
        editions.c.channel_id == channel_id,
        editions.c.cadence == cadence,
        editions.c.slot == slot,
    )
    return _edition(connection.execute(select(editions).where(*key)).one())


def in_state(connection: Connection, *states: State) -> list[Edition]:
    """The editions in these states, the earliest to send first."""
    query = select(editions).where(editions.c.state.in_(states))
    return [_edition(row) for row in connection.execute(query.order_by(editions.c.send_at))]


def happen(
    connection: Connection,
    edition_id: int,
    event: Event,
    *,
    by: str,
    now: datetime,
    why: str = "",
    fixed: Mapping[str, Any] | None = None,
) -> State:
    """Move an edition by the transition table, with who, when and why.

    ``fixed`` holds further columns that the change fixes.

    Raises:
        TransitionRefused: its state does not allow that.
    """
    row = connection.execute(
        select(editions.c.state).where(editions.c.id == edition_id).with_for_update()
    ).one()
    before = State(row.state)
    after = transition(before, event)
    ended = {"ended_at": now} if after in {State.SENT, State.SKIPPED, State.MISSED} else {}
    connection.execute(
        update(editions)
        .where(editions.c.id == edition_id)
        .values({"state": after, "reason": why, **ended, **(fixed or {})})
    )
    _record(connection, edition_id, before, after, by, why, now)
    return after


def _record(
    connection: Connection,
    edition_id: int,
    before: State | None,
    after: State,
    by: str,
    why: str,
    now: datetime,
) -> None:
    connection.execute(
        insert(edition_events).values(
            edition_id=edition_id, at=now, by=by, from_state=before, to_state=after, why=why
        )
    )


def _edition(row: Any) -> Edition:
    values = {name: getattr(row, name) for name in Edition.__dataclass_fields__}
    return Edition(**{**values, "state": State(row.state)})
