"""Tokens in links: signed, bound to one purpose, and nothing more than that and an id.

Those of counted links hold an address beside it.

A token made to unsubscribe cannot open preferences: each purpose salts its own key. The same
purpose and id give the same token, so a message sent twice is the same message.
"""

import hashlib
import hmac

from itsdangerous import BadSignature, URLSafeSerializer

from colporteur.exceptions import TokenInvalid

UNSUBSCRIBE = "unsubscribe"
MESSAGE_ID = "message-id"
CLICK = "click"


def make_token(secret_key: str, purpose: str, value: int | tuple[int, str]) -> str:
    """A URL-safe token that carries ``value`` for ``purpose`` only and never expires."""
    return str(_serializer(secret_key, purpose).dumps(value))


def read_token(secret_key: str, purpose: str, token: str) -> int:
    """The value that a token carries.

    Raises:
        TokenInvalid: forged, cut, or made for another purpose.
    """
    match _value(secret_key, purpose, token):
        case int(value):
            return value
    raise _not_ours()


def read_pair(secret_key: str, purpose: str, token: str) -> tuple[int, str]:
    """The id and the text that a token carries.

    Raises:
        TokenInvalid: as ``read_token``.
    """
    match _value(secret_key, purpose, token):
        case [int(number), str(text)]:
            return number, text
    raise _not_ours()


def fingerprint(secret_key: str, purpose: str, text: str) -> str:
    """20 hexadecimal digits that only a holder of the key can make from ``text``."""
    key = f"colporteur.{purpose}.{secret_key}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:20]


def _value(secret_key: str, purpose: str, token: str) -> object:
    """What a token carries; None if it is not ours."""
    try:
        return _serializer(secret_key, purpose).loads(token)
    except BadSignature:
        return None


def _not_ours() -> TokenInvalid:
    return TokenInvalid(
        "This link is not complete or not ours.", cure="Copy the whole link from the message."
    )


def _serializer(secret_key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret_key,
        salt=f"colporteur.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
