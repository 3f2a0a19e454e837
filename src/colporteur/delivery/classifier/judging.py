"""From a refusal's code, enhanced code and words to a verdict."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from colporteur.delivery.classifier import words
from colporteur.delivery.classifier.codes import MEANINGS
from colporteur.delivery.classifier.verdicts import Verdict

NO_SUCH_ADDRESS = "no such address"
MAILBOX_FULL = "mailbox full"
_SERVICE_CLOSES = 421
_NO_MAILBOX = 550  # RFC 5321 4.2.3: "mailbox unavailable", of whichever kind
_LONGEST = 2000  # characters of a refusal that are read
_ADDRESS = re.compile(r"[^\s<>\"(),;:]{1,128}@[^\s<>\"(),;:]{1,255}")
_ANGLES = re.compile(r"<\s*@\s*>")
_SPEAKER = re.compile(
    r"\bhost \S{1,255}(?: ?\[[^\]\s]{1,60}\])?(?=:? (?:said|refused))", re.IGNORECASE
)
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


class Judgement(NamedTuple):
    """A verdict, the rule that gave it, and whether that rule knew what it read."""

    verdict: Verdict
    why: str
    sure: bool = True


_SAID: Sequence[tuple[str, words.Words, Verdict]] = (
    ("takes no mail", words.NO_MAIL, Verdict.HARD),
    (MAILBOX_FULL, words.FULL, Verdict.SOFT),
    ("too large", words.SIZE, Verdict.MESSAGE),
    ("too much at a time", words.RATE, Verdict.RATE),
    ("restricted", words.ACCESS, Verdict.SOFT),
    ("policy", words.POLICY, Verdict.POLICY),
    ("sender refused", words.SENDER, Verdict.MESSAGE),
    ("not found for now", words.LATER, Verdict.SOFT),
    (NO_SUCH_ADDRESS, words.UNKNOWN, Verdict.HARD),
    ("disabled", words.DISABLED, Verdict.SOFT),
)


def classify(code: int, enhanced: str | None, text: str) -> Verdict:
    """What a refusal means: its code (0: a bounce had none), enhanced code and words.

    A 4xx is never hard, and an enhanced code that is (5.1.1, say) is not believed when the
    words blame us: many servers answer a blocked sender with 5.1.1.
    """
    return judge(code, enhanced, text).verdict


def judge(code: int, enhanced: str | None, text: str) -> Judgement:
    """As :func:`classify`, with the rule that decided."""
    whole, text = text[:_LONGEST].lower(), _readable(text)
    temporary = code // 100 == 4 if code else bool(enhanced and enhanced.startswith("4"))  # noqa: PLR2004 - 4xx
    detail = enhanced.partition(".")[2] if enhanced else ""
    if temporary:
        return _for_now(code, detail, text)
    said = _said(text)
    if said is not None:
        return said
    if code == _NO_MAILBOX and detail[:2] not in {"2.", "7."} and words.UNAVAILABLE.search(text):
        return Judgement(Verdict.HARD, NO_SUCH_ADDRESS)
    if words.ABOUT_US.search(text) and MEANINGS.get(detail, Verdict.HARD) is Verdict.HARD:
        return Judgement(Verdict.MESSAGE, "about us")
    if words.FILTERERS.search(whole):
        return Judgement(Verdict.POLICY, "a filter")
    return _by_code(enhanced, detail, text)


def _by_code(enhanced: str | None, detail: str, text: str) -> Judgement:
    """Where no words are known: the enhanced code, then words that only say what went wrong."""
    if detail in MEANINGS:
        return Judgement(MEANINGS[detail], f"code {enhanced}")
    if detail.partition(".")[0] in {"5", "6"}:  # protocol, content
        return Judgement(Verdict.MESSAGE, f"code {enhanced}")
    if words.OURS.search(text):
        return Judgement(Verdict.MESSAGE, "the message")
    if words.TRANSPORT.search(text):
        return Judgement(Verdict.SOFT, "not reached")
    return Judgement(Verdict.SOFT, "not understood", sure=False)


def _readable(text: str) -> str:
    """Words alone: whose address it is, and the name of the server that speaks, say nothing."""
    text = _LINK.sub("link", _SPEAKER.sub("host", text[:_LONGEST]))
    text = _SPACE.sub(" ", text)
    return _ANGLES.sub("@", _ADDRESS.sub("@", text)).lower()


def _said(text: str) -> Judgement | None:
    """What the words say, the surest first; what is unknown of ours is held against nobody."""
    text = words.RULES.without(text)
    of_readers = words.ABOUT_US.without(text)
    for why, pattern, verdict in _SAID:
        if pattern.search(of_readers if verdict is Verdict.HARD else text):
            return Judgement(verdict, why)
    return None


def _for_now(code: int, detail: str, text: str) -> Judgement:
    """A 4xx: the reader's own affair, or a sign that we should go slower or stop."""
    if words.FULL.search(text) or detail == "2.2":
        return Judgement(Verdict.SOFT, MAILBOX_FULL)
    if words.RATE.search(text):
        return Judgement(Verdict.RATE, "too much at a time")
    if words.GREY.search(text) and "list" in text and "block" not in text:
        return Judgement(Verdict.SOFT, "greylisted")  # their server asks to come again
    if words.POLICY.search(text):
        return Judgement(Verdict.POLICY, "policy")
    if code == _SERVICE_CLOSES or detail.startswith("7."):
        return Judgement(Verdict.RATE, f"code {code or detail}")
    return Judgement(Verdict.SOFT, "temporary")
