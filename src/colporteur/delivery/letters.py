"""Letters: service mails to one person, once for each purpose, in the same ledger as editions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.delivery.message import Message
from colporteur.delivery.outcomes import Status
from colporteur.digests.letters import alert_mail, render_letter
from colporteur.digests.rendering import Rendering
from colporteur.editions.freezing.rows import EVERYWHERE
from colporteur.publication import Publication
from colporteur.templating import Templates
from colporteur.tokens import MESSAGE_ID, fingerprint

PRIORITY = 0


@dataclass(frozen=True)
class Letter:
    """A letter as its row says it; ``message`` is its folder in ``templates/email/``."""

    id: int
    purpose: str
    message: str
    address: str
    language: str
    content: dict[str, Any]
    created_at: datetime


def write_letter(
    connection: Connection,
    purpose: str,
    message: str,
    address: str,
    language: str,
    content: dict[str, Any],
    now: datetime,
) -> bool:
    """Have a letter sent to an address that is no subscriber's; False if it was before."""
    if connection.scalar(select(letters.c.id).where(letters.c.purpose == purpose)) is not None:
        return False
    values = {"purpose": purpose, "message": message, "address": address, "language": language}
    letter = connection.execute(
        insert(letters).values(**values, content=content, created_at=now).returning(letters.c.id)
    ).scalar_one()
    batch = connection.execute(
        insert(batches)
        .values(
            batch_no=0,
            priority=PRIORITY,
            domain_group=EVERYWHERE,
            due_at=now,
            status="pending",
            attempts=0,
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
    columns = [letters.c[name] for name in Letter.__dataclass_fields__]
    return Letter(
        *tuple(connection.execute(select(*columns).where(letters.c.id == letter_id)).one())
    )


def render(templates: Templates, letter: Letter, publication: Publication, site: str) -> Rendering:
    """Lay out a letter.

    Raises:
        TemplateBroken: a template does not render.
    """
    mail = alert_mail(templates, letter.language, letter.content, publication, site)
    return render_letter(templates, letter.message, mail, letter.content, publication.timezone)


def letter_message(
    letter: Letter, address: str, rendering: Rendering, publication: Publication, secret_key: str
) -> Message:
    """The message of a letter, which is of no list; sent twice, it has the same Message-ID."""
    sender = publication.sender
    domain = sender.address.rpartition("@")[2]
    mark = fingerprint(secret_key, MESSAGE_ID, f"letter.{letter.purpose}")
    return Message(
        message_id=f"letter-{letter.id}.{mark}@{domain}",
        date=letter.created_at,
        sender_name=sender.name,
        sender=sender.address,
        reply_to=publication.reply_to,
        recipient=address,
        subject=rendering.subject,
        text=rendering.text,
        html=rendering.html,
    )
