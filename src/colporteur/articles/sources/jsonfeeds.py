"""JSON Feed 1.0 and 1.1 (jsonfeed.org), which feedparser 6.0 does not read. Pure."""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

from colporteur.articles.formats.dates import read_date
from colporteur.articles.sources.harvesting import harvest
from colporteur.articles.sources.mending import text_to_html
from colporteur.articles.sources.reading import ENTRIES_AT_MOST, Asked, Harvest, Raw
from colporteur.articles.submission import Enclosure, Image, Origin
from colporteur.exceptions import ArticleRefused, SourceRefused

_SHORT = 10**100
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # intake refuses it, and says why
_NEVER = datetime(1, 1, 1, tzinfo=UTC)  # only durations count from it


def read_json_feed(text: str, asked: Asked) -> Harvest:
    """The items of a JSON Feed, in its order.

    Raises:
        SourceRefused: it is no JSON, or no JSON Feed.
    """
    feed = read_json(text)
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise SourceRefused(
            "The answer is JSON, but no JSON Feed: it has no items.",
            cure='Check the address; for a WordPress site, set kind = "wordpress".',
        )
    home = _text(feed.get("home_page_url")).rstrip("/")
    return harvest(items[:ENTRIES_AT_MOST], partial(_raw, feed), asked, home)


def read_json(text: str) -> Any:
    """What a JSON text says.

    Raises:
        SourceRefused: it is not valid.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        said = "it nests too deep" if isinstance(error, RecursionError) else str(error)[:100]
        raise SourceRefused(
            f"The answer is not valid JSON: {said}.", cure="Check the address in a browser."
        ) from None


def moment(value: object) -> datetime | None:
    """An aware instant, if the value is one; UTC where it says no zone."""
    if not isinstance(value, str) or value.startswith("-"):
        return None
    try:
        return read_date(value.strip(), _NEVER, "date")
    except ArticleRefused:
        return LAST if _is_beyond(value.strip()) else None


def _is_beyond(text: str) -> bool:
    """Whether it is a moment of the calendar's last day that has no UTC any more."""
    try:
        return datetime.fromisoformat(text).year == LAST.year
    except ValueError:
        return False


def _raw(feed: dict[str, Any], item: object) -> Raw:
    if not isinstance(item, dict):
        raise ArticleRefused("The entry is no object.", cure="Ask the site to write one.")
    content = _text(item.get("content_html")) or text_to_html(_text(item.get("content_text")))
    title = _text(feed.get("title"))
    picture = _text(item.get("image")) or _text(item.get("banner_image"))
    return Raw(
        title=_text(item.get("title")),
        id=_text(item.get("id")) or None,
        link=_text(item.get("url")) or _text(item.get("external_url")) or None,
        summary=text_to_html(_text(item.get("summary"))),
        content=content,
        published=moment(item.get("date_published")),
        updated=moment(item.get("date_modified")),
        language=_text(item.get("language")) or None,
        feed_language=_text(feed.get("language")) or None,
        categories=tuple(_text(one) for one in _list(item.get("tags"))),
        authors=_authors(item) or _authors(feed),
        image=Image(picture, "") if picture else None,
        enclosure=_enclosure(item),
        source=Origin(title, "", _text(feed.get("home_page_url"))) if title else None,
    )


def _authors(said: dict[str, Any]) -> tuple[str, ...]:
    people = _list(said.get("authors")) or [said.get("author")]
    return tuple(_text(one.get("name")) for one in people if isinstance(one, dict))


def _enclosure(item: dict[str, Any]) -> Enclosure | None:
    for one in _list(item.get("attachments")):
        kind = _text(one.get("mime_type")) if isinstance(one, dict) else ""
        if kind.startswith(("audio/", "video/", "application/")) and _text(one.get("url")):
            size = one.get("size_in_bytes")
            return Enclosure(_text(one.get("url")), kind, size if type(size) is int else 0)
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Texts as they are; numbers, which 1.0 allowed as ids, written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _SHORT:
        return str(value)
    return ""
