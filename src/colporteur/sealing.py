"""Short secrets that the database holds and only a holder of the secret key can read."""

import base64
import contextlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from colporteur.config.keys import Keys, believed, signing


def seal(secret_key: Keys, purpose: str, text: str) -> str:
    """A text made unreadable; sealed twice it looks different."""
    return _box(signing(secret_key), purpose).encrypt(text.encode()).decode()


def unseal(secret_key: Keys, purpose: str, sealed: str) -> str | None:
    """The text; None where it was sealed with none of these keys, or for another purpose."""
    for one in believed(secret_key):
        with contextlib.suppress(InvalidToken):
            return _box(one, purpose).decrypt(sealed.encode()).decode()
    return None


def _box(secret_key: str, purpose: str) -> Fernet:
    key = hmac.digest(secret_key.encode(), f"colporteur.sealed.{purpose}".encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
