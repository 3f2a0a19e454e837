"""How long a relay that failed is left out: one second, then twice as long each time. Pure."""

from dataclasses import dataclass

FIRST_S = 1.0
LONGEST_S = 60.0


@dataclass(frozen=True)
class Health:
    """``failures`` in a row; left out until ``resting_until``, on whatever clock is used."""

    failures: int = 0
    resting_until: float = 0.0

    def usable(self, now: float) -> bool:
        """Whether it may be tried."""
        return now >= self.resting_until

    def failed(self, now: float) -> "Health":
        """After one more failure; those of connections that were open together count once."""
        if not self.usable(now):
            return self
        wait = min(FIRST_S * 2**self.failures, LONGEST_S)
        return Health(min(self.failures + 1, 16), now + wait)


WELL = Health()
