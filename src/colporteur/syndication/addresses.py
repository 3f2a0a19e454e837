"""Where a feed's former address leads: elsewhere for ever, or nowhere any more. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from colporteur.publication import Publication

_PATH = re.compile(
    r"feeds/(?P<editions>editions/)?(?P<channel>[^/.]+)(?:/(?!archive/)(?P<topic>[^/.]+))?"
    r"(?P<page>/archive/[0-9a-f-]+)?\.(?P<suffix>rss|atom|json)"
)


@dataclass(frozen=True)
class FormerNames:
    """The publication in force, and the slugs of channels and topics it had once."""

    publication: Publication
    channels: Collection[str]
    topics: Collection[str]


def moved_to(path: str, names: FormerNames) -> str | None:
    """The path that replaced a former one (301), or None."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    channel = _heir(
        found["channel"], {one.slug: one.formerly for one in names.publication.channels}
    )
    topics = {slug: topic.formerly for slug, topic in names.publication.topics.items()}
    topic = _heir(found["topic"], topics) if found["topic"] else ""
    if channel is None or topic is None:
        return None
    feed = f"feeds/{found['editions'] or ''}{channel}" + (f"/{topic}" if topic else "")
    there = f"{feed}{found['page'] or ''}.{found['suffix']}"
    return there if there != path else None


def is_gone(path: str, names: FormerNames) -> bool:
    """Whether the path was a feed's once and is no more (410)."""
    found = _PATH.fullmatch(path)
    if found is None or _is_offered(found, names.publication):
        return False
    channels = {*names.channels, *(one.slug for one in names.publication.channels)}
    if found["editions"] and found["channel"] not in names.channels:
        return False  # it comes with the channel's first edition
    topics = {*names.topics, *names.publication.topics}
    return found["channel"] in channels and (not found["topic"] or found["topic"] in topics)


def _is_offered(found: re.Match[str], publication: Publication) -> bool:
    """Whether the publication has that feed, whose document then only comes with the next build.

    Programs give up for good what they are told is gone.
    """
    topics = [one.topics for one in publication.channels if one.slug == found["channel"]]
    return (
        bool(topics) and not found["page"] and (not found["topic"] or found["topic"] in topics[0])
    )


def _heir(slug: str, formerly: dict[str, tuple[str, ...]]) -> str | None:
    if slug in formerly:
        return slug
    return next((name for name, former in formerly.items() if slug in former), None)
