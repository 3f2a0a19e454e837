"""Signing up on a web of the tests' own, as a browser does it."""

import re
from datetime import timedelta
from typing import Any

import httpx
from asking import Ask
from house import House
from sqlalchemy import select

from colporteur.clock import utcnow
from colporteur.db import reading
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import letters
from colporteur.web.signing_up.form_age import mark

KEY = "k" * 32


def marked(seconds: float = 10) -> str:
    """The mark of a form that has been open for so long."""
    return mark(KEY, utcnow() - timedelta(seconds=seconds))


def sign(ask: Ask, address: str = "lea@example.org", **fields: Any) -> httpx.Response:
    """Send the form."""
    headers = fields.pop("headers", {})
    values = {"mark": marked(), "language": "fr", "channel": "actualites", "address": address}
    return ask("POST", "/subscribe", data=values | fields, headers=headers)


def written(house: House) -> list[tuple[str, dict[str, Any]]]:
    """The letters there are: which, and what they say."""
    with reading(house.engine) as connection:
        rows = connection.execute(select(letters).order_by(letters.c.id)).all()
    return [(row.message, row.content) for row in rows]


def confirm_path(house: House, number: int = -1) -> str:
    """The path of the link in the last letter that asks to confirm, or in another."""
    links = [said["confirm_url"] for message, said in written(house) if message == "confirm"]
    return re.sub(r"^https?://[^/]+", "", links[number])


def states(house: House) -> list[str]:
    """What the reader is, then their subscriptions."""
    with reading(house.engine) as connection:
        readers = connection.scalars(select(subscribers.c.state).order_by(subscribers.c.id)).all()
        held = connection.scalars(select(subscriptions.c.state).order_by(subscriptions.c.id)).all()
    return [*readers, *held]
