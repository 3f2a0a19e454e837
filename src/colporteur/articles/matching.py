"""Recognises the same article handed in again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Identity:
    """What an article can be recognised by. ``created_at`` is None for an incoming one.

    ``further_id`` is another external id of a known one.
    """

    title_key: str
    external_id: str | None = None
    further_id: str | None = None
    feed_id: str | None = None
    url: str | None = None
    dated: bool = False
    listed: bool = False
    created_at: datetime | None = None


def find_same(incoming: Identity, known: Sequence[Identity], now: datetime) -> int | None:
    """The index in ``known`` (newest first) of the article that ``incoming`` is, or None.

    By external id, else by feed id, else by URL; by title only where one side is a listed teaser, or where neither has an id,
    URL or date and the earlier is under 7 days old: next week's "Revue de presse" is a new one.
    """
    if named := find_named(incoming, known):
        return named[0]
    for index, earlier in enumerate(known):
        if incoming.title_key == earlier.title_key and _title_suffices(incoming, earlier, now):
            return index
    return None


def find_named(incoming: Identity, known: Sequence[Identity]) -> list[int]:
    """The articles in ``known`` that the keys of ``incoming`` name, the surest key's first.

    There should be one at most: else two keys contradict each other.
    """
    named: dict[int, None] = {}
    for name in ("external_id", "feed_id", "url"):
        key = getattr(incoming, name)
        for index, earlier in enumerate(known):
            own = {getattr(earlier, name), earlier.further_id if name == "external_id" else None}
            if key is not None and key in own:
                named.setdefault(index)
    return list(named)


def url_key(url: str) -> str:
    """An address as the database finds it by: its hash, since long ones do not fit an index."""
    return hashlib.sha256(url.encode()).hexdigest()


def _title_suffices(incoming: Identity, earlier: Identity, now: datetime) -> bool:
    if incoming.listed or earlier.listed:
        return True
    recent = earlier.created_at is not None and now - earlier.created_at < RECENT
    return recent and _is_bare(incoming) and _is_bare(earlier)


def _is_bare(identity: Identity) -> bool:
    return not (identity.external_id or identity.url or identity.dated)
