"""Writes RSS 2.0 and Atom (RFC 4287) through feedgen, one generator a format.

Not thread-safe: feedgen switches the process's locale to write dates. One at a time.
"""

import threading

from feedgen.feed import FeedGenerator

from colporteur.syndication.extension import EntryMending, FeedMending
from colporteur.syndication.feed import FORMATS, Entry, Feed

GENERATOR = "Colporteur"
TTL_MINUTES = 60
_one_at_a_time = threading.Lock()


def write_rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0; the same feed gives the same bytes."""
    with _one_at_a_time:
        generator = _generator(feed)
        generator.link(href=feed.home, rel="alternate")
        generator.description(feed.description)
        generator.copyright(feed.rights)
        generator.ttl(TTL_MINUTES)
        for entry in feed.entries:
            item = _add(generator, entry)
            item.description(entry.teaser or entry.title)
            for term, _label in entry.categories:
                item.category(term=term, scheme=f"{feed.site}/topics")
        return bytes(generator.rss_str())


def write_atom(feed: Feed) -> bytes:
    """The feed as Atom; the same feed gives the same bytes."""
    with _one_at_a_time:
        generator = _generator(feed)
        generator.link(href=feed.url("atom"), rel="self", type=FORMATS["atom"])
        generator.link(href=feed.home, rel="alternate", type="text/html")
        generator.subtitle(feed.description)
        generator.rights(feed.rights)
        generator.author(name=feed.title)
        for entry in feed.entries:
            item = _add(generator, entry)
            item.summary(entry.teaser)
            item.published(entry.published)
            for name in entry.authors:
                item.author(name=name)
            for term, label in entry.categories:
                item.category(term=term, scheme=f"{feed.site}/topics", label=label)
        return bytes(generator.atom_str())


def _generator(feed: Feed) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension("mending", FeedMending, EntryMending)
    generator.mending.feed = feed
    generator.id(feed.id)
    generator.title(feed.title)
    generator.language(feed.language)
    generator.updated(feed.updated)
    generator.generator(GENERATOR, uri="https://pypi.org/project/colporteur/")
    return generator


def _add(generator: FeedGenerator, entry: Entry) -> "FeedGenerator":
    item = generator.add_entry(order="append")
    item.mending.entry = entry
    item.id(entry.id)
    item.title(entry.title)
    item.link(href=entry.link)
    item.updated(entry.updated)
    item.pubDate(entry.published)
    if entry.content:
        item.content(entry.content, type="html")
    return item
