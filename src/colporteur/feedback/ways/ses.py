"""Amazon SES, which tells of bounces and complaints through SNS topics."""

import json
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from colporteur.audience.heard import Kind
from colporteur.delivery.classifier import Verdict, classify
from colporteur.exceptions import HookForged, HookMalformed
from colporteur.feedback.clues import Clues, Incoming, quoted, tags_of, together
from colporteur.feedback.dropping import Drop
from colporteur.feedback.ways import sns
from colporteur.feedback.ways.hook import part_of, parts_of, text_of, whole

_CERTIFICATES_AT_MOST = 8
_CERTIFICATE_LASTS_S = 24 * 3600
_NO_ADDRESS = {"NoEmail", "Suppressed", "OnAccountSuppressionList"}
_OURS_TO_MEND = {"MessageTooLarge", "ContentRejected", "AttachmentRejected"}
_CODE = re.compile(r"(?:^|smtp;\s*)([245]\d\d)(?!\d)")


@dataclass
class Ses:
    """The webhook of SES: ``topics`` are ARNs, ``get`` gives what lies at an address of SNS."""

    topics: Collection[str]
    bounce_domain: str
    get: Callable[[str], bytes]
    clock: Callable[[], datetime]
    source: str = "ses"
    _kept: dict[str, tuple[bytes, float]] = field(default_factory=dict)

    def read(self, _: Mapping[str, str], body: bytes) -> Sequence[Incoming | Drop]:
        """What a message of SNS tells; a request to confirm a topic of ours is answered."""
        said = _object(body)
        if text_of(said, "TopicArn") not in self.topics:
            raise HookForged("The topic is none of those that are set.")
        sns.verify(said, self._certificate(sns.certificate_address(said)), self.clock())
        if text_of(said, "Type") == sns.CONFIRMATION:
            self.get(sns.confirmation_address(said))
        if text_of(said, "Type") != sns.NOTIFICATION:
            return []
        return events(_object(text_of(said, "Message").encode()), body, self.bounce_domain)

    def _certificate(self, url: str) -> bytes:
        pem, until = self._kept.get(url, (b"", 0.0))
        if until < time.monotonic():
            pem = self.get(url)
            if len(self._kept) >= _CERTIFICATES_AT_MOST:
                self._kept.clear()
            self._kept[url] = (pem, time.monotonic() + _CERTIFICATE_LASTS_S)
        return pem


def events(message: Mapping[str, Any], raw: bytes, bounce_domain: str) -> list[Incoming | Drop]:
    """What a notification of SES, or an event of a configuration set, tells. Pure."""
    kind = text_of(message, "notificationType") or text_of(message, "eventType")
    clues = _clues(part_of(message, "mail"), bounce_domain)
    if kind == "Bounce":
        said = part_of(message, "bounce")
        return [_bounce(said, one, clues, raw) for one in parts_of(said, "bouncedRecipients")]
    if kind == "Complaint":
        return _complaints(part_of(message, "complaint"), clues, raw)
    return []  # Send, Delivery and others, of which it is not asked to tell


def _complaints(said: Mapping[str, Any], clues: Clues, raw: bytes) -> list[Incoming | Drop]:
    kind = text_of(said, "complaintFeedbackType")
    if kind == "not-spam":
        return [Drop.NOT_SPAM]
    event = text_of(said, "feedbackId")
    readers = [text_of(one, "emailAddress") for one in parts_of(said, "complainedRecipients")]
    return [
        Incoming(event, Kind.COMPLAINT, None, _about(clues, one), text=kind or "complaint", raw=raw)
        for one in readers
    ]


def _bounce(
    said: Mapping[str, Any], recipient: Mapping[str, Any], clues: Clues, raw: bytes
) -> Incoming:
    words = text_of(recipient, "diagnosticCode")
    code = _CODE.search(words)
    status = text_of(recipient, "status")
    return Incoming(
        event_id=text_of(said, "feedbackId"),
        kind=Kind.BOUNCE,
        verdict=_verdict(said, int(code[1]) if code else 0, status, words),
        clues=_about(clues, text_of(recipient, "emailAddress")),
        smtp_code=int(code[1]) if code else None,
        enhanced_code=status[:20] or None,
        text=words or f"{text_of(said, 'bounceType')}/{text_of(said, 'bounceSubType')}",
        raw=raw,
    )


def _verdict(said: Mapping[str, Any], code: int, status: str, words: str) -> Verdict:
    """Our own reading of the words; SES's kinds only sharpen or soften it."""
    kind, detail = text_of(said, "bounceType"), text_of(said, "bounceSubType")
    if kind == "Permanent" and detail in _NO_ADDRESS:
        return Verdict.HARD
    if detail in _OURS_TO_MEND:
        return Verdict.MESSAGE
    found = classify(code, status or None, words)
    return Verdict.SOFT if found is Verdict.HARD and kind != "Permanent" else found


def _clues(mail: Mapping[str, Any], bounce_domain: str) -> Clues:
    fields = [
        (text_of(one, "name").lower(), text_of(one, "value")) for one in parts_of(mail, "headers")
    ]
    named = [value for name, value in fields if name == "message-id"]
    own = text_of(part_of(mail, "commonHeaders"), "messageId")
    leaving = " ".join(value for name, value in fields if name == "list-unsubscribe")
    return together(
        Clues(
            tags=tags_of([text_of(mail, "source")], "b", bounce_domain),
            message_ids=tuple(one for one in (own, *named) if one),
            relay_id=text_of(mail, "messageId") or None,
        ),
        quoted(leaving.encode(), bounce_domain),
    )


def _about(clues: Clues, address: str) -> Clues:
    """The same, about one of its recipients."""
    bare = address.rpartition("<")[2].rstrip("> ")
    return together(clues, Clues(addresses=(bare,) if bare else ()))


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        return whole(json.loads(text))
    except (ValueError, RecursionError):
        raise HookMalformed("The request is no JSON object.") from None
