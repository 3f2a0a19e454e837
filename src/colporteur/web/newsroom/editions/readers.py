"""Finds the reader that somebody names by an address or a number."""

from sqlalchemy import Connection, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.readers import Reader, reader_of
from colporteur.db.tables.audience import subscribers
from colporteur.exceptions import AddressRefused, UnknownName

_DIGITS_AT_MOST = 18


def reader_named(connection: Connection, name: str) -> Reader | None:
    """The reader of an address, or of a number; None where nobody is."""
    address: str | None = name
    if name.isascii() and name.isdecimal():
        if len(name) > _DIGITS_AT_MOST:
            return None
        wanted = select(subscribers.c.address).where(subscribers.c.id == int(name))
        address = connection.scalar(wanted)
    if not address:
        return None
    try:
        return reader_of(connection, parse_address(address))
    except (AddressRefused, UnknownName):
        return None
