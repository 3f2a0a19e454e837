"""What programs change is noted under their token's holder, in the transaction of the change."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from colporteur.staff import audit, people
from colporteur.staff.people import Person
from colporteur.staff.tokens import Token


def note(
    connection: Connection, token: Token, action: str, subject: str, now: datetime, **detail: Any
) -> Person:
    """Note that a program did something, such as ``article.changed`` to ``article:4711``; for whom."""
    person = people.by_id(connection, token.user_id)
    said = {name: value for name, value in detail.items() if value not in (None, "")}
    audit.note(connection, person, action, subject, {"token": token.hint, **said}, now)
    return person
