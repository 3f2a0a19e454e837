"""Writes JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from collections.abc import Iterable
from typing import Any

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
        shell = _dump(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": head.title,
                "home_page_url": head.home,
                "feed_url": head.url("json"),
                "description": head.description,
                "language": head.language,
                "items": [],
            }
        )
        return shell.removesuffix(_NO_ITEMS) + b'"items":[' + b",".join(fragments) + b"]}"


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
    return item


JSON = JsonFormat()
