"""Makes a key to sign with, and the DNS record that publishes the other half (RFC 6376, 3.6.1)."""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from colporteur.config.dkim import WELL, read_key

_EXPONENT = 65537
_STRING = 255
"""Octets that one string of a TXT record holds (RFC 1035 section 3.3.14)."""


@dataclass(frozen=True)
class SigningKey:
    """A private key in PEM, and what DNS must say: a TXT ``record`` at ``name``."""

    pem: str
    name: str
    record: str

    @property
    def strings(self) -> list[str]:
        """The record as a zone file takes it; verifiers join the strings."""
        return [self.record[at : at + _STRING] for at in range(0, len(self.record), _STRING)]

    @property
    def zone_line(self) -> str:
        """A line for a zone file."""
        quoted = " ".join(f'"{one}"' for one in self.strings)
        return f"{self.name}. IN TXT ( {quoted} )"


def new_key(domain: str, selector: str) -> SigningKey:
    """A new RSA key of 2048 bits, the most that every verifier takes (RFC 8301)."""
    key = generate_private_key(public_exponent=_EXPONENT, key_size=WELL)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return key_of(pem, domain, selector)


def key_of(pem: str, domain: str, selector: str) -> SigningKey:
    """A key that there is, with what DNS must say of it."""
    return SigningKey(pem, f"{selector}._domainkey.{domain}", record_of(pem))


def record_of(pem: str) -> str:
    """The TXT record of a private key's public half."""
    public = read_key(pem).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
