"""How much may go within a time: ``300/day``, ``200/hour``, ``10/second``. Pure."""

import re
from dataclasses import dataclass

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_SHAPE = re.compile(r"([0-9]{1,9})/([a-z]+)")


@dataclass(frozen=True)
class Limit:
    """At most ``count`` messages in any ``seconds``."""

    count: int
    seconds: int

    def __str__(self) -> str:
        """As it is written."""
        for unit, seconds in _SECONDS.items():
            if seconds == self.seconds:
                return f"{self.count}/{unit}"
        return f"{self.count}/{self.seconds} s"


def parse_limit(text: str) -> Limit:
    """Read ``300/day``; a ValueError says what is wrong with it and shows one that is right."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None or found[2] not in _SECONDS or not int(found[1]):
        units = ", ".join(_SECONDS)
        raise ValueError(
            f"has the limit {text!r}; write a number from 1 on, / and one of {units}: 300/day"
        )
    return Limit(int(found[1]), _SECONDS[found[2]])
