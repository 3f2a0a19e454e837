"""Postmark, which tells of bounces and complaints by POST, with a user and a password."""

import base64
import binascii
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colporteur.audience.heard import Kind
from colporteur.delivery.classifier import Verdict, classify
from colporteur.exceptions import HookForged, HookMalformed
from colporteur.feedback.clues import Clues, Incoming, quoted, together
from colporteur.feedback.dropping import Drop
from colporteur.feedback.ways.hook import text_of, whole

_US = (Verdict.POLICY, Verdict.RATE)
_HARD = {"HardBounce", "BadEmailAddress"}
_SOFT = {"SoftBounce", "Transient", "DnsError", "Unknown", "Undeliverable"}
_POLICY = {"Blocked", "SpamNotification", "DMARCPolicy", "VirusNotification"}
_DROPPED = {"AutoResponder": Drop.AUTO_REPLY, "ChallengeVerification": Drop.CHALLENGE}


@dataclass(frozen=True)
class Postmark:
    """The webhook of Postmark; ``credentials`` are user:password (RFC 7617)."""

    credentials: str
    bounce_domain: str
    source: str = "postmark"

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Incoming | Drop]:
        """What a request tells."""
        if not hmac.compare_digest(_presented(headers), self.credentials.encode()):
            raise HookForged("The user or the password is wrong.")
        try:
            said = whole(json.loads(body))
        except (ValueError, RecursionError):
            raise HookMalformed("The request is no JSON object.") from None
        return events(said, body, self.bounce_domain)


def events(said: Mapping[str, Any], raw: bytes, bounce_domain: str) -> list[Incoming | Drop]:
    """What a webhook of Postmark tells. Pure."""
    record, kind = text_of(said, "RecordType"), text_of(said, "Type")
    if kind in _DROPPED:
        return [_DROPPED[kind]]
    if record == "SpamComplaint" or kind == "SpamComplaint":
        return [_incoming(said, Kind.COMPLAINT, None, raw, bounce_domain)]
    verdict = _verdict(said, kind)
    if record != "Bounce" or verdict is None:
        return []
    return [_incoming(said, Kind.BOUNCE, verdict, raw, bounce_domain)]


def _verdict(said: Mapping[str, Any], kind: str) -> Verdict | None:
    """Our own reading of the words first where they blame us, then Postmark's kind."""
    found = classify(0, None, text_of(said, "Details"))
    if kind in _POLICY:
        return found if found in _US else Verdict.POLICY
    if kind in _HARD:
        return found if found in _US else Verdict.HARD
    if kind in _SOFT:
        return Verdict.SOFT if found is Verdict.HARD else found
    return None  # what people did there by hand, and what is ours to mend


def _incoming(
    said: Mapping[str, Any], kind: Kind, verdict: Verdict | None, raw: bytes, bounce_domain: str
) -> Incoming:
    known = Clues(relay_id=text_of(said, "MessageID") or None, addresses=(text_of(said, "Email"),))
    returned = quoted(text_of(said, "Content").encode("utf-8", "replace"), bounce_domain)
    return Incoming(
        event_id=f"{kind}:{said.get('ID')}",
        kind=kind,
        verdict=verdict,
        clues=together(known, returned),
        text=text_of(said, "Details") or text_of(said, "Description"),
        raw=raw,
    )


def _presented(headers: Mapping[str, str]) -> bytes:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
