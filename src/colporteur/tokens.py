"""Tokens in links: signed, bound to one purpose, and nothing more than that and an id.

A token made to unsubscribe cannot open preferences: each purpose salts its own key. The same
purpose and id give the same token, so a message sent twice is the same message.
"""

import hashlib
import hmac

from itsdangerous import BadSignature, URLSafeSerializer

from colporteur.exceptions import TokenInvalid

UNSUBSCRIBE = "unsubscribe"
MESSAGE_ID = "message-id"


def make_token(secret_key: str, purpose: str, value: int) -> str:
    """A URL-safe token that carries ``value`` for ``purpose`` only and never expires."""
    return str(_serializer(secret_key, purpose).dumps(value))


def read_token(secret_key: str, purpose: str, token: str) -> int:
    """The value that a token carries.

    Raises:
        TokenInvalid: forged, cut, or made for another purpose.
    """
    try:
        value = _serializer(secret_key, purpose).loads(token)
    except BadSignature:
        value = None
    if not isinstance(value, int):
        raise TokenInvalid(
            "This link is not complete or not ours.", cure="Copy the whole link from the message."
        )
    return value


def fingerprint(secret_key: str, purpose: str, text: str) -> str:
    """20 hexadecimal digits that only a holder of the key can make from ``text``."""
    key = f"colporteur.{purpose}.{secret_key}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:20]


def _serializer(secret_key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret_key,
        salt=f"colporteur.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
