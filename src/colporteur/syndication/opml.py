"""Writes the list of all channels' feeds as OPML 2.0."""

from collections.abc import Sequence

from lxml import etree

from colporteur.syndication.feed import Head


def write_opml(title: str, feeds: Sequence[Head]) -> bytes:
    """An outline for each channel; a reader's program that imports it subscribes to all."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for feed in feeds:
        etree.SubElement(
            body,
            "outline",
            type="rss",
            text=feed.title,
            title=feed.title,
            description=feed.description,
            language=feed.language,
            xmlUrl=feed.url("rss"),
            htmlUrl=feed.home,
        )
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
