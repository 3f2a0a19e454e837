"""Messages that come in, by whichever way: what they report is acted on. In the caller's transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser

from sqlalchemy import Connection, select

from colporteur.audience.bouncing import note_effect, note_feedback
from colporteur.audience.heard import Effect, Heard, Kind
from colporteur.audience.leaving import leave
from colporteur.counting import FEEDBACK
from colporteur.db.tables.audience import subscriptions
from colporteur.delivery.classifier import Verdict
from colporteur.exceptions import TokenInvalid
from colporteur.feedback import reading
from colporteur.feedback.clues import Clues, Incoming, least, quoted, tags_of, together
from colporteur.feedback.dropping import Drop, count_dropped
from colporteur.feedback.ears import Ears
from colporteur.feedback.hearing import hear
from colporteur.feedback.reading import Failure, Report
from colporteur.tokens import LEAVE_BY_MAIL, read_tag

AT_MOST = 25 * 1024 * 1024
"""Bytes of a message; larger ones are not taken."""
BY_MAIL = "mail"
"""Who did it, in a reader's history, when they left by mail."""
_HEADER_AT_MOST = 64 * 1024
_NO_COMPLAINT = {"not-spam", "auth-failure", "dmarc"}  # RFC 5965 section 7.3, RFC 6591
_IGNORED = {
    reading.Kind.AUTO_REPLY: Drop.AUTO_REPLY,
    reading.Kind.CHALLENGE: Drop.CHALLENGE,
    reading.Kind.DELAY: Drop.DELAY,
    reading.Kind.UNSUBSCRIBE: Drop.UNKNOWN,  # without an address of ours: whose?
    reading.Kind.UNKNOWN: Drop.NOTHING,
}
_REPORTS = (reading.Kind.BOUNCE, reading.Kind.DELAY, reading.Kind.COMPLAINT)


@dataclass(frozen=True)
class Came:
    """A message that came: ``recipients`` as its envelope names them, () where nobody knows it."""

    source: str
    message: bytes
    recipients: tuple[str, ...] = ()


def hear_message(
    connection: Connection, ears: Ears, came: Came, report: Report, now: datetime
) -> Effect | Drop | None:
    """Act on what a message reports; what it did, why it was dropped, or None: heard before.

    ``report`` is the message as ``read_report`` reads it: outside of any transaction, since a
    large one takes a while.
    """
    to = came.recipients or report.recipients
    leaving = tags_of(to, "leave", ears.bounce_domain)
    if leaving and report.kind not in _REPORTS:
        return _leave(connection, ears, came, leaving, now)
    if report.kind in _IGNORED or _no_complaint(report):
        reason = _IGNORED.get(report.kind, Drop.NOT_SPAM)
        count_dropped(connection, came.source, reason, now)
        return reason
    return hear(connection, ears, came.source, incoming(report, came.message, to, ears), now)


def incoming(report: Report, message: bytes, recipients: Sequence[str], ears: Ears) -> Incoming:
    """What a bounce or a complaint tells, with all that may tell whose it is. Pure."""
    failure = _of_reader(report)
    complaint = report.kind is reading.Kind.COMPLAINT
    return Incoming(
        event_id=name_of(message),
        kind=Kind.COMPLAINT if complaint else Kind.BOUNCE,
        verdict=None if complaint else failure.verdict if failure else Verdict.SOFT,
        clues=together(_told(report, recipients, ears), quoted(message, ears.bounce_domain)),
        smtp_code=(failure.code or None) if failure else None,
        enhanced_code=failure.status if failure else None,
        text=failure.text if failure else report.complaint_type or "",
        raw=message,
    )


def name_of(message: bytes) -> str:
    """What a message is known by when it comes again: its Message-ID, else all its bytes."""
    head = message[:_HEADER_AT_MOST].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    try:
        own = str(BytesHeaderParser().parsebytes(head).get("Message-ID") or "").strip()
    except (ValueError, LookupError, AttributeError, TypeError):  # what no parser foresees
        own = ""
    return hashlib.sha256(own.encode("utf-8", "replace") if own else message).hexdigest()[:40]


def _told(report: Report, recipients: Sequence[str], ears: Ears) -> Clues:
    named = [one.address for one in report.failures] + [report.original_to]
    return Clues(
        tags=tags_of(recipients, "b", ears.bounce_domain),
        message_ids=(report.original_message_id,) if report.original_message_id else (),
        addresses=tuple(one for one in named if one),
    )


def _of_reader(report: Report) -> Failure | None:
    """Of several failures that one that is the reader's, else the one that does least to them."""
    failed = [one for one in report.failures if one.action != "delayed"] or list(report.failures)
    own = [one for one in failed if one.address and one.address == report.original_to]
    verdict = least([one.verdict for one in own or failed])
    return next((one for one in own or failed if one.verdict is verdict), None)


def _no_complaint(report: Report) -> bool:
    said = (report.complaint_type or "").strip().lower()
    return report.kind is reading.Kind.COMPLAINT and said in _NO_COMPLAINT


def _leave(
    connection: Connection, ears: Ears, came: Came, tags: Sequence[str], now: datetime
) -> Effect | Drop | None:
    """Whoever writes there leaves, whatever they write: the address is in their mails alone.

    A mail that comes again takes nobody away who came back meanwhile.
    """
    results: list[Effect | Drop | None] = []
    for tag in tags:
        try:
            subscription_id = read_tag(ears.secret_key, LEAVE_BY_MAIL, tag)
        except TokenInvalid:
            results.append(Drop.FORGED)
        else:
            results.append(_leave_one(connection, came, subscription_id, now))
    for one in results:
        if isinstance(one, Drop):
            count_dropped(connection, came.source, one, now)
    return next((one for one in results if isinstance(one, Effect)), results[0])


def _leave_one(
    connection: Connection, came: Came, subscription_id: int, now: datetime
) -> Effect | Drop | None:
    mine = subscriptions.c.id == subscription_id
    reader = connection.scalar(select(subscriptions.c.subscriber_id).where(mine))
    if reader is None:
        return Drop.UNKNOWN
    event_id = f"{name_of(came.message)}.{subscription_id}"
    heard = Heard(came.source, event_id, Kind.UNSUBSCRIBE, None, reader)
    if note_feedback(connection, heard, now) is None:
        return None
    FEEDBACK.labels(came.source, Kind.UNSUBSCRIBE.value, "").inc()
    if not leave(connection, subscription_id, by=BY_MAIL, now=now):
        return Effect.NOTHING
    note_effect(connection, heard, Effect.UNSUBSCRIBED)
    return Effect.UNSUBSCRIBED
