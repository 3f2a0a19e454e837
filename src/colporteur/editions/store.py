"""Reads editions and records what happens to them."""

import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db import afterwards
from colporteur.db.numbering import last_number
from colporteur.db.tables.editions import edition_events, editions, variants
from colporteur.editions.announcing import announce
from colporteur.editions.arrangement import Arrangement, read_arrangement
from colporteur.editions.states import ENDED, Event, State, transition
from colporteur.exceptions import UnknownName

REGULAR = "regular"
SPECIAL = "special"
CORRECTION = "correction"
_log = logging.getLogger(__name__)
UNCHECKED: Mapping[str, Any] = {"check_rung_at": None, "checked_at": None, "findings": []}
"""What is known of the preflight of an edition that was just frozen, or arranged."""


@dataclass(frozen=True)
class Edition:
    """What a channel sends for one slot, or a special edition (no cadence, no slot)."""

    id: int
    public_id: str
    channel_id: int
    kind: str
    key: str | None
    cadence: str | None
    slot: datetime | None
    send_at: datetime | None
    forced: bool
    state: State
    reason: str
    arrangement: Arrangement
    arranged_by: tuple[str, ...]
    audience: Mapping[str, Any] | None
    revision: int | None
    number_to: int | None
    approved_at: datetime | None
    approved_to: int | None
    hold_until: datetime | None
    frozen_at: datetime | None
    resumed_at: datetime | None
    ended_at: datetime | None
    checked_at: datetime | None
    findings: tuple[Mapping[str, Any], ...]
    first_left_at: datetime | None

    @property
    def regular(self) -> bool:
        """Whether the calendar made it."""
        return self.kind == REGULAR


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
    values = {"cadence": cadence, "slot": slot, "send_at": slot, "forced": forced}
    return insert_edition(connection, {"channel_id": channel_id, **values}, by=by, now=now)


def insert_edition(
    connection: Connection, values: Mapping[str, Any], *, by: str, now: datetime
) -> Edition | None:
    """A new edition of these columns; None when its key or slot is taken."""
    usual = {
        "public_id": secrets.token_urlsafe(15),
        "kind": REGULAR,
        "forced": False,
        "state": State.OPEN,
        "reason": "",
        "arrangement": {},
        "arranged_by": [],
        "opened_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(editions).values(usual | dict(values)).on_conflict_do_nothing()
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
        raise UnknownName(
            f"There is no edition {edition_id}.", cure="`colporteur editions calendar` lists them."
        )
    return _edition(row)


def load_in_turn(connection: Connection, edition_id: int) -> Edition:
    """One edition that nobody else changes until commit; before its freeze, nobody freezes it.

    Freezes take the lock on article numbers first and the edition's row last, and so does this.

    Raises:
        UnknownName: there is none.
    """
    if load(connection, edition_id).frozen_at is None:
        last_number(connection)
    connection.execute(
        select(editions.c.id).where(editions.c.id == edition_id).with_for_update()
    ).one()
    return load(connection, edition_id)


def of_slot(
    connection: Connection, channel_id: int, cadence: str, slot: datetime
) -> Edition | None:
    """The edition of a slot, if it was opened."""
    key = (
        editions.c.channel_id == channel_id,
        editions.c.cadence == cadence,
        editions.c.slot == slot,
    )
    row = connection.execute(select(editions).where(*key)).first()
    return _edition(row) if row else None


def of_key(connection: Connection, key: str) -> Edition | None:
    """The special edition that was asked for under this key."""
    row = connection.execute(select(editions).where(editions.c.key == key)).first()
    return _edition(row) if row else None


def of_ids(connection: Connection, edition_ids: Collection[int]) -> dict[int, Edition]:
    """Editions by their ids."""
    rows = connection.execute(select(editions).where(editions.c.id.in_(edition_ids)))
    return {row.id: _edition(row) for row in rows}


def in_state(connection: Connection, *states: State) -> list[Edition]:
    """The editions in these states, the earliest to send first."""
    query = select(editions).where(editions.c.state.in_(states))
    ordered = query.order_by(editions.c.send_at, editions.c.id)
    return [_edition(row) for row in connection.execute(ordered)]


def between(connection: Connection, since: datetime, until: datetime) -> list[Edition]:
    """The editions whose mail leaves in this time, in order."""
    query = select(editions).where(editions.c.send_at >= since, editions.c.send_at <= until)
    ordered = query.order_by(editions.c.send_at, editions.c.id)
    return [_edition(row) for row in connection.execute(ordered)]


def listing(
    connection: Connection,
    *,
    limit: int,
    before: int | None = None,
    states: Sequence[State] = (),
    kinds: Sequence[str] = (),
    channel_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Edition]:
    """Editions, the newest first; ``before`` leaves out those from an id on.

    ``since`` and ``until`` are about when their mail leaves, for a draft when it was made.
    """
    leaves = func.coalesce(editions.c.send_at, editions.c.opened_at, type_=editions.c.send_at.type)
    wanted = {
        "before": editions.c.id < before if before is not None else None,
        "states": editions.c.state.in_(states) if states else None,
        "kinds": editions.c.kind.in_(kinds) if kinds else None,
        "channel": editions.c.channel_id == channel_id if channel_id is not None else None,
        "since": leaves >= since if since else None,
        "until": leaves <= until if until else None,
    }
    query = select(editions).where(*(one for one in wanted.values() if one is not None))
    rows = connection.execute(query.order_by(editions.c.id.desc()).limit(limit))
    return [_edition(row) for row in rows]


def readers(connection: Connection, edition_ids: Collection[int]) -> dict[int, int]:
    """To how many each of some editions was frozen."""
    counted = func.sum(variants.c.readers)
    query = select(variants.c.edition_id, counted.label("readers")).where(
        variants.c.edition_id.in_(edition_ids)
    )
    rows = connection.execute(query.group_by(variants.c.edition_id))
    return {row.edition_id: int(row.readers) for row in rows}


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
    ended = {"ended_at": now} if after in ENDED else {}
    connection.execute(
        update(editions)
        .where(editions.c.id == edition_id)
        .values({"state": after, "reason": why[:200], **ended, **(fixed or {})})
    )
    _record(connection, edition_id, before, after, by, why, now)
    froze = (fixed or {}).get("frozen_at") is not None
    announce(connection, edition_id, after, why, now, froze=froze)
    said = {"edition": edition_id, "before": before.value, "after": after.value, "by": by}
    afterwards(
        connection, lambda: _log.info("Edition %s: %s", edition_id, _told(event, why), extra=said)
    )
    return after


def _told(event: Event, why: str) -> str:
    return f"{event.value} ({why})" if why else event.value


def change(
    connection: Connection,
    edition: Edition,
    values: Mapping[str, Any],
    *,
    by: str,
    why: str,
    now: datetime,
) -> Edition:
    """Change columns of an edition that stays in its state, and keep who did it."""
    connection.execute(update(editions).where(editions.c.id == edition.id).values(dict(values)))
    _record(connection, edition.id, edition.state, edition.state, by, why, now)
    return load(connection, edition.id)


def render_anew(connection: Connection, edition_id: int) -> None:
    """Forget how an edition's mail was rendered, which nobody has got.

    Whoever calls has locked the edition's row: renderers hold it while they store what they made.
    """
    kept = update(variants).where(variants.c.edition_id == edition_id)
    connection.execute(kept.values(rendered_at=None))


def version(connection: Connection, edition_id: int) -> int:
    """A number that is another one after each change of an edition."""
    mine = edition_events.c.edition_id == edition_id
    return connection.scalar(select(func.max(edition_events.c.id)).where(mine)) or 0


def history(connection: Connection, edition_id: int) -> list[Any]:
    """Every change of an edition (id, at, by, from_state, to_state, why), the first one first."""
    query = select(edition_events).where(edition_events.c.edition_id == edition_id)
    return list(connection.execute(query.order_by(edition_events.c.id)))


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
            edition_id=edition_id, at=now, by=by, from_state=before, to_state=after, why=why[:500]
        )
    )


def _edition(row: Any) -> Edition:
    values = {name: getattr(row, name) for name in Edition.__dataclass_fields__}
    values |= {
        "state": State(row.state),
        "arrangement": read_arrangement(row.arrangement),
        "arranged_by": tuple(row.arranged_by),
        "findings": tuple(row.findings),
    }
    return Edition(**values)
