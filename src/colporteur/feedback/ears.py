"""What it takes to verify what comes back. Pure."""

from dataclasses import dataclass

from colporteur.config import Settings
from colporteur.config.keys import Keys


@dataclass(frozen=True)
class Ears:
    """What it takes to verify: the key that tags are made with, the domain they come back to."""

    secret_key: Keys
    bounce_domain: str

    @classmethod
    def of(cls, settings: Settings) -> "Ears":
        """Those of an installation."""
        return cls(settings.secret_keys, settings.bounce_domain)
