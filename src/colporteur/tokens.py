"""Tokens in links: signed, bound to one purpose, and nothing more than that and an id.

Those of counted links hold an address beside it.

A token made to unsubscribe cannot open preferences: each purpose salts its own key. The same
purpose and id give the same token, so a message sent twice is the same message.

Where several keys are given, the first makes what is made, and all are believed: so links that
were mailed before the key was changed go on.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from colporteur.config.keys import Keys, believed, signing
from colporteur.exceptions import TokenExpired, TokenInvalid

UNSUBSCRIBE = "unsubscribe"
MESSAGE_ID = "message-id"
CLICK = "click"
CONFIRM = "confirm"
"""Of a consent; ``SIGNED_UP`` is the cookie of the browser that asked for it."""
SIGNED_UP = "signed-up"
SIGNUP_FORM = "signup-form"
PREFERENCES = "preferences"
PRIVATE_FEED = "private-feed"
NEW_ADDRESS = "new-address"
EXPORT = "export"
ERASE = "erase"
RETURN = "return"
"""Takes leaving back."""
BOUNCE = "bounce"
"""Of a delivery, in the envelope's sender."""
LEAVE_BY_MAIL = "leave"
PATTERN = "pattern"
"""Of a token that stands for readers' own where their messages are compiled."""
_TAG_MARK = 10
"""Octets of a tag's signature: 80 bits."""
_COMPRESSED_FROM = 10**10  # shorter numbers itsdangerous never compresses


def make_token(secret_key: Keys, purpose: str, value: int | tuple[int, str]) -> str:
    """A URL-safe token that carries ``value`` for ``purpose`` only and never expires."""
    return str(_serializer(secret_key, purpose).dumps(value))


def read_token(secret_key: Keys, purpose: str, token: str) -> int:
    """The value that a token carries.

    Raises:
        TokenInvalid: forged, cut, or made for another purpose.
    """
    match _value(secret_key, purpose, token):
        case int(value):
            return value
    raise _not_ours()


def read_pair(secret_key: Keys, purpose: str, token: str) -> tuple[int, str]:
    """The id and the text that a token carries.

    Raises:
        TokenInvalid: as ``read_token``.
    """
    match _value(secret_key, purpose, token):
        case [int(number), str(text)]:
            return number, text
    raise _not_ours()


def make_passing(
    secret_key: Keys, purpose: str, value: int, until: datetime, text: str = ""
) -> str:
    """A URL-safe token for ``purpose`` that works until a moment, kept to the second."""
    said = (value, int(until.timestamp()), *([text] if text else []))
    return str(_serializer(secret_key, purpose).dumps(said))


def read_passing(secret_key: Keys, purpose: str, token: str, now: datetime) -> tuple[int, str]:
    """The id and the text that a token carries which works for a while.

    Raises:
        TokenInvalid: as ``read_token``.
        TokenExpired: its time is over; the error has what it carried.
    """
    match _value(secret_key, purpose, token):
        case [int(number), int(until), *more]:
            text = str(more[0]) if more else ""
            if now.timestamp() > until:
                raise TokenExpired(
                    "This link has expired.", cure="Ask for a new one.", value=(number, text)
                )
            return number, text
    raise _not_ours()


def works_until(secret_key: Keys, purpose: str, token: str) -> datetime:
    """When a token stops to work that works for a while, to the second.

    Raises:
        TokenInvalid: as ``read_token``.
    """
    match _value(secret_key, purpose, token):
        case [int(), int(until), *_]:
            return datetime.fromtimestamp(until, UTC)
    raise _not_ours()


def make_tag(secret_key: Keys, purpose: str, number: int) -> str:
    """A token for the local part of an address: 24 of a-z and 2-7 for numbers below 2 ** 40."""
    body = number.to_bytes(max(5, (number.bit_length() + 7) // 8), "big")
    whole = body + _tag_mark(signing(secret_key), purpose, body)
    return base64.b32encode(whole).decode().rstrip("=").lower()


def read_tag(secret_key: Keys, purpose: str, tag: str) -> int:
    """The number that such a token carries, in whichever case it came back.

    Raises:
        TokenInvalid: as ``read_token``.
    """
    try:
        whole = base64.b32decode(tag.upper() + "=" * (-len(tag) % 8))
    except ValueError:
        raise _not_ours() from None
    body, mark = whole[:-_TAG_MARK], whole[-_TAG_MARK:]
    made = (_tag_mark(one, purpose, body) for one in believed(secret_key))
    if not any(hmac.compare_digest(mark, one) for one in made):
        raise _not_ours()
    return int.from_bytes(body, "big")


def _tag_mark(secret_key: str, purpose: str, body: bytes) -> bytes:
    key = f"colporteur.{purpose}.{secret_key}".encode()
    return hmac.digest(key, body, "sha256")[:_TAG_MARK]


def token_maker(secret_key: Keys, purpose: str) -> Callable[[int], str]:
    """What makes ``make_token``'s tokens of ids, many: the key of the purpose is derived once."""
    sign = _signing(secret_key, purpose)

    def make(value: int) -> str:
        if not 0 <= value < _COMPRESSED_FROM:
            return make_token(secret_key, purpose, value)
        return sign(b"%d" % value)

    return make


def passing_maker(secret_key: Keys, purpose: str, until: datetime) -> Callable[[int], str]:
    """What makes tokens that work until one moment, many: of an id, at most 75 characters long."""
    sign, end = _signing(secret_key, purpose), int(until.timestamp())
    return lambda value: sign(b"[%d,%d]" % (value, end))


def _signing(secret_key: Keys, purpose: str) -> Callable[[bytes], str]:
    key = _serializer(secret_key, purpose).make_signer(f"colporteur.{purpose}").derive_key()

    def sign(said: bytes) -> str:
        payload = base64.urlsafe_b64encode(said).rstrip(b"=")
        signature = base64.urlsafe_b64encode(hmac.digest(key, payload, "sha256")).rstrip(b"=")
        return (payload + b"." + signature).decode()

    return sign


def fingerprint(secret_key: Keys, purpose: str, text: str) -> str:
    """20 hexadecimal digits that only a holder of the key can make from ``text``."""
    key = f"colporteur.{purpose}.{signing(secret_key)}".encode()
    return hmac.digest(key, text.encode(), "sha256").hex()[:20]


def is_fingerprint(secret_key: Keys, purpose: str, text: str, said: str) -> bool:
    """Whether ``said`` is the fingerprint of a text by the key, or by one of before."""
    made = [fingerprint(one, purpose, text) for one in believed(secret_key)]
    return any(hmac.compare_digest(one.encode(), said.encode()) for one in made)


def _value(secret_key: Keys, purpose: str, token: str) -> object:
    """What a token carries; None if it is not ours."""
    try:
        return _serializer(secret_key, purpose).loads(token)
    except BadSignature:
        return None


def _not_ours() -> TokenInvalid:
    return TokenInvalid(
        "This link is not complete or not ours.", cure="Copy the whole link from the message."
    )


def _serializer(secret_key: Keys, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        [*reversed(believed(secret_key))],  # the last signs
        salt=f"colporteur.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
