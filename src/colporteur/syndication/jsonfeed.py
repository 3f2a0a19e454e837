"""Writes JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from collections.abc import Iterable
from typing import Any

from colporteur.articles.submission import Enclosure
from colporteur.syndication.feed import Entry, Head

_NO_ITEMS = b'"items":[]}'


class JsonFormat:
    """The format; a document is its head with its items' fragments in between."""

    suffix = "json"

    def fragment(self, entry: Entry, _head: Head) -> bytes:
        """An item alone."""
        return _dump(_item(entry))

    def join(self, head: Head, fragments: Iterable[bytes]) -> bytes:
        """The document of a head and its items' fragments."""
        shell = _dump(_head(head) | {"items": []})
        return shell.removesuffix(_NO_ITEMS) + b'"items":[' + b",".join(fragments) + b"]}"


def _head(head: Head) -> dict[str, Any]:
    said: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.home,
        "feed_url": head.url("json"),
        "description": head.description,
        "language": head.language,
        "authors": [{"name": head.author, "url": head.home}],
    }
    if head.hub:
        said["hubs"] = [{"type": "WebSub", "url": head.hub}]
    if head.icon:
        said |= {"icon": head.icon, "favicon": head.icon}
    if head.history.previous is not None:  # what came before is the next to read
        said["next_url"] = head.address_of(head.history.previous, "json")
    return said


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.link,
        "title": entry.title,
        "summary": entry.teaser,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "language": entry.language,
    }
    if entry.content:
        item["content_html"] = entry.content
    else:  # an item must have content in one form or the other
        item["content_text"] = entry.teaser or entry.title
    if entry.authors:
        item["authors"] = [{"name": name} for name in entry.authors]
    if entry.categories:
        item["tags"] = [label for _, label in entry.categories]
    if entry.image:
        item["image"] = entry.image.url
    if entry.enclosure:
        item["attachments"] = [_attachment(entry.enclosure)]
    if entry.source:
        item["_source"] = {
            "about": "The feed that the item was taken over from.",
            "title": entry.source.title,
            "url": entry.source.url,
        }
    return item


def _attachment(file: Enclosure) -> dict[str, Any]:
    known = {"url": file.url, "mime_type": file.type}
    return known | ({"size_in_bytes": file.length} if file.length else {})


JSON = JsonFormat()
