"""Signs what is sent, as Standard Webhooks 1.0 has it. Pure but for the making of secrets."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

_PREFIX = "whsec_"
_BYTES = 32  # of 24 to 64


def new_secret() -> str:
    """A secret to sign with, as its receiver keeps it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(secret: str, message_id: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """The three headers that say which message this is, when it was sent, and that we sent it."""
    sent = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join([message_id.encode(), sent.encode(), body])
    mark = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,{mark}",
    }
