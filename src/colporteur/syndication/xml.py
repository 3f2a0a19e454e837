"""Writes RSS 2.0 and Atom (RFC 4287) through feedgen, one generator a format.

A feed is its head with its entries' fragments in between, each cut out of what feedgen writes;
joined, they are the bytes that feedgen would have written in one go. Not thread-safe: feedgen
switches the process's locale to write dates. One at a time.
"""

import html
import threading
from collections.abc import Callable, Iterable

from feedgen.feed import FeedGenerator

from colporteur.syndication.extension import EntryMending, FeedMending, tombstone
from colporteur.syndication.feed import Entry, Head, atom_id

GENERATOR = "Colporteur"
TTL_MINUTES = 60
_RSS_IMAGES = (".png", ".jpg", ".jpeg", ".gif")  # all that RSS 2.0 knows
_one_at_a_time = threading.Lock()


class XmlFormat:
    """One of the two formats: how feedgen writes it, and where to cut."""

    def __init__(
        self,
        suffix: str,
        describe: Callable[[FeedGenerator, Head], None],
        describe_entry: Callable[[FeedGenerator, Entry], None],
        cuts: tuple[bytes, bytes, bytes],
    ) -> None:
        self.suffix = suffix
        self._describe = describe
        self._describe_entry = describe_entry
        self._opening, self._closing, self._end = cuts

    def whole(self, head: Head, entries: Iterable[Entry]) -> bytes:
        """The document as feedgen writes it in one go."""
        with _one_at_a_time:
            generator = _generator(head)
            self._describe(generator, head)
            for entry in entries:
                self._describe_entry(_add(generator, entry), entry)
            written = generator.rss_str() if self.suffix == "rss" else generator.atom_str()
        return bytes(written)

    def fragment(self, entry: Entry, head: Head) -> bytes:
        """An entry alone; any head will do, since only its namespaces matter.

        In Atom a retracted one is a tombstone (RFC 6721); RSS has none, and says it in words.
        """
        if entry.retracted and self.suffix == "atom":
            return tombstone(entry)
        document = self.whole(head, [entry])
        start = document.index(self._opening)
        return document[start : document.rindex(self._closing) + len(self._closing)]

    def join(self, head: Head, fragments: Iterable[bytes]) -> bytes:
        """The document of a head and its entries' fragments."""
        shell = self.whole(head, ())
        at = shell.rindex(self._end)
        return b"".join([shell[:at], *fragments, shell[at:]])


def _describe_rss(generator: FeedGenerator, head: Head) -> None:
    generator.link(href=head.home, rel="alternate")
    generator.description(head.description)
    generator.copyright(head.rights)
    generator.ttl(TTL_MINUTES)
    if head.logo.lower().endswith(_RSS_IMAGES):
        generator.image(url=head.logo, title=head.title, link=head.home)


def _describe_item(item: FeedGenerator, entry: Entry) -> None:
    # Programs read it as HTML (RSS Advisory Board's profile), and it is plain text.
    item.description(html.escape(entry.teaser or entry.title, quote=False))
    for term, _label in entry.categories:
        item.category(term=term, scheme=entry.scheme)


def _describe_atom(generator: FeedGenerator, head: Head) -> None:
    generator.link(href=head.home, rel="alternate", type="text/html", hreflang=head.language)
    generator.subtitle(head.description)
    generator.rights(head.rights)
    generator.author(name=head.author)
    generator.icon(head.icon or None)
    generator.logo(head.logo or None)


def _describe_entry(item: FeedGenerator, entry: Entry) -> None:
    item.id(atom_id(entry.id))
    item.summary(entry.teaser)
    item.published(entry.published)
    for name in entry.authors:
        item.author(name=name)
    for term, label in entry.categories:
        item.category(term=term, scheme=entry.scheme, label=label)


def _generator(head: Head) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension("mending", FeedMending, EntryMending)
    generator.mending.head = head
    generator.id(head.id)
    generator.title(head.title)
    generator.language(head.language)
    generator.updated(head.updated)
    generator.generator(GENERATOR, uri="https://pypi.org/project/colporteur/")
    return generator


def _add(generator: FeedGenerator, entry: Entry) -> FeedGenerator:
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


RSS = XmlFormat("rss", _describe_rss, _describe_item, (b"<item>", b"</item>", b"</channel>"))
ATOM = XmlFormat("atom", _describe_atom, _describe_entry, (b"<entry", b"</entry>", b"</feed>"))
