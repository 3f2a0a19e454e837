"""Notes for programs elsewhere that something happened, in the transaction in which it does."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from colporteur.db.tables.webhooks import webhook_messages, webhooks
from colporteur.webhooks.kinds import Kind


def tell(
    connection: Connection, kind: Kind, data: Callable[[], Mapping[str, Any]], now: datetime
) -> int:
    """Have each program told that wants it; how many. ``data`` is asked for only if any does.

    It is JSON, names readers by ``subscriber`` (an id), and holds nothing that erasing one must
    find. A ``path`` on our site becomes a ``url`` when it is sent.
    """
    rows = connection.execute(
        select(webhooks.c.id, webhooks.c.kinds).where(webhooks.c.disabled_at.is_(None))
    )
    wanting = [row.id for row in rows if kind in row.kinds]
    if not wanting:
        return 0
    said = {
        "message_id": f"msg_{secrets.token_urlsafe(18)}",
        "kind": kind,
        "at": now,
        "data": dict(data()),
        "next_at": now,
    }
    connection.execute(insert(webhook_messages), [{**said, "webhook_id": one} for one in wanting])
    return len(wanting)
