"""Writes JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from typing import Any

from colporteur.syndication.feed import Entry, Feed


def write_json(feed: Feed) -> bytes:
    """The feed as JSON; the same feed gives the same bytes."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url("json"),
        "description": feed.description,
        "language": feed.language,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


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
