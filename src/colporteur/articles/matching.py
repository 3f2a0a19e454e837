"""Recognises the same article handed in again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RECENT = timedelta(days=7)


@dataclass(frozen=True)
class Identity:
    """What an article can be recognised by. ``created_at`` is None for an incoming one."""

    title_key: str
    external_id: str | None = None
    feed_id: str | None = None
    url: str | None = None
    dated: bool = False
    listed: bool = False
    created_at: datetime | None = None


def find_same(incoming: Identity, known: Sequence[Identity], now: datetime) -> int | None:
    """The index in ``known`` (newest first) of the article that ``incoming`` is, or None.

    By id or URL; by title only where one side is a listed teaser, or where neither has an id,
    URL or date and the earlier is under 7 days old: next week's "Revue de presse" is a new one.
    """
    for index, earlier in enumerate(known):
        if _same_key(incoming, earlier):
            return index
    for index, earlier in enumerate(known):
        if incoming.title_key == earlier.title_key and _title_suffices(incoming, earlier, now):
            return index
    return None


def _same_key(one: Identity, other: Identity) -> bool:
    keys = (
        (one.external_id, other.external_id),
        (one.feed_id, other.feed_id),
        (one.url, other.url),
    )
    return any(left is not None and left == right for left, right in keys)


def _title_suffices(incoming: Identity, earlier: Identity, now: datetime) -> bool:
    if incoming.listed or earlier.listed:
        return True
    recent = earlier.created_at is not None and now - earlier.created_at < RECENT
    return recent and _is_bare(incoming) and _is_bare(earlier)


def _is_bare(identity: Identity) -> bool:
    return not (identity.external_id or identity.url or identity.dated)
