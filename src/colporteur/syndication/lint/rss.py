"""The rules of RSS 2.0 and the RSS Board's profile of it."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from colporteur.articles.cleaning import is_web_address
from colporteur.syndication.lint.dates import lint_rfc822, rfc822
from colporteur.syndication.lint.elements import (
    ATOM,
    CONTENT,
    Self,
    lint_archive,
    lint_enclosures,
    lint_links,
    lint_media,
    lint_once,
    lint_polling,
    lint_self,
    text,
)
from colporteur.syndication.lint.fault import Fault, fault, quoted
from colporteur.syndication.lint.markup import lint_html
from colporteur.syndication.lint.together import Key
from colporteur.syndication.lint.values import (
    is_number,
    is_uri,
    lint_address,
    lint_language,
    lint_title,
)

MEDIA_TYPE = "application/rss+xml"
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+(?: \([^()]+\))?")
_WIDEST, _HIGHEST = 144, 400
_ONCE = ("title", "link", "description", "language", "ttl", "image", "pubDate", "lastBuildDate")
_ONCE_IN_ITEM = ("title", "link", "guid", "description", "pubDate", "author", f"{CONTENT}encoded")


def items(root: Any) -> list[Any]:
    """The document's entries."""
    return list(root.iterfind("channel/item"))


def lint_feed(root: Any, feed_url: str, now: datetime | None) -> Iterator[Fault]:
    """The channel without its items."""
    if root.get("version") != "2.0":
        yield fault("rss-version", f"The version is {quoted(root.get('version', ''))}.")
    channels = root.findall("channel")
    if len(channels) != 1:
        yield fault("rss-channel", f"There are {len(channels)} channels.")
        return
    (channel,) = channels
    links = channel.findall(f"{ATOM}link")
    yield from lint_once(channel, _ONCE)
    yield from _described(channel)
    yield from _dated(channel, now)
    yield from lint_self(links, Self(MEDIA_TYPE, feed_url))
    yield from lint_links(links)
    yield from lint_archive(channel, links)
    yield from lint_polling(channel)
    yield from _image(channel)
    yield from _order(channel)


def lint_entry(item: Any, now: datetime | None) -> Iterator[Fault]:
    """One item."""
    yield from lint_once(item, _ONCE_IN_ITEM)
    yield from _guid(item)
    title = text(item, "title")
    if not title:
        yield fault("entry-title-missing", "The item has no title.")
    yield from lint_title(title)
    link = text(item, "link")
    if link:
        yield from lint_address(link, "The link")
    elif item.find("guid") is None or not is_web_address(text(item, "guid")):
        yield fault("entry-link-missing", "The item links to no page.")
    yield from _date(item, now)
    for author in item.findall("author"):
        yield from _person(author)
    yield from lint_enclosures(item.iterfind("enclosure"), "url")
    yield from lint_media(item)
    yield from _source(item)
    yield from lint_links(item.iterfind(f"{ATOM}link"))
    yield from _texts(item)


def key(item: Any) -> Key | None:
    """What tells this item from others; RSS has no date of change."""
    return Key(text(item, "guid"), rfc822(text(item, "pubDate")))


def name(item: Any) -> str:
    """What to call the item: its id, else its title or address."""
    return text(item, "guid") or text(item, "title") or text(item, "link")


def _described(channel: Any) -> Iterator[Fault]:
    title, link = text(channel, "title"), text(channel, "link")
    if not title:
        yield fault("feed-title-missing", "The channel has no title.")
    yield from lint_title(title)
    if not link:
        yield fault("feed-link-missing", "The channel has no link.")
    else:
        yield from lint_address(link, "The channel's link")
    if not text(channel, "description"):
        yield fault("feed-description-missing", "The channel has no description.")
    yield from lint_language(text(channel, "language"))
    for one in channel.iterfind("ttl"):
        if not is_number((one.text or "").strip()):
            yield fault("ttl-invalid", f"ttl is {quoted(one.text or '')}.")


def _dated(channel: Any, now: datetime | None) -> Iterator[Fault]:
    for one in channel.iterchildren("pubDate", "lastBuildDate"):
        yield from lint_rfc822(one.text or "", one.tag, now)
    for one in channel.iterchildren("managingEditor", "webMaster"):
        yield from _person(one)


def _image(channel: Any) -> Iterator[Fault]:
    image = channel.find("image")
    if image is None:
        return
    told = {part: text(image, part) for part in ("url", "title", "link")}
    missing = [part for part, value in told.items() if not value]
    if missing:
        yield fault("image-incomplete", f"The image has no {' and no '.join(missing)}.")
    for part in ("url", "link"):
        if told[part]:
            yield from lint_address(told[part], f"The image's {part}")
    differs = [part for part in ("title", "link") if told[part] not in {"", text(channel, part)}]
    if differs:
        yield fault("image-differs", f"The image has another {' and '.join(differs)}.")
    for part, most in (("width", _WIDEST), ("height", _HIGHEST)):
        size = image.findtext(part)
        if size is not None and not (is_number(size.strip(), least=1) and int(size) <= most):
            yield fault("image-size", f"The image's {part} is {quoted(size)}.")


def _order(channel: Any) -> Iterator[Fault]:
    tags = [child.tag for child in channel if isinstance(child.tag, str)]
    if "item" in tags:
        late = [tag for tag in tags[tags.index("item") :] if tag != "item"]
        if late:
            yield fault("items-not-last", f"{late[0].rpartition('}')[2]} stands after an item.")


def _guid(item: Any) -> Iterator[Fault]:
    guid = item.find("guid")
    value = text(item, "guid")
    if not value:
        yield fault("entry-id-missing", "The item has no guid.")
        return
    said = guid.get("isPermaLink", "true")
    if said not in {"true", "false"}:
        yield fault("guid-attribute", f"isPermaLink is {quoted(said)}.")
    elif said == "true" and not is_web_address(value):
        yield fault("guid-permalink", f"{quoted(value)} counts as an address, and is none.")
    elif not is_uri(value):
        yield fault("entry-id-not-uri", f"The guid is {quoted(value)}.")


def _date(item: Any, now: datetime | None) -> Iterator[Fault]:
    date = text(item, "pubDate")
    if not date:
        yield fault("date-missing", "The item has no pubDate.")
    else:
        yield from lint_rfc822(date, "pubDate", now)


def _person(element: Any) -> Iterator[Fault]:
    value = (element.text or "").strip()
    if not _ADDRESS.fullmatch(value):
        yield fault("rss-author", f"{element.tag} is {quoted(value)}.")


def _source(item: Any) -> Iterator[Fault]:
    for source in item.iterfind("source"):
        url = source.get("url")
        if not url or not (source.text or "").strip():
            yield fault("source-incomplete", "The source lacks its title or url.")
        else:
            yield from lint_address(url, "The source")


def _texts(item: Any) -> Iterator[Fault]:
    tags = [child.tag for child in item if child.tag in {"description", f"{CONTENT}encoded"}]
    if tags == [f"{CONTENT}encoded", "description"]:
        yield fault("description-after-content", "content:encoded comes before description.")
    for tag, told in (("description", "description"), (f"{CONTENT}encoded", "content:encoded")):
        yield from lint_html(item.findtext(tag) or "", told)
