"""Signs messages: rsa-sha256, relaxed/relaxed (RFC 6376). Bodies must be canonical already.

A seal is a signer on the header fields that many messages share; their canonical form is made
once. The same message has the same signature: it bears no time of signing.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from colporteur.config import Settings
from colporteur.config.dkim import read_key
from colporteur.delivery.headers import token_field

_ALWAYS = ("from", "to", "subject", "date", "reply-to")
"""Signed once more than they are there, so that nobody can add another (section 8.15)."""
_COVERED = frozenset(
    {*_ALWAYS, "message-id", "mime-version", "content-type", "auto-submitted", "feedback-id"}
    | {f"list-{name}" for name in ("id", "unsubscribe", "unsubscribe-post")}
    | {f"list-{name}" for name in ("archive", "help", "owner", "post")}
)
_PADDING, _HASH = PKCS1v15(), SHA256()
_BLANKS = re.compile(rb"[ \t]+")
_LINE = 72


@dataclass(frozen=True)
class Signer:
    """Who answers for the mail: ``selector``, ``domain`` and the key to what DNS has there."""

    domain: str
    selector: str
    key: RSAPrivateKey = field(repr=False)

    def sign(self, header_fields: Sequence[bytes], body_hash: bytes) -> bytes:
        """The DKIM-Signature field of a message of these fields, each CRLF-ended."""
        return self.seal(header_fields, ()).sign((), body_hash)

    def seal(self, fixed: Sequence[bytes], own: Sequence[str]) -> "Seal":
        """The signer of messages with these fields, and each its own of these names."""
        return Seal(self, fixed, own)


class Seal:
    """Signs messages that share ``fixed`` fields; ``own`` names those that differ."""

    def __init__(self, signer: Signer, fixed: Sequence[bytes], own: Sequence[str]) -> None:
        covered = [one for one in map(relaxed, fixed) if _name(one) in _COVERED]
        names = [*map(_name, covered), *map(str.lower, own)]
        self._fixed = b"".join(covered)
        self._key = signer.key
        self._field = _unsigned(signer, [*names, *_ALWAYS])
        self._canonical = relaxed(self._field).removesuffix(b"\r\n")

    def sign(self, own: Iterable[bytes], body_hash: bytes) -> bytes:
        """The DKIM-Signature field of a message whose own fields are these, in their order.

        ``body_hash`` is the SHA-256 of its body, which must be in relaxed canonical form.
        """
        digest = base64.b64encode(body_hash)
        said = [self._fixed, *map(relaxed, own), self._canonical, digest, b"; b="]
        signature = base64.b64encode(self._key.sign(b"".join(said), _PADDING, _HASH))
        lines = (signature[at : at + _LINE] for at in range(0, len(signature), _LINE))
        return b"%b%b;\r\n b=%b\r\n" % (self._field, digest, b"\r\n ".join(lines))


@lru_cache(maxsize=4)
def _signer(domain: str, selector: str, pem: str) -> Signer:
    return Signer(domain, selector, read_key(pem))


def signer_of(settings: Settings) -> Signer | None:
    """Who signs mail by the settings; None where nobody does."""
    if not settings.dkim_domain:
        return None
    return _signer(settings.dkim_domain, settings.dkim_selector, settings.dkim_key)


def relaxed(header_field: bytes) -> bytes:
    """A header field in relaxed canonical form (section 3.4.2)."""
    name, _, value = header_field.partition(b":")
    value = _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return b"%b:%b\r\n" % (name.strip().lower(), value)


def _name(header_field: bytes) -> str:
    return header_field.partition(b":")[0].decode()


def _unsigned(signer: Signer, names: Sequence[str]) -> bytes:
    """The field up to the body's hash."""
    tags = ["v=1;", "a=rsa-sha256;", "c=relaxed/relaxed;"]
    tags += [f"d={signer.domain};", f"s={signer.selector};"]
    *others, last = names
    covered = [f"{name}:" for name in others] + [f"{last};"]
    covered[0] = f"h={covered[0]}"
    return token_field("DKIM-Signature", [*tags, *covered]).removesuffix(b"\r\n") + b"\r\n bh="
