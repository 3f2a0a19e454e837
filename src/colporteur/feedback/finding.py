"""Whose a bounce or a complaint is: the delivery that it is about, proven by what only we can make.

An envelope sender's tag proves it alone. Else a Message-ID of ours does, whose mark is made of the
edition and the subscription, or of a letter's purpose; else the relay's own name of the message,
as it told us, among the deliveries of a reader that the report names. Nothing else is believed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.sql.functions import coalesce

from colporteur.audience.addresses import parse_address
from colporteur.config.keys import Keys
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.db.tables.editions import editions
from colporteur.exceptions import AddressRefused, TokenInvalid
from colporteur.feedback.clues import Clues, usable
from colporteur.feedback.dropping import Drop
from colporteur.tokens import (
    BOUNCE,
    LEAVE_BY_MAIL,
    MESSAGE_ID,
    UNSUBSCRIBE,
    is_fingerprint,
    read_tag,
    read_token,
)

_LETTER = "letter-"
_MOST_ID = 2**63


@dataclass(frozen=True)
class Found:
    """The delivery that something is about; ``left_at`` is when it left, or failed to."""

    delivery_id: int
    subscriber_id: int
    edition_id: int | None
    domain_group: str | None
    left_at: datetime | None


def find(connection: Connection, secret_key: Keys, clues: Clues) -> Found | Drop:
    """The delivery that the clues prove; else why there is none: forged, or nobody's we know."""
    clues = usable(clues)
    by_tag, forged_tag = _by_tags(connection, secret_key, clues.tags)
    if by_tag is not None:
        return by_tag
    chosen = _candidates(connection, secret_key, clues)
    forged = forged_tag
    for message_id in clues.message_ids:
        step = _by_message_id(connection, secret_key, message_id, chosen)
        if isinstance(step, Found):
            return step
        forged = forged or step
    if clues.relay_id and (found := _by_relay_id(connection, clues.relay_id, chosen)):
        return found
    return Drop.FORGED if forged else Drop.UNKNOWN


def _by_tags(
    connection: Connection, secret_key: Keys, tags: Sequence[str]
) -> tuple[Found | None, bool]:
    """The delivery of the first tag that has one, and whether one before it is forged."""
    forged = False
    for tag in tags:
        number = _number(BOUNCE, tag, secret_key)
        if number is None:
            forged = True
        elif found := _delivery(connection, deliveries.c.id == number):
            return found, forged
    return None, forged


def _by_message_id(
    connection: Connection, secret_key: Keys, message_id: str, chosen: list[int]
) -> Found | bool:
    """The delivery of a Message-ID of ours, or whether its mark is forged."""
    local = message_id.strip().strip("<>").rpartition("@")[0]
    name, _, mark = local.rpartition(".")
    if name.startswith(_LETTER):
        return _of_letter(connection, secret_key, name.removeprefix(_LETTER), mark)
    return bool(name) and _of_edition(connection, secret_key, name, mark, chosen)


def _of_letter(connection: Connection, secret_key: Keys, number: str, mark: str) -> Found | bool:
    """The delivery of a letter, or whether its mark is forged."""
    if not (number.isascii() and number.isdigit() and int(number) < _MOST_ID):
        return False
    purpose = connection.scalar(select(letters.c.purpose).where(letters.c.id == int(number)))
    if purpose is None:
        return False
    if not _made(secret_key, f"letter.{purpose}", mark):
        return True
    return _delivery(connection, deliveries.c.letter_id == int(number)) or False


def _of_edition(
    connection: Connection, secret_key: Keys, public_id: str, mark: str, chosen: list[int]
) -> Found | bool:
    """The delivery of an edition to one of the subscriptions, or whether its mark is forged."""
    edition = select(editions.c.id).where(editions.c.public_id == public_id[:40])
    edition_id = connection.scalar(edition)
    if edition_id is None or not chosen:
        return False
    for one in chosen:
        if _made(secret_key, f"{public_id}.{one}", mark):
            same = (deliveries.c.subscription_id == one, deliveries.c.edition_id == edition_id)
            return _delivery(connection, *same) or False
    return True


def _made(secret_key: Keys, text: str, mark: str) -> bool:
    return is_fingerprint(secret_key, MESSAGE_ID, text, mark.lower())


def _by_relay_id(connection: Connection, relay_id: str, chosen: list[int]) -> Found | None:
    """A delivery of the readers' by the relay's own name of it: an edition's, else a letter's."""
    if not chosen:
        return None
    named = deliveries.c.relay_id == relay_id
    if found := _delivery(connection, deliveries.c.subscription_id.in_(chosen), named):
        return found
    readers = select(subscriptions.c.subscriber_id).where(subscriptions.c.id.in_(chosen))
    written = connection.scalars(select(letters.c.id).where(letters.c.subscriber_id.in_(readers)))
    return _delivery(connection, deliveries.c.letter_id.in_(written.all()), named)


def _candidates(connection: Connection, secret_key: Keys, clues: Clues) -> list[int]:
    """The subscriptions of the readers that the clues name.

    Asked for one by the other: no index serves an "or" over two tables.
    """
    keys = {*_keys(clues)}
    reader = select(subscribers.c.id).where(subscribers.c.address_key.in_(keys))
    theirs = select(subscriptions.c.id).where(subscriptions.c.subscriber_id.in_(reader))
    found = {*connection.scalars(theirs)} if keys else set[int]()
    return sorted({*found, *_named(secret_key, clues)})


def _keys(clues: Clues) -> Iterator[str]:
    for address in clues.addresses:
        try:
            yield parse_address(address).key
        except AddressRefused:
            continue


def _named(secret_key: Keys, clues: Clues) -> Iterator[int]:
    for tag in clues.leaving:
        number = _number(LEAVE_BY_MAIL, tag, secret_key)
        if number is not None:
            yield number
    for token in clues.links:
        try:
            yield read_token(secret_key, UNSUBSCRIBE, token)
        except TokenInvalid:
            continue


def _number(purpose: str, tag: str, secret_key: Keys) -> int | None:
    try:
        number = read_tag(secret_key, purpose, tag)
    except TokenInvalid:
        return None
    return number if number < _MOST_ID else None


def _delivery(connection: Connection, *wanted: ColumnElement[bool]) -> Found | None:
    """A reader's delivery, the last if several; None where it was to nobody who reads us."""
    reader: ColumnElement[Any] = coalesce(deliveries.c.subscriber_id, letters.c.subscriber_id)
    rows = connection.execute(
        select(
            deliveries.c.id,
            reader.label("reader"),
            deliveries.c.edition_id,
            batches.c.domain_group,
            deliveries.c.ended_at,
        )
        .outerjoin(letters, letters.c.id == deliveries.c.letter_id)
        .outerjoin(batches, batches.c.id == deliveries.c.batch_id)
        .where(*wanted)
    ).all()
    found = [Found(*row) for row in rows if row.reader is not None]
    return max(found, key=lambda one: one.delivery_id, default=None)
