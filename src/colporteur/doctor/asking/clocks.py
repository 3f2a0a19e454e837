"""The clocks of servers elsewhere, by the Date of what they answer (RFC 9110 section 6.6.1)."""

import contextlib
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.doctor.judging.clocks import ahead
from colporteur.exceptions import FetchFailed, FetchRefused
from colporteur.fetch import Fetcher

_WITHIN_S = 8.0
_AT_MOST = 500_000


def ahead_of_us(url: str, settings: Settings) -> timedelta | None:
    """How far the clock of a server is ahead of ours; None where it does not answer, or not that."""
    fetcher = Fetcher(loopback=settings.fetch_loopback, seconds=_WITHIN_S)
    before = utcnow()
    try:
        answer = fetcher.get(urljoin(url, "/robots.txt"), limit_bytes=_AT_MOST, redirects=0)
    except (FetchFailed, FetchRefused):
        return None
    said = read_date(answer.headers.get("date", ""))
    # What a cache kept bears the Date of then.
    return ahead(said, before, utcnow()) if said and "age" not in answer.headers else None


def read_date(text: str) -> datetime | None:
    """A Date; None where it is none."""
    with contextlib.suppress(ValueError, TypeError):
        found = parsedate_to_datetime(text)
        return found if found.tzinfo is not None else None
    return None
