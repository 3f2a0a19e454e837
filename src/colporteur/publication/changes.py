"""What differs between two revisions of a publication, key by key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from colporteur.publication.model import Publication

_EVERYWHERE = re.compile(r"title|icon|logo|tagline(\..*)?|topics\.[^.]+\.name(\..*)?")
_OF_A_FEED = re.compile(r"channels\.[^.]+\.(title|description|language|feed(\..*)?)")


@dataclass(frozen=True)
class Change:
    """One key that differs. ``channel`` is the slug it is about, None for all of them."""

    key: str
    before: Any
    after: Any
    channel: str | None


def changes(before: Publication | None, after: Publication) -> list[Change]:
    """Every key whose value differs, in a stable order; all of them when there was none."""
    old = _flat(_tree(before)) if before else {}
    new = _flat(_tree(after))
    found = [
        Change(key, old.get(key), new.get(key), _channel_of(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
    return [*_reordered(before, after), *found] if before else found


def restated(found: Sequence[Change], publication: Publication) -> list[str]:
    """The channels (slugs) whose feeds say something else of themselves after these changes."""
    everywhere = any(_EVERYWHERE.fullmatch(one.key) for one in found)
    touched = {one.channel for one in found if _OF_A_FEED.fullmatch(one.key)}
    return [one.slug for one in publication.channels if everywhere or one.slug in touched]


def _reordered(before: Publication, after: Publication) -> list[Change]:
    """The order of channels is theirs on the home page; a new one among them is no new order."""
    was, becomes = ([channel.slug for channel in one.channels] for one in (before, after))
    kept = [slug for slug in becomes if slug in was]
    if kept == [slug for slug in was if slug in becomes]:
        return []
    return [Change("channels", was, becomes, None)]


def _tree(publication: Publication) -> dict[str, Any]:
    tree = publication.model_dump(mode="json", exclude_defaults=True)
    tree["channels"] = {channel["slug"]: channel for channel in tree["channels"]}
    return tree


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {prefix: value}
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        flat |= _flat(inner, f"{prefix}.{key}" if prefix else key)
    return flat


def _channel_of(key: str) -> str | None:
    parts = key.split(".")
    return parts[1] if parts[0] == "channels" and len(parts) > 1 else None
