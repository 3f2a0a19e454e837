"""What readers of sources are told, and what they hand back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from colporteur.articles.cleaning import title_key
from colporteur.articles.submission import Enclosure, Image, Origin, Submission
from colporteur.publication import Publication

ENTRIES_AT_MOST = 1000  # of one document; feeds have their newest first


@dataclass(frozen=True)
class Asked:
    """What is known before a document is read. ``topics`` leads from folded names to slugs.

    ``url`` is where it came from in the end, ``feed`` the source's address as it is written.
    """

    url: str
    channel: str
    language: str
    now: datetime
    languages: tuple[str, ...] = ()
    topics: Mapping[str, str] = field(default_factory=dict)
    always: tuple[str, ...] = ()
    feed: str = ""
    keep_ids: bool = False


@dataclass(frozen=True)
class Raw:
    """One entry as its document says it, not mended yet.

    ``id`` and ``link`` are as they were written; ``content`` and ``summary`` are HTML.
    ``language`` is the entry's own, ``feed_language`` what its document is in.
    """

    title: str = ""
    title_is_html: bool = False
    id: str | None = None
    link: str | None = None
    base: str = ""
    summary: str = ""
    content: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    feed_language: str | None = None
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    image: Image | None = None
    enclosure: Enclosure | None = None
    source: Origin | None = None


@dataclass(frozen=True)
class Entry:
    """A mended entry. ``key`` is what lists call it; ``updated`` what it says of its change."""

    key: str
    said: Submission
    updated: datetime | None = None


@dataclass(frozen=True)
class Refused:
    """An entry that cannot be taken, with the reason and the cure.

    ``passing`` if it may serve another time as it is.
    """

    key: str
    title: str
    reason: str
    cure: str
    passing: bool = False


@dataclass(frozen=True)
class Harvest:
    """What a document held: not ``whole`` if it breaks off.

    One that is not ``well_formed`` may have more than could be read.
    """

    entries: tuple[Entry, ...] = ()
    refused: tuple[Refused, ...] = ()
    whole: bool = True
    well_formed: bool = True


def topics_by_name(publication: Publication) -> dict[str, str]:
    """Slugs by everything a topic is or was called in any language, folded."""
    found: dict[str, str] = {}
    for slug, topic in publication.topics.items():
        for name in (slug, *topic.formerly, *topic.name.values()):
            found.setdefault(title_key(name), slug)
    return found
