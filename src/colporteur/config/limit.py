"""How much may leave in how long: ``20/second``, ``300/day``, ``100/15 minutes``."""

import re
from dataclasses import dataclass

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_LIMIT = re.compile(r"(\d{1,9})\s*/\s*(?:(\d{1,5})\s*)?(second|minute|hour|day|week)s?")
_LONGEST = 31 * _SECONDS["day"]


@dataclass(frozen=True)
class Limit:
    """At most ``count`` messages in any span of ``seconds``."""

    count: int
    seconds: int

    def __str__(self) -> str:
        """As ``parse_limit`` reads it."""
        name, size = next(
            (name, size) for name, size in reversed(_SECONDS.items()) if self.seconds % size == 0
        )
        many = self.seconds // size
        return f"{self.count}/{name}" if many == 1 else f"{self.count}/{many} {name}s"


def parse_limit(text: str) -> Limit:
    """Read a limit; a ValueError says what is wrong with it."""
    found = _LIMIT.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(
            "has a limit that is none; write a number, a slash and second, minute, hour, day or week, "
            'such as "300/day" or "100/15 minutes"'
        )
    count, seconds = int(found[1]), int(found[2] or 1) * _SECONDS[found[3]]
    if count < 1 or not 1 <= seconds <= _LONGEST:
        raise ValueError(
            'has a limit out of bounds; let at least 1 leave in 1 second to 31 days, such as "300/day"'
        )
    return Limit(count, seconds)
