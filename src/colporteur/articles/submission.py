"""What a reader of files or an API hands to intake: one article, not yet checked."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Image:
    """A picture with the author's own alternative text; sizes in pixels, None if unknown."""

    url: str
    alt: str
    width: int | None = None
    height: int | None = None
    type: str | None = None
    length: int | None = None


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with an article, such as its sound; ``length`` in bytes, 0 if unknown."""

    url: str
    type: str
    length: int = 0


@dataclass(frozen=True)
class Origin:
    """The feed that an article was re-syndicated from: its title, its address, its site's."""

    title: str
    url: str
    home: str = ""


@dataclass(frozen=True)
class Told:
    """How new what its teller tells is, by the teller's clock; what is older is not taken.

    ``once`` where what was told at the same moment is not taken either: it may be told again
    by somebody else.
    """

    at: datetime
    once: bool = False


@dataclass(frozen=True)
class Submission:
    """One article as it was handed in; None means "not said", so an update keeps what it had.

    ``listed`` marks a title and teaser from a list of articles, not the article's own page.
    ``part`` marks what only updates a known article: an empty title is not said either, and a
    new text keeps the author's teaser. ``remove`` names what such an article loses.
    """

    title: str
    teaser: str | None = None
    body_html: str | None = None
    language: str | None = None
    url: str | None = None
    external_id: str | None = None
    feed_id: str | None = None
    dated_at: datetime | None = None
    publish_at: datetime | None = None
    topics: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None
    image: Image | None = None
    enclosure: Enclosure | None = None
    source: Origin | None = None
    body_public: bool | None = None
    channels: tuple[str, ...] = ()
    listed: bool = False
    part: bool = False
    remove: frozenset[str] = frozenset()
    told: Told | None = None
