"""Messages of Amazon SNS as it signs them, and what SES and Postmark tell in them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

TOPIC = "arn:aws:sns:eu-west-3:123456789012:bounces"
HOST = "https://sns.eu-west-3.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
CONFIRM = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


@cache
def key() -> rsa.RSAPrivateKey:
    """The key of whoever plays SNS."""
    return rsa.generate_private_key(65537, 2048)


@cache
def pem(days: int = 2) -> bytes:
    """Its certificate; over since yesterday with -1."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)  # noqa: TID251 - OpenSSL reads the real clock too
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .sign(key(), hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )


def notification(message: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A message of SNS that carries another, before it is signed."""
    said = {"Type": "Notification", "MessageId": "m-1", "TopicArn": TOPIC, "Message": ""}
    said |= {"Timestamp": "2026-11-22T12:00:00.000Z", "SigningCertURL": CERTIFICATE}
    return said | {"Message": json.dumps(message), "SignatureVersion": "2"} | changes


def confirmation(**changes: Any) -> dict[str, Any]:
    """A request to confirm a subscription, before it is signed."""
    said = notification({}, Type="SubscriptionConfirmation", Message="You have chosen …")
    return said | {"Token": "abc", "SubscribeURL": CONFIRM} | changes


def signed(said: dict[str, Any]) -> bytes:
    """The same as SNS sends it."""
    confirming = said["Type"] != "Notification"
    names = ["Message", "MessageId", *(["SubscribeURL"] if confirming else ["Subject"])]
    names += ["Timestamp", *(["Token"] if confirming else []), "TopicArn", "Type"]
    text = "".join(f"{name}\n{said[name]}\n" for name in names if name in said)
    algorithm = hashes.SHA1() if said["SignatureVersion"] == "1" else hashes.SHA256()
    made = key().sign(text.encode(), PKCS1v15(), algorithm)
    return json.dumps({**said, "Signature": base64.b64encode(made).decode()}).encode()


def ses_bounce(address: str, source: str, **bounce: Any) -> dict[str, Any]:
    """A bounce as SES tells it."""
    recipient = {"emailAddress": address, "action": "failed", "status": "5.1.1"}
    recipient["diagnosticCode"] = f"smtp; 550 5.1.1 <{address}>: User unknown"
    said = {"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f-1"}
    said |= {"bouncedRecipients": [recipient]} | bounce
    mail = {"messageId": "0102018f-abc", "source": source, "destination": [address]}
    return {"notificationType": "Bounce", "bounce": said, "mail": mail}


def ses_complaint(address: str, source: str, **complaint: Any) -> dict[str, Any]:
    """A complaint as SES tells it."""
    said = {"complainedRecipients": [{"emailAddress": address}], "feedbackId": "c-1"}
    said |= {"complaintFeedbackType": "abuse"} | complaint
    mail = {"messageId": "0102018f-abc", "source": source}
    return {"eventType": "Complaint", "complaint": said, "mail": mail}


def postmark(address: str, message_id: str, **changes: Any) -> bytes:
    """A bounce as Postmark tells it."""
    said = {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "ID": 42}
    said |= {"MessageID": message_id, "Email": address, "Description": "The server was …"}
    said |= {"Details": "smtp;550 5.1.1 The email account does not exist"}
    return json.dumps(said | changes).encode()
