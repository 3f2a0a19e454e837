"""Who said yes to what, when, where and in which words. All in the caller's transaction.

One record for each time that somebody asked; confirming completes it, and what is changed later
stands in the history (``audience.history``).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.audience import consents, wordings
from colporteur.exceptions import UnknownName


@dataclass(frozen=True)
class Asked:
    """How somebody asked: ``method`` is form, embed, api, import or staff; ``ip`` if it is known.

    ``wording`` is what they were shown beside the button, or what was stated of them.
    """

    method: str
    wording: str
    form_url: str = ""
    ip: str | None = None
    last_edition: bool = False
    import_id: int | None = None


@dataclass(frozen=True)
class Consent:
    """A record of consent; ``channels`` are ids; instants are aware, None where it did not happen."""

    id: int
    subscriber_id: int
    import_id: int | None
    method: str
    channels: tuple[int, ...]
    wording_hash: str | None
    form_url: str
    ip: str | None
    at: datetime
    last_edition: bool
    asked_at: datetime | None
    reminded_at: datetime | None
    confirmed_at: datetime | None
    confirmed_ip: str | None


def note_consent(
    connection: Connection,
    subscriber_id: int,
    channels: Sequence[int],
    asked: Asked,
    now: datetime,
    *,
    confirmed: bool = False,
) -> int:
    """Keep that somebody asked for channels; ``confirmed``: it needs no button any more. Its id."""
    values = {
        "subscriber_id": subscriber_id,
        "import_id": asked.import_id,
        "method": asked.method,
        "channels": sorted(channels),
        "wording_hash": keep_wording(connection, asked.wording, now),
        "form_url": asked.form_url,
        "ip": asked.ip,
        "at": now,
        "last_edition": asked.last_edition,
        "confirmed_at": now if confirmed else None,
    }
    statement = insert(consents).values(values).returning(consents.c.id)
    return int(connection.execute(statement).scalar_one())


def open_record(
    connection: Connection,
    subscriber_id: int,
    channels: Sequence[int],
    asked: Asked,
    since: datetime,
) -> int | None:
    """The newest record since then that says the very same and was not confirmed, if there is one."""
    rows = connection.execute(
        select(consents.c.id, consents.c.channels)
        .where(
            consents.c.subscriber_id == subscriber_id,
            consents.c.confirmed_at.is_(None),
            consents.c.import_id.is_not_distinct_from(asked.import_id),
            consents.c.method == asked.method,
            consents.c.wording_hash == _hash(asked.wording),
            consents.c.form_url == asked.form_url,
            consents.c.ip.is_not_distinct_from(asked.ip),
            consents.c.last_edition == asked.last_edition,
            consents.c.at >= since,
        )
        .order_by(consents.c.id.desc())
    )
    wanted = sorted(channels)
    return next((row.id for row in rows if row.channels == wanted), None)


def _hash(wording: str) -> str:
    return hashlib.sha256(wording.encode()).hexdigest()


def keep_wording(connection: Connection, text: str, now: datetime) -> str:
    """Keep what somebody said yes to; its hash (SHA-256, hexadecimal)."""
    found = _hash(text)
    if connection.scalar(select(wordings.c.hash).where(wordings.c.hash == found)) is None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        kept = dialect.insert(wordings).values(hash=found, text=text, at=now)
        connection.execute(kept.on_conflict_do_nothing())  # perhaps at this very moment
    return found


def consent(connection: Connection, consent_id: int) -> Consent:
    """One record.

    Raises:
        UnknownName: it was forgotten with its reader.
    """
    found = connection.execute(select(consents).where(consents.c.id == consent_id))
    row = found.mappings().first()
    if row is None:
        raise UnknownName(
            "This was never confirmed, and is forgotten by now.", cure="Subscribe once more."
        )
    return Consent(**{**row, "channels": tuple(row["channels"])})


def confirm_consent(
    connection: Connection, consent_id: int, *, ip: str | None, now: datetime
) -> bool:
    """Note that the button was pressed; False if it had been before."""
    pressed = update(consents).where(consents.c.id == consent_id, consents.c.confirmed_at.is_(None))
    done = connection.execute(pressed.values(confirmed_at=now, confirmed_ip=ip))
    return done.rowcount > 0


def consents_of(connection: Connection, subscriber_id: int) -> list[Consent]:
    """A reader's records, in order."""
    found = select(consents.c.id).where(consents.c.subscriber_id == subscriber_id)
    return [consent(connection, one) for one in connection.scalars(found.order_by(consents.c.id))]
