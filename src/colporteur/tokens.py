"""Tokens in links: signed, bound to one purpose, and nothing more than that and an id.

Those of counted links hold an address beside it.

A token made to unsubscribe cannot open preferences: each purpose salts its own key. The same
purpose and id give the same token, so a message sent twice is the same message.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable

from itsdangerous import BadSignature, URLSafeSerializer

from colporteur.exceptions import TokenInvalid

UNSUBSCRIBE = "unsubscribe"
MESSAGE_ID = "message-id"
CLICK = "click"
PATTERN = "pattern"
"""Of a token that stands for readers' own where their messages are compiled."""
_COMPRESSED_FROM = 10**10  # shorter numbers itsdangerous never compresses


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


def token_maker(secret_key: str, purpose: str) -> Callable[[int], str]:
    """What makes ``make_token``'s tokens of ids, many: the key of the purpose is derived once."""
    key = _serializer(secret_key, purpose).make_signer(f"colporteur.{purpose}").derive_key()

    def make(value: int) -> str:
        if not 0 <= value < _COMPRESSED_FROM:
            return make_token(secret_key, purpose, value)
        payload = base64.urlsafe_b64encode(b"%d" % value).rstrip(b"=")
        signature = base64.urlsafe_b64encode(hmac.digest(key, payload, "sha256")).rstrip(b"=")
        return (payload + b"." + signature).decode()

    return make


def fingerprint(secret_key: str, purpose: str, text: str) -> str:
    """20 hexadecimal digits that only a holder of the key can make from ``text``."""
    key = f"colporteur.{purpose}.{secret_key}".encode()
    return hmac.digest(key, text.encode(), "sha256").hex()[:20]


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
