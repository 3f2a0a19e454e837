"""Amazon SNS: who signed a message, and where its certificate lies.

The rule is Amazon's ("Verifying the signatures of Amazon SNS messages"): named fields, in order,
each name and value on a line of its own, signed with RSA over SHA-1 (version 1) or SHA-256 (2).
Certificates are believed for where they lie: at SNS's own host, over HTTPS.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from colporteur.exceptions import HookForged
from colporteur.feedback.ways.hook import text_of

NOTIFICATION = "Notification"
CONFIRMATION = "SubscriptionConfirmation"
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRMATION: (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED[CONFIRMATION]
_HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - Amazon's version 1
_HOST = re.compile(r"sns\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com(?:\.cn)?")
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{16,64}\.pem")


def certificate_address(said: Mapping[str, Any]) -> str:
    """Where the certificate of a message lies.

    Raises:
        HookForged: not with SNS.
    """
    url = text_of(said, "SigningCertURL") or text_of(said, "SigningCertUrl")
    parts = _of_sns(url)
    if not _CERTIFICATE.fullmatch(parts[0]) or parts[1]:
        raise HookForged("The certificate lies somewhere else than SNS's do.")
    return url


def confirmation_address(said: Mapping[str, Any]) -> str:
    """What to GET so that SNS tells us what happens in the topic of a message.

    Raises:
        HookForged: it is no such address.
    """
    url = text_of(said, "SubscribeURL")
    path, query = _of_sns(url)
    asked = parse_qs(query)
    topic = asked.get("TopicArn") == [text_of(said, "TopicArn")]
    if path != "/" or asked.get("Action") != ["ConfirmSubscription"] or not topic:
        raise HookForged("The address to confirm at is not one of SNS.")
    return url


def verify(said: Mapping[str, Any], pem: bytes, now: datetime) -> None:
    """Check who signed a message.

    Raises:
        HookForged: whoever has that certificate did not, or it is over.
    """
    algorithm = _HASHES.get(text_of(said, "SignatureVersion"))
    names = _SIGNED.get(text_of(said, "Type"))
    if algorithm is None or names is None:
        raise HookForged("The message is of no kind, or signed in no way, that SNS knows.")
    signed = "".join(f"{name}\n{said[name]}\n" for name in names if isinstance(said.get(name), str))
    try:
        certificate = load_pem_x509_certificate(pem)
        key = certificate.public_key()
        signature = base64.b64decode(text_of(said, "Signature"), validate=True)
        if not isinstance(key, RSAPublicKey):
            raise HookForged("The certificate holds no RSA key.")
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise HookForged("The certificate is not valid now.")
        key.verify(signature, signed.encode(), PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError):
        raise HookForged("The signature is wrong.") from None


def _of_sns(url: str) -> tuple[str, str]:
    """Path and query of an address at SNS."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise HookForged("The address is none.") from None
    plain = port is None and parts.username is None and not parts.fragment
    if parts.scheme != "https" or not plain or not _HOST.fullmatch(parts.netloc):
        raise HookForged("The address is not SNS's.")
    return parts.path, parts.query
