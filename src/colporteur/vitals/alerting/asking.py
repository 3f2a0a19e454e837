"""Asks the addresses of the operator's settings, which may hold secrets: none is shown.

They are asked wherever they are, private networks included: only the operator chooses them.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from colporteur.exceptions import FetchFailed, FetchRefused
from colporteur.fetch import Fetcher

ASKS_S = 10.0
_SHOWN_AT_MOST = 200
_TAKEN = range(200, 300)
_ADDRESS = re.compile(r"https?://([^/\s]+)\S*")


@dataclass(frozen=True)
class Answer:
    """Whether what was sent was taken, and what was said to it."""

    taken: bool
    said: str


def ask(url: str, body: bytes | None = None) -> Answer:
    """POST a body of JSON to an address, or GET it where there is none.

    Its status is the answer: what follows is not read, and who says much has taken it all the same.
    """
    fetcher = Fetcher(anywhere=True, seconds=ASKS_S)
    try:
        if body is None:
            status = fetcher.get(url, limit_bytes=None).status
        else:
            json = {"Content-Type": "application/json; charset=utf-8"}
            status = fetcher.post(url, body, json, limit_bytes=None).status
    except (FetchFailed, FetchRefused) as error:
        return Answer(taken=False, said=_without_secrets(error.message))
    return Answer(taken=status in _TAKEN, said=f"{named(url)} answered {status}.")


def named(url: str) -> str:
    """An address by its host alone: paths and queries of such addresses are passwords."""
    return urlsplit(url).netloc


def _without_secrets(message: str) -> str:
    """What went wrong, of which an error names addresses up to their queries: hosts remain."""
    return _ADDRESS.sub(r"\1", message)[:_SHOWN_AT_MOST]
