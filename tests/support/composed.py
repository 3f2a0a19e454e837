"""A sample message before it is bytes, for tests of composing and signing."""

import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser

from colporteur.delivery.message import Message


def message(**changes: object) -> Message:
    """A digest's message with something else in it."""
    values = {
        "message_id": "edition.0123456789@relais.example",
        "date": datetime(2026, 11, 20, 7, tzinfo=UTC),
        "sender_name": "Le Relais",
        "sender": "bonjour@relais.example",
        "reply_to": "redaction@relais.example",
        "recipient": "amina@example.org",
        "subject": "Tri aux urgences : ce que six mois ont appris",
        "text": "Bonjour\n.point\nFrom là-bas\n",
        "html": "<p>Été</p>\n",
        "list_id": "actualites.relais.example",
        "list_name": "Le Relais · Actualités",
        "unsubscribe_url": "https://relais.example/unsubscribe/" + "t" * 90,
        "archive_url": "https://relais.example/actualites",
        "help_url": "https://relais.example/actualites",
        "feedback_id": "edition:actualites:digest:colporteur",
    }
    return Message(**(values | changes))  # type: ignore[arg-type]


def parse(data: bytes) -> EmailMessage:
    """As Python's own parser reads it."""
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(data)
