"""The requests of one poll: they share one time, and end when the poll must end."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from colporteur.fetch import Answer, Fetcher
from colporteur.fetch.fetching import LIMIT_BYTES

SECONDS = 60.0  # of all requests of a poll together, well under store.LEASE
_LEAST = 1 / 12  # with less of it left nothing is begun


class Interrupted(Exception):  # noqa: N818 - no error
    """The process stops, or another worker has the source: nothing more is noted."""


class OutOfTime(Exception):  # noqa: N818 - no error
    """The poll's time is used up: what is left comes at the next one."""


@dataclass(frozen=True)
class Visit:
    """Asks for one poll; ``may_go_on`` is looked at before each request."""

    fetcher: Fetcher
    may_go_on: Callable[[], bool]
    seconds: float = SECONDS
    begun: float = field(default_factory=time.monotonic)

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        limit_bytes: int = LIMIT_BYTES,
        share: float = 1.0,
    ) -> Answer:
        """GET an address while no more than ``share`` of the poll's time is used.

        Raises:
            Interrupted: the poll must end now.
            OutOfTime: too little time is left.
            FetchRefused: an address on the way must not be fetched.
            FetchFailed: no answer in time, or one beyond the limits.
        """
        if not self.may_go_on():
            raise Interrupted
        left = self.begun + self.seconds * share - time.monotonic()
        if left < self.seconds * _LEAST:
            raise OutOfTime
        fetcher = replace(self.fetcher, seconds=min(self.fetcher.seconds, left))
        return fetcher.get(url, headers, limit_bytes=limit_bytes)
