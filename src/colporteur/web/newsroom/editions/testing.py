"""Who gets a test of an edition: people of the newsroom, as somebody names them."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection

from colporteur.exceptions import AddressRefused
from colporteur.staff.people import address_key, listing

AT_MOST = 10
_APART = re.compile(r"[\s,;]+")


def read_addresses(connection: Connection, text: str) -> tuple[Sequence[str], str]:
    """The addresses that somebody typed, and what is wrong, as a message of the catalogues."""
    typed = [one for one in _APART.split(text) if one]
    if not typed:
        return (), "Name at least one address."
    if len(typed) > AT_MOST:
        return (), "A test goes to 10 people at most."
    staff = {
        address_key(one.address): one.address
        for one in listing(connection)
        if one.disabled_at is None
    }
    found = dict.fromkeys(staff.get(_key(one)) for one in typed)
    if None in found:
        return (), "A test goes to people of this newsroom alone."
    return [one for one in found if one is not None], ""


def _key(text: str) -> str:
    try:
        return address_key(text)
    except AddressRefused:
        return ""
