"""Which feeds a publication has: one a channel, one for each of its topics, one of everything.

Pure: a publication in, the feeds' names and addresses out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from colporteur.editions.addresses import archive_path
from colporteur.publication import Channel, Publication

ALL = "all"
ALL_LIMIT = 50
EDITIONS = "editions"
EDITIONS_LIMIT = 30


@dataclass(frozen=True)
class Scope:
    """What a feed is about. ``path`` has no suffix; no channel means all of them."""

    path: str
    title: str
    description: str
    language: str
    home: str
    limit: int
    channel: str | None = None
    topic: str | None = None


def scopes(publication: Publication) -> Iterator[Scope]:
    """Every feed of a publication, channels in order, each before its topics."""
    for channel in publication.channels:
        yield channel_scope(publication, channel)
        for topic in channel.topics:
            yield _topic(publication, channel, topic)
    language = publication.languages[0]
    yield Scope(
        path=f"feeds/{ALL}",
        title=publication.title,
        description=publication.tagline.get(language, publication.title),
        language=language,
        home="",
        limit=ALL_LIMIT,
    )


def channel_scope(publication: Publication, channel: Channel) -> Scope:
    """The feed of a whole channel."""
    tagline = publication.tagline.get(channel.language, channel.title)
    return Scope(
        path=f"feeds/{channel.slug}",
        title=f"{publication.title} · {channel.title}",
        description=channel.description or tagline,
        language=channel.language,
        home=channel.slug,
        limit=channel.feed.limit,
        channel=channel.slug,
    )


def editions_scope(publication: Publication, channel: Channel, title: str) -> Scope:
    """The feed of a channel's past editions; ``title`` is what they are called in its language."""
    whole = channel_scope(publication, channel)
    return replace(
        whole,
        path=editions_path(channel.slug),
        title=f"{whole.title} · {title}",
        home=archive_path(channel.slug).removeprefix("/"),
        limit=EDITIONS_LIMIT,
    )


def editions_path(slug: str) -> str:
    """The path of a channel's feed of editions."""
    return f"feeds/{EDITIONS}/{slug}"


def _topic(publication: Publication, channel: Channel, topic: str) -> Scope:
    name = publication.topics[topic].name.get(channel.language, topic)
    return Scope(
        path=f"feeds/{channel.slug}/{topic}",
        title=f"{publication.title} · {channel.title} · {name}",
        description=channel.description or name,
        language=channel.language,
        home=channel.slug,
        limit=channel.feed.limit,
        channel=channel.slug,
        topic=topic,
    )
