"""Mends and completes what feedgen writes, on the lxml elements it hands to extensions.

feedgen drops ``rel`` and ``type`` from Atom entry links, writes ``sy:`` names in the wrong case,
knows one self link only, and has no language for an entry.
"""

from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from colporteur.syndication.feed import FORMATS, Entry, Head

ATOM = "http://www.w3.org/2005/Atom"
_SY = "http://purl.org/rss/1.0/modules/syndication/"
_DC = "http://purl.org/dc/elements/1.1/"
_AT = "http://purl.org/atompub/tombstones/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class FeedMending(BaseExtension):  # type: ignore[misc]
    """The feed's own elements. ``head`` is set before writing."""

    head: Head

    def extend_ns(self) -> dict[str, str]:
        """The prefixes used in either format; feedgen asks without saying which."""
        return {"sy": _SY, "dc": _DC, "media": _MEDIA}

    def extend_rss(self, rss: Any) -> Any:
        """Self link and how often to poll."""
        channel = rss.find("channel")
        link = etree.SubElement(channel, f"{{{ATOM}}}link")
        link.attrib.update({"href": self.head.url("rss"), "rel": "self", "type": FORMATS["rss"]})
        etree.SubElement(channel, f"{{{_SY}}}updatePeriod").text = "hourly"
        etree.SubElement(channel, f"{{{_SY}}}updateFrequency").text = "1"
        _entries_last(channel)
        return rss

    def extend_atom(self, feed: Any) -> Any:
        """Nothing: feedgen writes all that an Atom feed needs."""
        return feed


class EntryMending(BaseEntryExtension):  # type: ignore[misc]
    """An entry's own elements. ``entry`` is set before writing."""

    entry: Entry

    def extend_rss(self, item: Any) -> Any:
        """Authors by name, since RSS's own author element must be an address; the image."""
        for name in self.entry.authors:
            etree.SubElement(item, f"{{{_DC}}}creator").text = name
        _media(item, self.entry)
        return item

    def extend_atom(self, element: Any) -> Any:
        """The link's rel and type, the entry's language, the image."""
        element.attrib[_XML_LANG] = self.entry.language
        for link in element.findall("link"):
            known = {"rel": "alternate", "type": "text/html", "hreflang": self.entry.language}
            link.attrib.update(known)
        _media(element, self.entry)
        return element


def tombstone(entry: Entry) -> bytes:
    """What stands in an Atom feed for an entry that was withdrawn (RFC 6721 section 3)."""
    when = entry.updated.isoformat()
    deleted = etree.Element(f"{{{_AT}}}deleted-entry", nsmap={"at": _AT}, ref=entry.id, when=when)
    etree.SubElement(deleted, f"{{{_AT}}}comment").text = entry.teaser
    return bytes(etree.tostring(deleted, encoding="UTF-8"))


def _entries_last(channel: Any) -> None:
    for item in channel.findall("item"):
        channel.append(item)


def _media(parent: Any, entry: Entry) -> None:
    image = entry.image
    if image is None:
        return
    content = etree.SubElement(parent, f"{{{_MEDIA}}}content", url=image.url, medium="image")
    known = {"width": image.width, "height": image.height, "type": image.type}
    content.attrib.update({name: str(value) for name, value in known.items() if value})
    if image.alt:
        etree.SubElement(content, f"{{{_MEDIA}}}description", type="plain").text = image.alt
