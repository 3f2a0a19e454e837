"""Editions that left, and what comes back about them."""

import email
from datetime import datetime
from typing import Any

from dispatching import send_batch
from editing import owed, smtp
from house import NOW, TEMPLATES, House
from sink import Sink
from sqlalchemy import func, select

from colporteur.audience.heard import Effect
from colporteur.db import reading, writing
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.feedback import feedback, feedback_dropped
from colporteur.feedback.clues import Clues, Incoming
from colporteur.feedback.dropping import Drop
from colporteur.feedback.ears import Ears
from colporteur.feedback.hearing import hear
from colporteur.tokens import BOUNCE, make_tag

KEY = "k" * 32
DOMAIN = "retours.example"
EARS = Ears(KEY, DOMAIN)

DSN = """\
From: MAILER-DAEMON@mx.example.org
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{event}@mx.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.

{words}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {failing}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Le Relais
To: {failing}

--b--
"""


def sent(house: House, sink: Sink, *names: str) -> int:
    """Send an edition to these readers through a real relay; its id."""
    edition = owed(house, *names)
    with reading(house.engine) as connection:
        mine = select(batches.c.id).where(batches.c.edition_id == edition)
        ids = connection.scalars(mine.order_by(batches.c.id)).all()
    for one in ids:
        send_batch(house.engine, smtp(sink), TEMPLATES, one)
    return edition


def mail_to(sink: Sink, address: str) -> Any:
    """The last message that an address got."""
    return email.message_from_bytes([raw for to, raw in sink.accepted if to == address][-1])


def delivery_to(house: House, address: str) -> int:
    """The last delivery to an address; its id."""
    with reading(house.engine) as connection:
        query = (
            select(func.max(deliveries.c.id))
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(subscribers.c.address == address)
        )
        return int(connection.scalar(query) or 0)


def verp(delivery_id: int) -> str:
    """The envelope sender of a delivery."""
    return f"b+{make_tag(KEY, BOUNCE, delivery_id)}@{DOMAIN}"


def dsn(
    to: str,
    *,
    failing: str = "amina@example.org",
    words: str = "550 5.1.1 <amina@example.org>: User unknown",
    status: str = "5.1.1",
    message_id: str = "<none@example.org>",
    event: str = "1",
) -> bytes:
    """A bounce as Postfix writes it."""
    said = {"to": to, "failing": failing, "words": words, "status": status}
    text = DSN.format(message_id=message_id, event=event, **said)
    return text.replace("\n", "\r\n").encode()


def came(house: House, incoming: Incoming, now: datetime = NOW) -> Effect | Drop | None:
    """What became of something that came by LMTP."""
    with writing(house.engine) as connection:
        return hear(connection, EARS, "lmtp", incoming, now)


def clues(**said: Any) -> Clues:
    """Clues, with lists as tuples."""
    return Clues(
        **{name: tuple(one) if isinstance(one, list) else one for name, one in said.items()}
    )


def state_of(house: House, address: str) -> str:
    """The state of a reader."""
    with reading(house.engine) as connection:
        query = select(subscribers.c.state).where(subscribers.c.address == address)
        return str(connection.scalar(query))


def kept(house: House) -> list[Any]:
    """What was kept of what came back, in order."""
    with reading(house.engine) as connection:
        return list(connection.execute(select(feedback).order_by(feedback.c.id)))


def drops(house: House) -> dict[str, int]:
    """How many were dropped, by reason."""
    with reading(house.engine) as connection:
        found = feedback_dropped.c
        rows = connection.execute(
            select(found.reason, func.sum(found.count)).group_by(found.reason)
        )
        return {reason: int(count) for reason, count in rows}
