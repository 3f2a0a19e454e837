"""What a message that came back reports."""

import enum
from dataclasses import dataclass

from colporteur.delivery.classifier import Verdict


class Kind(enum.StrEnum):
    """What sort of message came back."""

    BOUNCE = "bounce"  # it could not be delivered to somebody
    DELAY = "delay"  # it has not been delivered yet; its server still tries
    COMPLAINT = "complaint"  # a reader's provider passes on their "this is spam" (RFC 5965)
    AUTO_REPLY = "auto_reply"  # a machine answers for somebody (RFC 3834): nothing to act on
    CHALLENGE = "challenge"  # a machine asks whether we are human: not answered
    UNSUBSCRIBE = "unsubscribe"  # somebody asks by mail to leave
    UNKNOWN = "unknown"  # nothing that we can act on: a delivery report, a person's letter


@dataclass(frozen=True)
class Failure:
    """One recipient that a message did not reach, and what that means.

    A message that was forwarded fails at two addresses, the one that we wrote to and the one
    behind it: a report that names both gives two failures, ours first. ``action`` is "failed"
    or "delayed" (RFC 3464), ``status`` an enhanced code (RFC 3463, "5.1.1"), ``code`` that of
    SMTP (0: none was quoted), ``text`` the words that were judged, as their server wrote them,
    and ``why`` the rule that judged them.
    """

    address: str | None
    action: str
    status: str | None
    code: int
    text: str
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True)
class Report:
    """A message that came back, read.

    ``recipients`` are the addresses that it came to, as its own header tells (who receives it
    by SMTP knows better); ``original_message_id``, ``original_to`` and ``envelope_id`` (ENVID,
    RFC 3461) are of the message that it is about, ``complaint_type`` of a complaint ("abuse").
    """

    kind: Kind
    failures: tuple[Failure, ...] = ()
    recipients: tuple[str, ...] = ()
    original_message_id: str | None = None
    original_to: str | None = None
    envelope_id: str | None = None
    complaint_type: str | None = None
