"""Editions whose mail leaves through a real relay or outbox, whole, in a test's own time."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

from dispatching import send_batch
from house import NOW, SITE, TEMPLATES, House
from sqlalchemy import select, update

from colporteur.config import Settings
from colporteur.db import reading, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions, variants
from colporteur.editions import scheduling


def frozen(house: House, channel: str = "actualites") -> int:
    """An edition of all there is, with its readers, that has not left; its id."""
    with house.open() as (connection, revision, names):
        found = revision.publication.channel(channel)
        made, _ = scheduling.send_now(
            connection, revision, names, found, "matin", by="test", now=NOW
        )
        scheduling.advance(connection, revision, names, NOW)
    return made.id


def posted(house: House, edition_id: int, folder: Path) -> int:
    """Send what is due of an edition into an outbox; how many messages."""
    settings = Settings(mail_url=f"maildir:{folder}/outbox", secret_key="k" * 32, base_url=SITE)
    with writing(house.engine) as connection:
        mine = batches.c.edition_id == edition_id
        connection.execute(update(batches).where(mine).values(due_at=NOW))
        owed = update(deliveries).where(deliveries.c.edition_id == edition_id)
        connection.execute(owed.values(due_at=NOW))
        ids = connection.scalars(select(batches.c.id).where(mine)).all()
    return sum(send_batch(house.engine, settings, TEMPLATES, one) for one in ids)


def page_of(house: House, edition_id: int) -> str:
    """The path of an edition's page."""
    with reading(house.engine) as connection:
        query = select(editions.c.public_id).where(editions.c.id == edition_id)
        return f"/editions/{connection.scalar(query)}"


def keys_of(house: House, edition_id: int) -> dict[tuple[int, ...], str]:
    """What the addresses of an edition's variants end with, by their articles."""
    with reading(house.engine) as connection:
        query = select(variants.c.articles, variants.c.key)
        rows = connection.execute(query.where(variants.c.edition_id == edition_id))
        return {tuple(row.articles): row.key[:16] for row in rows}


def mails_in(folder: Path) -> list[EmailMessage]:
    """The mails in the outbox of a folder."""
    files = [one for one in (folder / "outbox").rglob("*") if one.is_file()]
    return [
        email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in files
    ]
