"""SpamAssassin, with its own rules alone and no network, on every kind of message."""

import os
import re
import subprocess
from itertools import product
from pathlib import Path

from mails import (
    KINDS,
    LANGUAGES,
    LAYOUTS,
    LETTERS,
    SATURDAY,
    SITE,
    brought,
    letter,
    paper,
    rendered,
)

from colporteur.delivery.composing import Post, Recipient, reader_message
from colporteur.delivery.letters import Letter, letter_message
from colporteur.delivery.message import compose

EXPLAINED: dict[str, str] = {}  # rule: why a positive score of it is right; none is
_FROM = b"From a@b.example Sat Nov 21 07:00:00 2026\n"
_ID = re.compile(rb"^Message-ID:\s+(<[^>]+>)", re.MULTILINE | re.IGNORECASE)
_RULE = re.compile(rb"^\s*(-?\d+\.\d) ([A-Z][A-Z0-9_]+) ", re.MULTILINE)
_TOTAL = re.compile(rb"Content analysis details:\s+\((-?\d+\.\d) points")
MAILS = [
    *((language, layout, "digest") for language in LANGUAGES for layout in LAYOUTS),
    *((language, "briefing", kind) for language in LANGUAGES for kind in KINDS[1:]),
]


def message(language: str, layout: str, kind: str) -> bytes:
    channel = brought(language, layout, kind).channel
    post = Post(paper(), channel, "abcdef", SITE, "a secret key of 32 characters..", SATURDAY, 10)
    rendering = rendered(language, layout, kind)
    return compose(reader_message(post, rendering, Recipient(7, 7, "amina@example.org")))


def letter_bytes(kind: str, language: str) -> bytes:
    row = Letter(1, f"{kind}:1", kind, "amina@example.org", language, {}, SATURDAY)
    found = letter(kind, language)
    return compose(letter_message(row, "amina@example.org", found, paper(), "k" * 32))


def reports(folder: Path, messages: list[bytes]) -> list[tuple[float, dict[str, float]]]:
    """The score of each message, and of each rule that says anything."""
    box = folder / "messages.mbox"
    box.write_bytes(b"".join(_FROM + one + b"\n" for one in messages))
    command = ["spamassassin", "--local", "--test-mode", "--mbox", str(box)]
    home = {"HOME": str(folder), "PATH": os.environ["PATH"]}  # noqa: TID251 - handed on
    done = subprocess.run(command, env=home, capture_output=True, check=True)
    found = {}
    for part in done.stdout.split(_FROM.split()[0] + b" a@b.example")[1:]:
        total, ids = _TOTAL.search(part), _ID.search(part)
        assert total is not None
        assert ids is not None
        rules = {name.decode(): float(score) for score, name in _RULE.findall(part)}
        found[ids[1]] = (float(total[1]), rules)
    return [found[_ID.findall(one)[0]] for one in messages]  # it takes them in its own order


def test_no_message_scores_above_nothing_and_no_rule_fires_unexplained(tmp_path: Path):
    shouting = message("en", "briefing", "digest").replace(b"List-Id:", b"X-Id:")
    shouting = shouting.replace(b"Subject: ", b"Subject: VIAGRA FREE MONEY!!! ")
    letters = {one: letter_bytes(*one) for one in product(LETTERS, LANGUAGES)}
    named = {one: message(*one) for one in MAILS} | letters
    marked = [_numbered(*one) for one in enumerate([*named.values(), shouting])]
    *found, (worst, worst_rules) = reports(tmp_path, marked)
    for (score, rules), mail in zip(found, named, strict=True):
        fired = {name for name, points in rules.items() if points > 0} - EXPLAINED.keys()
        assert (mail, fired) == (mail, set())
        assert (mail, score <= 0) == (mail, True)
    assert worst > 0, "it would say what is spam"
    assert any(points > 0 for points in worst_rules.values())


def _numbered(number: int, data: bytes) -> bytes:
    """A message with an id of its own, to know it again by."""
    return _ID.sub(b"Message-ID: <%d.abcdef@relais.example>" % number, data, count=1)
