"""Letters: service mails to one person, once for each purpose, in the same ledger as editions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.audience.addresses import on_the_wire
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.delivery.message import Message
from colporteur.delivery.outcomes import Status
from colporteur.digests.letters import render_letter
from colporteur.digests.rendering import Rendering
from colporteur.publication import Publication
from colporteur.publication.domains import REST
from colporteur.templating import Templates
from colporteur.tokens import MESSAGE_ID, fingerprint

PRIORITY = 0


@dataclass(frozen=True)
class Letter:
    """A letter as its row says it; ``message`` is its folder in ``templates/email/``.

    ``address`` is that of its subscriber now, if it is to one: None once erased.
    """

    id: int
    purpose: str
    message: str
    address: str | None
    language: str
    content: dict[str, Any]
    created_at: datetime


def write_letter(
    connection: Connection,
    purpose: str,
    message: str,
    to: str | int,
    language: str,
    content: dict[str, Any],
    now: datetime,
) -> bool:
    """Have a letter sent to an address, or to a subscriber by their id; False if it was before.

    A subscriber's goes to the address that they have when it leaves.
    """
    whom = {"subscriber_id": to} if isinstance(to, int) else {"address": to}
    values = {"purpose": purpose, "message": message, "language": language, **whom}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(letters).values(**values, content=content, created_at=now)
    letter = connection.scalar(statement.on_conflict_do_nothing().returning(letters.c.id))
    if letter is None:
        return False
    batch = connection.execute(
        insert(batches)
        .values(
            batch_no=0,
            priority=PRIORITY,
            domain_group=REST,
            due_at=now,
            status="pending",
            attempts=0,
            size=1,
        )
        .returning(batches.c.id)
    ).scalar_one()
    connection.execute(
        insert(deliveries).values(
            letter_id=letter,
            batch_id=batch,
            status=Status.PENDING,
            due_at=now,
            attempts=0,
            possible_duplicates=0,
        )
    )
    return True


def read_letter(connection: Connection, letter_id: int) -> Letter:
    """A letter by its id."""
    names = [name for name in Letter.__dataclass_fields__ if name != "address"]
    address = func.coalesce(letters.c.address, subscribers.c.address)
    row = connection.execute(
        select(*(letters.c[name] for name in names), address.label("address"))
        .outerjoin(subscribers, subscribers.c.id == letters.c.subscriber_id)
        .where(letters.c.id == letter_id)
    ).one()
    return Letter(**row._mapping)  # noqa: SLF001 - its public name


def render(templates: Templates, letter: Letter, publication: Publication, site: str) -> Rendering:
    """Lay out a letter.

    Raises:
        TemplateBroken: a template does not render.
    """
    return render_letter(
        templates, letter.message, letter.language, letter.content, publication, site
    )


def letter_message(
    letter: Letter, address: str, rendering: Rendering, publication: Publication, secret_key: str
) -> Message:
    """The message of a letter, which is of no list; sent twice, it has the same Message-ID."""
    sender = publication.sender_in(letter.language)
    own_address, reply_to = on_the_wire(sender.address), publication.reply_to
    domain = own_address.rpartition("@")[2]
    mark = fingerprint(secret_key, MESSAGE_ID, f"letter.{letter.purpose}")
    return Message(
        message_id=f"letter-{letter.id}.{mark}@{domain}",
        date=letter.created_at,
        sender_name=sender.name,
        sender=own_address,
        reply_to=on_the_wire(reply_to) if reply_to else None,
        recipient=address,
        subject=rendering.subject,
        text=rendering.text,
        html=rendering.html,
    )
