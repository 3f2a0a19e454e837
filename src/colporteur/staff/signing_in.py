"""Signing in with an address and a password."""

from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.db.tables.staff import users
from colporteur.exceptions import AddressRefused
from colporteur.staff import sessions
from colporteur.staff.passwords import matches
from colporteur.staff.people import address_key, person_of


def enter(
    connection: Connection,
    address: str,
    password: str,
    *,
    agent: str,
    ip: str | None,
    now: datetime,
) -> str | None:
    """Sign somebody in; the session's text, or None: nobody is told which of the two is wrong."""
    try:
        key = address_key(address)
    except AddressRefused:
        key = ""
    row = connection.execute(
        select(users).where(users.c.address_key == key, users.c.disabled_at.is_(None))
    ).first()
    if not matches(row.password_hash if row else None, password) or row is None:
        return None
    return sessions.begin(connection, person_of(row), agent=agent, ip=ip, now=now)
