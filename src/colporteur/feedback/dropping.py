"""What came and is not acted on, counted by day, way and reason. In the caller's transaction."""

import enum
from datetime import UTC, datetime

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.db.tables.feedback import feedback_dropped


class Drop(enum.StrEnum):
    """Why something was dropped."""

    FORGED = "forged"  # a tag, a mark or a signature that is not ours, or not theirs
    UNKNOWN = "unknown"  # about no delivery that we know
    AUTO_REPLY = "auto_reply"
    CHALLENGE = "challenge"
    DELAY = "delay"  # its server still tries
    NOT_SPAM = "not_spam"  # a "complaint" that is none (RFC 5965 section 7.3)
    NOTHING = "nothing"  # nothing to act on: a person's letter, a delivery report
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"


def count_dropped(
    connection: Connection, source: str, reason: Drop, now: datetime, number: int = 1
) -> None:
    """Count one, or several."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    day = now.astimezone(UTC).date().isoformat()
    counted = dialect.insert(feedback_dropped).values(
        day=day, source=source, reason=reason.value, count=number
    )
    key = [feedback_dropped.c.day, feedback_dropped.c.source, feedback_dropped.c.reason]
    more = {"count": feedback_dropped.c.count + number}
    connection.execute(counted.on_conflict_do_update(index_elements=key, set_=more))
