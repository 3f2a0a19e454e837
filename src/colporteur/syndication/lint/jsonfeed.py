"""The rules of JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from colporteur.syndication.lint.dates import lint_rfc3339, lint_sequence, rfc3339
from colporteur.syndication.lint.elements import lint_file
from colporteur.syndication.lint.fault import Fault, fault, quoted
from colporteur.syndication.lint.markup import lint_html
from colporteur.syndication.lint.reading import forbidden, strings
from colporteur.syndication.lint.together import Key
from colporteur.syndication.lint.values import (
    is_language,
    is_uri,
    lint_address,
    lint_language,
    lint_title,
)

_VERSIONS = frozenset(f"https://jsonfeed.org/version/{one}" for one in ("1", "1.0", "1.1"))
_FEED_TYPES: Mapping[str, type] = {
    "version": str,
    "title": str,
    "home_page_url": str,
    "feed_url": str,
    "description": str,
    "user_comment": str,
    "next_url": str,
    "icon": str,
    "favicon": str,
    "language": str,
    "authors": list,
    "author": dict,
    "hubs": list,
    "items": list,
    "expired": bool,
}
_ITEM_TYPES: Mapping[str, type] = {
    "url": str,
    "external_url": str,
    "title": str,
    "content_html": str,
    "content_text": str,
    "summary": str,
    "image": str,
    "banner_image": str,
    "date_published": str,
    "date_modified": str,
    "language": str,
    "authors": list,
    "author": dict,
    "attachments": list,
}
_ADDRESSES = ("home_page_url", "feed_url", "next_url", "icon", "favicon")
_ITEM_ADDRESSES = ("url", "external_url", "image", "banner_image")


def items(root: Any) -> list[Any]:
    """The document's entries."""
    found = root.get("items")
    return found if isinstance(found, list) else []


def lint_feed(root: Any, feed_url: str, _now: datetime | None) -> Iterator[Fault]:
    """The feed without its items."""
    feed = {name: value for name, value in root.items() if name != "items"}
    yield from _characters(feed)
    yield from _types(root, _FEED_TYPES)
    version = _text(feed, "version")
    if version not in _VERSIONS:
        yield fault("json-version", f"The version is {quoted(version)}.")
    if "items" not in root:
        yield fault("json-shape", "There is no list of items.")
    title = _text(feed, "title")
    if not title:
        yield fault("feed-title-missing", "The feed has no title.")
    yield from lint_title(title)
    yield from _addresses(feed, _ADDRESSES)
    if not _text(feed, "home_page_url"):
        yield fault("feed-link-missing", "The feed has no home_page_url.")
    yield from _self(_text(feed, "feed_url"), feed_url)
    yield from lint_language(_text(feed, "language"))
    yield from _people(feed)
    for hub in _objects(feed, "hubs"):
        if not _text(hub, "type") or not _text(hub, "url"):
            yield fault("hub-incomplete", "A hub lacks its type or url.")
        yield from _addresses(hub, ("url",))


def lint_entry(item: Any, now: datetime | None) -> Iterator[Fault]:
    """One item."""
    if not isinstance(item, dict):
        yield fault("json-shape", f"An item is {quoted(str(item))}, no object.")
        return
    yield from _characters(item)
    yield from _types(item, _ITEM_TYPES)
    yield from _identity(item)
    title = _text(item, "title")
    if not title:
        yield fault("entry-title-missing", "The item has no title.")
    yield from lint_title(title)
    if not _text(item, "content_html") and not _text(item, "content_text"):
        yield fault("entry-content-missing", "The item has no content.")
    yield from lint_html(_text(item, "content_html"), "content_html")
    if not _text(item, "url"):
        yield fault("entry-link-missing", "The item links to no page.")
    yield from _addresses(item, _ITEM_ADDRESSES)
    yield from _dated(item, now)
    tags = item.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(one, str) for one in tags):
        yield fault("json-tags", f"The tags are {quoted(str(tags))}.")
    yield from _people(item)
    yield from _attachments(item)
    language = _text(item, "language")
    if language and not is_language(language):
        yield fault("language-invalid", f"The item's language is {quoted(language)}.")


def key(item: Any) -> Key | None:
    """What tells this item from others."""
    if not isinstance(item, dict):
        return None
    dates = [rfc3339(_text(item, one)) for one in ("date_published", "date_modified")]
    return Key(_text(item, "id"), *dates)


def name(item: Any) -> str:
    """What to call the item: its id, else its title or address."""
    if not isinstance(item, dict):
        return ""
    found = str(item.get("id") or "") or _text(item, "title") or _text(item, "url")
    return found.encode("utf-8", "backslashreplace").decode()  # it may hold lone surrogates


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    return found.strip() if isinstance(found, str) else ""


def _objects(value: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = value.get(name)
    return (one for one in (found if isinstance(found, list) else []) if isinstance(one, dict))


def _characters(value: Any) -> Iterator[Fault]:
    found = next(filter(None, map(forbidden, strings(value))), None)
    if found is not None:
        yield found


def _types(value: Mapping[str, Any], wanted: Mapping[str, type]) -> Iterator[Fault]:
    for one, kind in wanted.items():
        if one in value and not isinstance(value[one], kind):
            told = f"{one} is {quoted(str(value[one]))}, no {kind.__name__}."
            yield fault("json-shape", told)


def _addresses(value: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Fault]:
    for one in names:
        if _text(value, one):
            yield from lint_address(_text(value, one), one)


def _self(said: str, wanted: str) -> Iterator[Fault]:
    if not said:
        yield fault("self-link-missing", "The feed has no feed_url.")
    elif wanted and said != wanted:
        yield fault("self-link-wrong", f"It is {quoted(said)}, not {wanted}.")


def _identity(item: Mapping[str, Any]) -> Iterator[Fault]:
    value = item.get("id")
    if value is None or value == "" or (isinstance(value, str) and not value.strip()):
        yield fault("entry-id-missing", "The item has no id.")
    elif not isinstance(value, str):
        yield fault("entry-id-type", f"The id is {quoted(str(value))}, no string.")
    elif not is_uri(value):
        yield fault("entry-id-not-uri", f"The id is {quoted(value)}.")


def _dated(item: Mapping[str, Any], now: datetime | None) -> Iterator[Fault]:
    told = {one: _text(item, one) for one in ("date_published", "date_modified")}
    if not told["date_published"]:
        yield fault("date-missing", "The item has no date_published.")
    for one, value in told.items():
        if value:
            yield from lint_rfc3339(value, one, now)
    yield from lint_sequence(rfc3339(told["date_published"]), rfc3339(told["date_modified"]))


def _people(value: Mapping[str, Any]) -> Iterator[Fault]:
    for author in _objects(value, "authors"):
        if not any(_text(author, one) for one in ("name", "url", "avatar")):
            yield fault("author-name-missing", "An author has no name.")
        yield from _addresses(author, ("url", "avatar"))


def _attachments(item: Mapping[str, Any]) -> Iterator[Fault]:
    for one in _objects(item, "attachments"):
        size = one.get("size_in_bytes")
        length = str(size) if isinstance(size, int | str) and not isinstance(size, bool) else ""
        yield from lint_file(_text(one, "url"), length, _text(one, "mime_type"))
