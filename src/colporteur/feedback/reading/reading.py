"""What a message that came back reports: the one decision among all that it may be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from colporteur.delivery.classifier import Verdict
from colporteur.feedback.reading import answers, bounces, complaints, prose
from colporteur.feedback.reading.addresses import addresses_in
from colporteur.feedback.reading.parts import Letter, take_apart
from colporteur.feedback.reading.report import Failure, Kind, Report
from colporteur.feedback.reading.returned import (
    Returned,
    cut,
    fields_in,
    is_returned,
    returned_part,
)
from colporteur.feedback.reading.statuses import Status, statuses_in
from colporteur.feedback.reading.texts import text_of, without_markup

_TEXT_AT_MOST = 256 * 1024
_INSIDE_AT_MOST = 2  # messages within messages that are looked into
_AT_MOST = 100  # failures of one report
_LITTLE = 20  # characters of plain text that are too few to be the letter
_FAILED = frozenset(
    {"failed", "failure", "fail", "error", "undeliverable", "bounced", "expired", ""}
)
_DELAYED = frozenset({"delayed", "delay", "warning", "deferred"})


def read_report(message: bytes) -> Report:
    """Read a message that came back. Never raises; takes a bounded time whatever it is given."""
    return _Reading(take_apart(message)).report()


@dataclass(frozen=True)
class _Reading:
    """One letter, and what has been made out of it so far."""

    letter: Letter
    depth: int = 0

    def report(self) -> Report:
        """What it is: the first that it turns out to be."""
        return (
            self._complaint()
            or self._declared()
            or self._notification()
            or self._inside()
            or self._bounce()
            or self._about(self._letter_kind())
        )

    def _declared(self) -> Report | None:
        """A challenge or a receipt that says so in fields of its own."""
        headers = self.letter.headers
        if answers.is_known_challenge(headers):
            return self._about(Kind.CHALLENGE)
        if answers.is_receipt(self.letter) and not bounces.is_rejection(headers):
            return self._about(Kind.AUTO_REPLY)
        return None

    def _inside(self) -> Report | None:
        """What a notification says that was put into another message whole."""
        for part in self.letter.parts if self.depth < _INSIDE_AT_MOST else ():
            if part.media_type == "message/rfc822":
                inner = take_apart(part.content)
                if inner.report_type == "delivery-status" or bounces.from_daemon(inner.headers):
                    found = _Reading(inner, self.depth + 1).report()
                    if found.failures:
                        return replace(found, recipients=self._recipients)
        return None

    def _letter_kind(self) -> Kind:
        """What a letter is that reports nothing."""
        headers, words = self.letter.headers, self._words[0]
        away = answers.says_away(words)
        if answers.is_challenge(headers, words):
            return Kind.CHALLENGE
        if answers.asks_to_leave(headers.get("subject"), words):
            return Kind.UNSUBSCRIBE
        if answers.says_automatic(headers) or (bounces.from_daemon(headers) and away):
            return Kind.AUTO_REPLY
        if answers.is_for_leaving(list(self._recipients)):
            return Kind.UNSUBSCRIBE
        return Kind.AUTO_REPLY if away else Kind.UNKNOWN

    @cached_property
    def _recipients(self) -> tuple[str, ...]:
        names = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
        return tuple(addresses_in(" ".join(self.letter.headers.all(*names)))[:20])

    @cached_property
    def _words(self) -> tuple[str, str]:
        """The letter's own words, and the returned message where it follows them as text."""
        parts = [one for one in self.letter.parts if not is_returned(one)]
        plain = [text_of(one) for one in parts if one.media_type in {"text/plain", "text/enriched"}]
        text = "\n".join(plain)
        if len(text.strip()) < _LITTLE:
            text += "\n".join(text_of(one) for one in parts if one.media_type == "text/html")
        if not text.strip():
            text = "\n".join(text_of(one) for one in parts if one.media_type.startswith("text/"))
        if "<html" in text[:1000].lower():
            text = without_markup(text)
        return cut(text[:_TEXT_AT_MOST])

    @cached_property
    def _returned(self) -> Returned | None:
        return returned_part(self.letter) or fields_in(self._words[1])

    def _about(
        self,
        kind: Kind,
        failures: Sequence[Failure] = (),
        *,
        envelope_id: str | None = None,
        complaint_type: str | None = None,
    ) -> Report:
        returned = self._returned
        to = returned.to if returned else []
        return Report(
            kind=kind,
            failures=tuple(failures),
            recipients=self._recipients,
            original_message_id=returned.message_id if returned else None,
            original_to=to[0] if to else None,
            envelope_id=envelope_id,
            complaint_type=complaint_type,
        )

    def _complaint(self) -> Report | None:
        feedback = complaints.feedback_in(self.letter)
        if feedback is None:
            return None
        told = complaints.type_of(feedback)
        if told in complaints.NO_COMPLAINT:
            return self._about(Kind.UNKNOWN, complaint_type=told)
        who = complaints.complainers(feedback, self.letter, self._returned)
        failures = [
            Failure(one, "complained", None, 0, told, Verdict.SOFT, "complaint") for one in who
        ]
        return self._about(
            Kind.COMPLAINT,
            failures,
            envelope_id=feedback.get("original-envelope-id").strip()[:200] or None,
            complaint_type=told,
        )

    def _notification(self) -> Report | None:
        statuses = statuses_in(self.letter)
        if not statuses.recipients:
            return None
        told = [one for one in statuses.recipients if one.action in _FAILED | _DELAYED]
        failures = [
            failure for one in told for failure in self._of_status(one, alone=len(told) == 1)
        ]
        kept = _one_each(failures)
        kind = Kind.BOUNCE if any(one.action == "failed" for one in kept) else Kind.DELAY
        if not kept:
            kind = Kind.UNKNOWN
        return self._about(kind, kept, envelope_id=statuses.envelope_id)

    def _of_status(self, told: Status, *, alone: bool) -> list[Failure]:
        """The failure of a recipient, and that of the address behind it, if both are named."""
        both = list(dict.fromkeys(one for one in (told.original, told.final) if one))
        if not any("." in one.rpartition("@")[2] for one in both) and len(self._expected) == 1:
            both = [*self._expected, *both]
        delayed = told.action in _DELAYED or (
            not told.action and (told.status or "").startswith("4")
        )
        words, named = self._words[0], self._named
        mine = {one.lower() for one in both}
        evidence = [told.diagnostic]
        for one in named:
            if one.address.lower() in mine:
                evidence += prose.passages(words, one, named)
        if alone:
            evidence.append(words)
        action = "delayed" if delayed else "failed"
        return [prose.read_failure(one, action, told.status, evidence) for one in both or (None,)]

    @cached_property
    def _named(self) -> list[prose.Named]:
        return prose.named_in(self._words[0], ())

    @cached_property
    def _senders(self) -> list[str]:
        own = addresses_in(" ".join(self.letter.headers.all("from", "sender", "reply-to")))
        return [*self._recipients, *own, *(self._returned.senders if self._returned else [])]

    @cached_property
    def _expected(self) -> list[str]:
        """Whom the message was for."""
        failed = prose.listed(self.letter.headers.all("x-failed-recipients"))
        to = self._returned.to if self._returned else []
        return prose.expected_of(failed, to, excluded=[] if failed else self._senders)

    def _bounce(self) -> Report | None:
        """A bounce in its server's own words."""
        headers, (words, after) = self.letter.headers, self._words
        returns = self._returned is not None or self.letter.report_type == "delivery-status"
        away = answers.titled_away(headers) and not bounces.titled(headers)
        if away or not bounces.is_bounce(headers, words or after, returns=returns):
            return None
        action = "delayed" if bounces.is_delay(headers, words) else "failed"
        named, found, words = self._failing()
        found = found[:_AT_MOST]
        if found:
            failures = [self._of_words(one, named, words, action, len(found)) for one in found]
        else:
            meant = self._expected or (None,)
            failures = [prose.read_failure(one, action, None, [words]) for one in meant]
        return self._about(Kind.DELAY if action == "delayed" else Kind.BOUNCE, failures)

    def _failing(self) -> tuple[list[prose.Named], list[prose.Named], str]:
        """All whom the words name, those who are failing, and the words that name them."""
        words, after = self._words
        excluded = [one for one in self._senders if one not in self._expected]
        named = prose.named_in(words, excluded, self._expected)
        found = prose.failing(named, self._expected)
        for text, others in ((words, ()), (after, excluded)):
            if found or self._expected:
                break
            named = prose.named_in(text, others)
            found = [one for one in prose.failing(named, ()) if one.strength > 1]
            words = text if found else words
        return named, found, words

    def _of_words(
        self, one: prose.Named, named: Sequence[prose.Named], words: str, action: str, count: int
    ) -> Failure:
        evidence = prose.passages(words, one, named)
        if count == 1:
            evidence.append(words)
        return prose.read_failure(one.address, action, None, evidence)


def _one_each(failures: Sequence[Failure]) -> list[Failure]:
    """One failure for an address: that which is final, and of these the first."""
    kept: dict[str, Failure] = {}
    for one in sorted(failures, key=lambda one: one.action != "failed"):
        kept.setdefault((one.address or "").lower(), one)
    return list(kept.values())
