"""Messages that came back, invented for these tests in the shapes that servers write.

A file of ``corpus/`` has one after the other: ``=== name | kind | address verdict, …`` and the
message below. ``{returned ADDRESS}``, ``{dsn}`` and ``{daemon}`` stand for what would only
repeat.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "corpus"
_RETURNED = """Return-Path: <b+abc@lettres.example>
Received: from lettres.example (lettres.example [192.0.2.1]) by relay.example with ESMTPS;
	Mon, 23 Nov 2026 07:00:01 +0100
Message-ID: <ed1.ab@lettres.example>
From: Le relais <relais@lettres.example>
To: {to}
Subject: Le relais du matin
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Une lettre qui parle de mailbox full, de user unknown et de contact@ailleurs.example.
"""
_DSN = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@relay.example>
To: relais@lettres.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_d"

--=_d
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered. For help, write to helpdesk@relay.example.

--=_d
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Mon, 23 Nov 2026 07:00:02 +0100
"""
_DAEMON = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@relay.example>
To: relais@lettres.example
Date: Mon, 23 Nov 2026 07:00:09 +0100"""


@dataclass(frozen=True)
class Sample:
    """A message, what sort it is, and whom it did not reach, with the verdict on each."""

    name: str
    kind: str
    verdicts: dict[str, str]
    message: bytes


def samples(*names: str) -> list[Sample]:
    """The samples of some files."""
    text = "".join((_FOLDER / f"{name}.txt").read_text(encoding="utf-8") for name in names)
    return [_sample(block) for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]]


def _sample(block: str) -> Sample:
    head, _, body = block.partition("\n")
    name, kind, told = (one.strip() for one in head.split("|"))
    verdicts = {one.split()[0]: one.partition(" ")[2] for one in told.split(", ") if one}
    if body.startswith("{dsn}"):
        body = f"{body.rstrip()}\n--=_d--\n"
    body = body.replace("{dsn}", _DSN).replace("{daemon}", _DAEMON)
    body = re.sub(r"\{returned (.*)\}\n", lambda to: _RETURNED.format(to=to[1]), body)
    return Sample(name, kind, verdicts, body.encode())
