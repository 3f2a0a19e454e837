"""Secrets at rest, sealed with the secret key: who reads the database alone cannot use them.

Fernet (AES-128-CBC with HMAC-SHA-256), its key derived for one purpose (RFC 5869).
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from colporteur.exceptions import ConfigurationError


def seal(secret_key: str, purpose: str, text: str) -> str:
    """A text that only ``unseal`` reads, with the same key and for the same purpose."""
    return _fernet(secret_key, purpose).encrypt(text.encode()).decode()


def unseal(secret_key: str, purpose: str, sealed: str) -> str:
    """What was sealed.

    Raises:
        ConfigurationError: it was sealed with another key, or was changed since.
    """
    try:
        return _fernet(secret_key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise ConfigurationError(
            f"A secret in the database ({purpose}) was sealed with another secret key.",
            cure="Set COLPORTEUR_SECRET_KEY to the former one, or make the secret anew.",
        ) from None


def _fernet(secret_key: str, purpose: str) -> Fernet:
    derive = HKDF(SHA256(), length=32, salt=None, info=f"colporteur.seal.{purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret_key.encode())))
