"""Mends and completes what feedgen writes, on the lxml elements it hands to extensions.

feedgen drops ``rel`` and ``type`` from Atom entry links, writes ``sy:`` names in the wrong case,
knows one self link only, and has no language for an entry, no archives and no hub.
"""

from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from colporteur.articles.submission import Image, Origin
from colporteur.syndication.feed import FORMATS, Entry, Head, atom_id

ATOM = "http://www.w3.org/2005/Atom"
_SY = "http://purl.org/rss/1.0/modules/syndication/"
_DC = "http://purl.org/dc/elements/1.1/"
_AT = "http://purl.org/atompub/tombstones/1.0"
_FH = "http://purl.org/syndication/history/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class FeedMending(BaseExtension):  # type: ignore[misc]
    """The feed's own elements. ``head`` is set before writing."""

    head: Head

    def extend_ns(self) -> dict[str, str]:
        """The prefixes used in either format; feedgen asks without saying which."""
        return {"sy": _SY, "dc": _DC, "fh": _FH, "media": _MEDIA}

    def extend_rss(self, rss: Any) -> Any:
        """Links, how often to poll, and what an archive says of itself."""
        channel = rss.find("channel")
        _links(channel, f"{{{ATOM}}}link", self.head, "rss")
        etree.SubElement(channel, f"{{{_SY}}}updatePeriod").text = "hourly"
        etree.SubElement(channel, f"{{{_SY}}}updateFrequency").text = "1"
        if self.head.history.archived:
            etree.SubElement(channel, f"{{{_FH}}}archive")
        _entries_last(channel)
        return rss

    def extend_atom(self, feed: Any) -> Any:
        """Links, and what an archive says of itself."""
        _links(feed, "link", self.head, "atom")
        if self.head.history.archived:
            etree.SubElement(feed, f"{{{_FH}}}archive")
        return feed


class EntryMending(BaseEntryExtension):  # type: ignore[misc]
    """An entry's own elements. ``entry`` is set before writing."""

    entry: Entry

    def extend_rss(self, item: Any) -> Any:
        """Authors by name, since RSS's own author element must be an address; files; source."""
        entry = self.entry
        for name in entry.authors:
            etree.SubElement(item, f"{{{_DC}}}creator").text = name
        etree.SubElement(item, f"{{{_DC}}}language").text = entry.language
        if entry.enclosure:
            known = {"length": str(entry.enclosure.length), "type": entry.enclosure.type}
            etree.SubElement(item, "enclosure", url=entry.enclosure.url, **known)
        if entry.source:
            etree.SubElement(item, "source", url=entry.source.url).text = entry.source.title
        if entry.image:
            _media(item, entry.image)
        return item

    def extend_atom(self, element: Any) -> Any:
        """The link's rel and type, the entry's language; files; source."""
        entry = self.entry
        element.attrib[_XML_LANG] = entry.language
        for link in element.findall("link"):
            known = {"rel": "alternate", "type": "text/html", "hreflang": entry.language}
            link.attrib.update(known)
        if entry.enclosure:
            file = {"rel": "enclosure", "type": entry.enclosure.type, "href": entry.enclosure.url}
            size = {"length": str(entry.enclosure.length)} if entry.enclosure.length else {}
            etree.SubElement(element, "link", **file, **size)
        if entry.source:
            _source(element, entry.source)
        if entry.image:
            _media(element, entry.image)
        return element


def tombstone(entry: Entry) -> bytes:
    """What stands in an Atom feed for an entry that was withdrawn (RFC 6721 section 3)."""
    when = entry.updated.isoformat()
    deleted = etree.Element(f"{{{_AT}}}deleted-entry", nsmap={"at": _AT}, when=when)
    deleted.set("ref", atom_id(entry.id))
    etree.SubElement(deleted, f"{{{_AT}}}comment").text = entry.teaser
    return bytes(etree.tostring(deleted, encoding="UTF-8"))


def _links(parent: Any, tag: str, head: Head, suffix: str) -> None:
    """Where the document itself is, its hub (WebSub) and its history (RFC 5005 section 4)."""
    history, kind = head.history, FORMATS[suffix]
    etree.SubElement(parent, tag, rel="self", type=kind, href=head.url(suffix))
    if head.hub:
        etree.SubElement(parent, tag, rel="hub", href=head.hub)
    pages = {
        "current": head.path if history.archived else None,
        "prev-archive": history.previous,
        "next-archive": history.next,
    }
    for rel, path in pages.items():
        if path is not None:
            address = head.address_of(path, suffix)
            etree.SubElement(parent, tag, rel=rel, type=kind, href=address)


def _entries_last(channel: Any) -> None:
    for item in channel.findall("item"):
        channel.append(item)


def _source(element: Any, origin: Origin) -> None:
    """The feed that the entry was taken over from (RFC 4287 section 4.2.11)."""
    source = etree.SubElement(element, "source")
    etree.SubElement(source, "id").text = origin.url
    etree.SubElement(source, "title").text = origin.title
    etree.SubElement(source, "link", rel="self", href=origin.url)
    if origin.home:
        etree.SubElement(source, "link", rel="alternate", href=origin.home)


def _media(parent: Any, image: Image) -> None:
    sizes = {"width": image.width, "height": image.height}
    known = {name: str(value) for name, value in sizes.items() if value}
    content = etree.SubElement(parent, f"{{{_MEDIA}}}content", url=image.url, medium="image")
    content.attrib.update(known | ({"type": image.type} if image.type else {}))
    if image.alt:
        etree.SubElement(content, f"{{{_MEDIA}}}description", type="plain").text = image.alt
    etree.SubElement(parent, f"{{{_MEDIA}}}thumbnail", url=image.url, **known)
