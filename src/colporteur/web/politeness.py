"""Who asks for the same feed again and again without validators, and may wait. Pure.

Only one client's unconditional hammering is slowed. Aggregators read for many people, and an
address from which anyone polls conditionally is shared by programs that behave: both are let be.
"""

import re

WINDOW_S = 300.0
IN_A_WINDOW = 30  # of one document, by one program at one address: every ten seconds
_KEYS_AT_MOST = 20_000
_AGENT_AT_MOST = 200  # bytes of a User-Agent that tell it from others
_AGGREGATORS = re.compile(
    rb"subscriber|feedly|inoreader|newsblur|feedbin|theoldreader|feedspot|superfeedr|feedpress"
    rb"|flipboard|bloglovin|feedwrangler|netvibes|w3c_validator|feedvalidator",
    re.IGNORECASE,
)
Asker = tuple[str, bytes, str]


class Politeness:
    """Counts unconditional polls by address, program and document, in windows."""

    def __init__(self) -> None:
        self._windows: dict[Asker, tuple[float, int]] = {}
        self._polite: dict[str, float] = {}

    def conditional(self, address: str, now: float) -> None:
        """Note that someone at an address polls with validators that we gave."""
        if len(self._polite) >= _KEYS_AT_MOST:
            self._polite.clear()
        self._polite[address] = now

    def wait(self, address: str, agent: bytes, path: str, now: float) -> int:
        """Seconds that an unconditional poll must wait; 0 where it is served.

        Not to be asked for aggregators. ``now`` is any clock's seconds that only grow.
        """
        asker = (address, agent[:_AGENT_AT_MOST], path)
        began, count = self._windows.get(asker, (now, 0))
        if now - began >= WINDOW_S:
            began, count = now, 0
        if len(self._windows) >= _KEYS_AT_MOST:
            self._windows.clear()
        self._windows[asker] = (began, count + 1)
        polite = self._polite.get(address)
        if count < IN_A_WINDOW or (polite is not None and now - polite < WINDOW_S):
            return 0
        return int(began + WINDOW_S - now) + 1


def is_aggregator(agent: bytes) -> bool:
    """Whether a User-Agent is one that reads for many people."""
    return _AGGREGATORS.search(agent) is not None
