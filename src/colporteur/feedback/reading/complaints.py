"""Complaints: the abuse reporting format (RFC 5965), with or without the reader's address."""

from collections.abc import Iterable

from colporteur.feedback.reading.addresses import addresses_in, typed_address
from colporteur.feedback.reading.headers import Headers, read_fields
from colporteur.feedback.reading.parts import Letter
from colporteur.feedback.reading.returned import Returned
from colporteur.feedback.reading.texts import text_of

NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "dmarc", "authfail"})  # RFC 6591, IANA
_REDACTED = ("redacted", "removed", "hidden", "unknown@", "xxx")


def feedback_in(letter: Letter) -> Headers | None:
    """The fields of the machine-readable part; None if this is no such report."""
    for part in letter.parts:
        if part.media_type == "message/feedback-report":
            return read_fields(text_of(part).replace("\n\n", "\n"))
    if letter.report_type == "feedback-report":
        texts = (text_of(part) for part in letter.parts if part.media_type == "text/plain")
        for text in texts:
            fields = read_fields(text)
            if "feedback-type" in fields:
                return fields
        return Headers([("feedback-type", "abuse")])
    return None


def type_of(fields: Headers) -> str:
    """``abuse``, ``fraud``, ``not-spam`` and so on."""
    return fields.get("feedback-type").strip().lower()[:40] or "abuse"


def complainers(fields: Headers, letter: Letter, original: Returned | None) -> list[str]:
    """Who complained: as the report says, else whom the message was for. Redacted ones are none."""
    told = fields.all("original-rcpt-to", "removal-recipient", "x-original-rcpt-to")
    found = [typed_address(one) for one in told]
    hidden = letter.headers.all("x-hmxmroriginalrecipient")
    if original is not None:
        hidden += original.headers.all("x-hmxmroriginalrecipient", "x-rcpt-to")
    found += addresses_in(" ".join(hidden))
    if not any(found) and original is not None:
        found += original.to
    return _whole(one for one in found if one)


def _whole(addresses: Iterable[str]) -> list[str]:
    kept = dict.fromkeys(addresses)
    return [one for one in kept if not any(mark in one.lower() for mark in _REDACTED)]
