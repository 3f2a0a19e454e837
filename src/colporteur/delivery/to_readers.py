"""Letters that readers ask for on the pages of their choices. All in the caller's transaction.

Each has a purpose that only so many share in a day: whoever presses a button again and again fills
nobody's mailbox, and no store but the ledger counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.links import (
    NEW_ADDRESS_FOR,
    OWN_DATA_FOR,
    PREFERENCES_FOR,
    erase_link,
    export_link,
    new_address_link,
    preferences_link,
    return_link,
)
from colporteur.audience.preferences import Person
from colporteur.audience.states import State
from colporteur.config.keys import Keys
from colporteur.db.tables.delivery import letters
from colporteur.delivery.letters import write_letter
from colporteur.digests.letters import (
    ADDRESS_CHANGED,
    ERASE,
    EXPORT,
    GOODBYE,
    NEW_ADDRESS,
    PREFERENCES,
)

IN_A_DAY = 5
APART = timedelta(minutes=2)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Links:
    """What links in letters are made with."""

    secret_key: Keys
    site: str


def send_preferences(connection: Connection, reader: Person, links: Links, now: datetime) -> bool:
    """Mail a reader the link to their choices; False if they were just now, or never confirmed."""
    if reader.state is State.PENDING:
        return False
    purpose = _next(connection, f"preferences:{reader.id}", now)
    if purpose is None:
        return False
    url = preferences_link(links.secret_key, links.site, reader.id, now)
    content = {"preferences_url": url, "days": PREFERENCES_FOR.days}
    return write_letter(connection, purpose, PREFERENCES, reader.id, reader.language, content, now)


def send_export(connection: Connection, reader: Person, links: Links, now: datetime) -> bool:
    """Mail a reader the link that gives all we hold about them; False if they were just now."""
    url = export_link(links.secret_key, links.site, reader.id, now)
    return _send_own(connection, reader, EXPORT, {"export_url": url}, now)


def send_erase(connection: Connection, reader: Person, links: Links, now: datetime) -> bool:
    """Mail a reader the link that forgets them; False if they were just now."""
    url = erase_link(links.secret_key, links.site, reader.id, now)
    return _send_own(connection, reader, ERASE, {"erase_url": url}, now)


def _send_own(
    connection: Connection, reader: Person, message: str, url: dict[str, str], now: datetime
) -> bool:
    purpose = _next(connection, f"{message}:{reader.id}", now)
    if purpose is None:
        return False
    content = {**url, "hours": OWN_DATA_FOR // _HOUR}
    return write_letter(connection, purpose, message, reader.id, reader.language, content, now)


def ask_at_new_address(
    connection: Connection, reader: Person, new: EmailAddress, links: Links, now: datetime
) -> bool:
    """Mail a button to the address that a reader wants to move to; False if too many were."""
    purpose = _next(connection, f"{NEW_ADDRESS}:{reader.id}", now, apart=timedelta(0))
    if purpose is None:
        return False
    mark = purpose.rpartition(":")[2]
    url = new_address_link(links.secret_key, links.site, reader.id, mark, now)
    content = {"confirm_url": url, "hours": NEW_ADDRESS_FOR // _HOUR}
    return write_letter(connection, purpose, NEW_ADDRESS, new.text, reader.language, content, now)


def asked_address(connection: Connection, reader: Person, mark: str) -> EmailAddress | None:
    """The address that a button was mailed to; None once it is forgotten."""
    found = connection.scalar(
        select(letters.c.address).where(letters.c.purpose == f"{NEW_ADDRESS}:{reader.id}:{mark}")
    )
    return None if found is None else parse_address(found)


def tell_old_address(connection: Connection, before: Person, mark: str, now: datetime) -> bool:
    """Tell the address that a reader had that they moved; it names no other."""
    purpose = f"{ADDRESS_CHANGED}:{before.id}:{mark}"
    address, language = before.address, before.language
    return write_letter(connection, purpose, ADDRESS_CHANGED, address, language, {}, now)


def say_goodbye(
    connection: Connection,
    reader: Person,
    left: Sequence[int],
    titles: Sequence[str],
    links: Links,
    now: datetime,
) -> bool:
    """A farewell with a way back, to who left subscriptions (ids) of channels called so.

    ``titles`` is empty where they left everything. False if too many were written to them today:
    whoever has one of their mails can leave and undo it over and over.
    """
    purpose = _next(connection, f"{GOODBYE}:{reader.id}", now, apart=timedelta(0))
    if purpose is None:
        return False
    undo = return_link(links.secret_key, links.site, left[0], now, everything=len(left) > 1)
    content = {"channels": [*titles], "undo_url": undo}
    return write_letter(connection, purpose, GOODBYE, reader.id, reader.language, content, now)


def _next(
    connection: Connection, purpose: str, now: datetime, *, apart: timedelta = APART
) -> str | None:
    """The next free purpose of the day; None if they are used up, or one was taken just now."""
    named = [f"{purpose}:{now:%Y%m%d}-{number}" for number in range(IN_A_DAY)]
    rows = connection.execute(
        select(letters.c.purpose, letters.c.created_at).where(letters.c.purpose.in_(named))
    ).all()
    if any(row.created_at > now - apart for row in rows):
        return None
    used = {row.purpose for row in rows}
    return next((one for one in named if one not in used), None)
