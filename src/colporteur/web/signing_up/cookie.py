"""The cookie of the browser that signed up: it lets that browser, and no other, confirm by itself.

It holds a fingerprint of the address, and says nothing of whether we know it.
"""

from datetime import datetime

from fastapi import Request
from fastapi.responses import Response

from colporteur.audience.addresses import EmailAddress
from colporteur.audience.links import CONFIRM_FOR
from colporteur.config.keys import Keys
from colporteur.exceptions import TokenInvalid
from colporteur.tokens import SIGNED_UP, fingerprint, is_fingerprint, make_passing, read_passing

NAME = "signed_up"
_PATH = "/confirm"


def remember(
    response: Response, secret_key: Keys, address: EmailAddress, now: datetime, *, secure: bool
) -> None:
    """Have the browser remember that it signed up this address."""
    until = now + CONFIRM_FOR
    text = fingerprint(secret_key, SIGNED_UP, address.hash)
    response.set_cookie(
        NAME,
        make_passing(secret_key, SIGNED_UP, 0, until, text),
        max_age=int(CONFIRM_FOR.total_seconds()),
        path=_PATH,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def signed_up(request: Request, secret_key: Keys, address_hash: str, now: datetime) -> bool:
    """Whether this browser signed up the address of that hash."""
    try:
        _, text = read_passing(secret_key, SIGNED_UP, request.cookies.get(NAME, ""), now)
    except TokenInvalid:
        return False
    return is_fingerprint(secret_key, SIGNED_UP, address_hash, text)
