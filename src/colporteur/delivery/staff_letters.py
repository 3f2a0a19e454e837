"""Letters to people of the newsroom: an invitation, a new password.

What such a letter's link opens with lies sealed in its row, and is only read when it leaves: the
database alone opens nobody's newsroom.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from colporteur.config.keys import Keys
from colporteur.db.tables.delivery import letters
from colporteur.delivery.letters import Letter, write_letter
from colporteur.digests.letters import INVITATION, RESET
from colporteur.sealing import seal, unseal
from colporteur.staff import links
from colporteur.staff.links import LASTS, Purpose
from colporteur.staff.people import Person

_SEALED_FOR = "staff-link"
_OF_STAFF = (INVITATION, RESET)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def send_invitation(
    connection: Connection, secret_key: Keys, person: Person, by: str, now: datetime
) -> bool:
    """Mail somebody the link to choose their first password; ``by`` is who invites them."""
    content = {"by": by, "days": LASTS[Purpose.INVITED] // _DAY}
    return _send(connection, secret_key, INVITATION, Purpose.INVITED, person, content, now)


def send_reset(connection: Connection, secret_key: Keys, person: Person, now: datetime) -> bool:
    """Mail somebody the link to choose a new password."""
    content = {"hours": LASTS[Purpose.RESET] // _HOUR}
    return _send(connection, secret_key, RESET, Purpose.RESET, person, content, now)


def with_staff_link(letter: Letter, secret_key: Keys, site: str) -> Letter:
    """A letter as it leaves now, with the address that its button opens."""
    if letter.message not in _OF_STAFF:
        return letter
    said = {name: value for name, value in letter.content.items() if name != "sealed"}
    token = unseal(secret_key, _SEALED_FOR, str(letter.content.get("sealed", "")))
    # Sealed with another secret key: who asks there is mailed one of today's.
    path = links.path_of(token) if token else "/newsroom/forgotten"
    return replace(letter, content={**said, "link_url": f"{site}{path}"})


def is_to_staff(connection: Connection, letter_id: int) -> bool:
    """Whether a letter has a link that signs somebody of the newsroom in."""
    mine = (letters.c.id == letter_id) & letters.c.message.in_(_OF_STAFF)
    return connection.scalar(select(letters.c.id).where(mine)) is not None


def _send(
    connection: Connection,
    secret_key: Keys,
    message: str,
    purpose: Purpose,
    person: Person,
    content: Mapping[str, object],
    now: datetime,
) -> bool:
    sealed = seal(secret_key, _SEALED_FOR, links.make(connection, purpose, person.id, now))
    return write_letter(
        connection,
        f"{message}:{person.id}:{now.isoformat()}",
        message,
        person.address,
        person.language or "",
        {**content, "sealed": sealed},
        now,
    )
