"""Short secrets that the database holds and only a holder of the secret key can read."""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken


def seal(secret_key: str, purpose: str, text: str) -> str:
    """A text made unreadable; sealed twice it looks different."""
    return _box(secret_key, purpose).encrypt(text.encode()).decode()


def unseal(secret_key: str, purpose: str, sealed: str) -> str | None:
    """The text; None where it was sealed with another key, or for another purpose."""
    try:
        return _box(secret_key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box(secret_key: str, purpose: str) -> Fernet:
    key = hmac.digest(secret_key.encode(), f"colporteur.sealed.{purpose}".encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
