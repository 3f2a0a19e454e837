"""Cuts a feed's whole past into pages (RFC 5005 section 4). Pure.

Pages go by article numbers, so that nothing ever appears in a page that is full. A full page's
address names what it was made from, the page before it included: should one of its articles be
withdrawn or corrected, it and those after it have new addresses, and who walks back from the
feed finds every change. Old addresses lead to the new ones.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colporteur.syndication.feed import Listed

PAGE_SIZE = 100
_ADDRESS = re.compile(
    r"(?P<page>(?P<feed>feeds/.+)/archive/\d+)(?:-[0-9a-f]+)?\.(?P<suffix>rss|atom|json)"
)


@dataclass(frozen=True)
class Page:
    """A page of a feed's past. ``path`` is its lasting name, ``address`` where it is now."""

    path: str
    address: str
    key: str
    listed: tuple[Listed, ...]  # the newest first
    previous: str | None
    next: str | None

    @property
    def full(self) -> bool:
        """Whether nothing is added any more."""
        return self.next is not None


def cut(feed_path: str, listed: Sequence[Listed], shape_key: str) -> list[Page]:
    """The pages of all that a feed ever held, given the oldest first.

    ``shape_key`` tells how entries and head are written, so that a page's key changes with its
    bytes.
    """
    cuts = [listed[at : at + PAGE_SIZE] for at in range(0, len(listed), PAGE_SIZE)]
    pages: list[Page] = []
    for number, part in enumerate(cuts, 1):
        before = pages[-1] if pages else None
        path = page_path(feed_path, number)
        full = number < len(cuts)
        parts = [shape_key, path, before.key if before else None, full]
        key = _hash(parts + [[one.article_id, one.edits] for one in part])
        pages.append(
            Page(
                path=path,
                address=f"{path}-{key[:16]}" if full else path,
                key=key,
                listed=tuple(part[::-1]),
                previous=before.address if before else None,
                next=page_path(feed_path, number + 1) if full else None,
            )
        )
    return pages


def page_path(feed_path: str, number: int) -> str:
    """A page's lasting name, from 1, the oldest."""
    return f"{feed_path}/archive/{number}"


def lasting_path(address: str) -> str | None:
    """The lasting path of a page's address, past or present; None for any other address."""
    found = _ADDRESS.fullmatch(address)
    return f"{found['page']}.{found['suffix']}" if found else None


def feed_of(address: str) -> str | None:
    """The feed whose archive an address is in; None for any other address."""
    found = _ADDRESS.fullmatch(address)
    return f"{found['feed']}.{found['suffix']}" if found else None


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
