"""RSS, Atom, RDF and whatever feedparser reads; JSON Feed goes to its own reader. Pure.

feedparser gets clean UTF-8 and no base: so ids stay as they are written, and ``mending`` makes
links whole. Its sanitiser is off, since intake has one.
"""

import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import feedparser

from colporteur.articles.sources.bounding import bounded
from colporteur.articles.sources.document import decoded, refuse_html, root_of
from colporteur.articles.sources.harvesting import harvest, named
from colporteur.articles.sources.jsonfeeds import LAST, read_json_feed
from colporteur.articles.sources.markup import pixels
from colporteur.articles.sources.mending import text_to_html
from colporteur.articles.sources.reading import (
    ENTRIES_AT_MOST,
    Asked,
    Harvest,
    Raw,
    Refused,
)
from colporteur.articles.submission import Enclosure, Image, Origin
from colporteur.exceptions import SourceRefused

# A base that relative links do not join, and that is not empty: feedparser would then let one
# entry's xml:base go on in the next.
_NO_BASE = "mailto:"
_ANSWER = {"content-type": "application/xml; charset=utf-8", "content-location": _NO_BASE + "none"}
_HTML_TYPES = {"text/html", "application/xhtml+xml"}
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)
_MEDIA_TEXT = re.compile(r"<(media:(?:title|description))\b[^>]*>")
_URL = re.compile(r"""\burl\s*=\s*["']([^"']{1,2000})["']""")
_ROOT_END = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?:(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w*);)?")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_LENGTH_DIGITS = 12


def read_feed(body: bytes, headers: Mapping[str, str], asked: Asked) -> Harvest:
    """The entries of a feed, in its order.

    Raises:
        SourceRefused: it is no feed, or not safe to read.
    """
    text = decoded(body, headers, asked.language)
    if text.lstrip()[:1] in {"{", "["}:
        return read_json_feed(text, asked)
    root = root_of(text)
    refuse_html(root, "a feed", asked.url)
    root, alts = without_media_texts(bounded(root))
    parsed = _parsed(root)
    if parsed.bozo:
        parsed = _parsed(_with_xml_entities(root))
    if not parsed.version and not parsed.entries:
        raise SourceRefused(
            "The answer is no feed: neither RSS, nor Atom, nor JSON Feed.",
            cure="Check the address in a browser.",
        )
    home = str(parsed.feed.get("link") or "").rstrip("/")
    found = parsed.entries[:ENTRIES_AT_MOST]
    whole = not parsed.bozo or _ROOT_END.search(root, max(0, len(root) - 200)) is not None
    kept = found if whole else found[:-1]
    taken = harvest(kept, partial(_raw, parsed.feed, alts), asked, home)
    taken = replace(taken, well_formed=not parsed.bozo)
    if whole:
        return taken
    broken = [named(_raw(parsed.feed, alts, one), asked, len(found)) for one in found[-1:]]
    return _broken_off(taken, broken)


def _parsed(text: str) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(text.encode()),
            response_headers=_ANSWER,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception:  # noqa: BLE001 - it stumbles over some elements that hold nothing
        raise SourceRefused(
            "The feed is damaged beyond reading.", cure="Have it checked: colporteur feeds check."
        ) from None


def _with_xml_entities(text: str) -> str:
    """The feed without bare ampersands and HTML's entities, for which XML has no words."""
    return _AMPERSAND.sub(lambda found: _entity(found[0], found[1]), text)


def _entity(written: str, name: str | None) -> str:
    if name is None:
        return "&amp;"
    if name.startswith("#") or name in _XML_ENTITIES:
        return written
    char = html.unescape(written)
    return f"&amp;{name};" if char == written else char


def without_media_texts(text: str) -> tuple[str, dict[str, str]]:
    """The feed without ``media:title`` and ``media:description``, and those texts by picture.

    feedparser would take a picture's text for the entry's.
    """
    kept: list[str] = []
    alts: dict[str, str] = {}
    at = 0
    for start, inside, end in _media_texts(text):
        kept.append(text[at:start])
        before = text.rfind("<media:content", max(0, start - 4000), start)
        url = _URL.search(text, before, start) if before >= 0 else None
        if url and inside.strip() and text.startswith("<media:description", start):
            alt = inside.strip().removeprefix("<![CDATA[").removesuffix("]]>")
            alts[html.unescape(url[1])] = html.unescape(alt)
        at = end
    return "".join([*kept, text[at:]]), alts


def _media_texts(text: str) -> Iterator[tuple[int, str, int]]:
    """Where each such element starts, what is in it, where it ends; one pass."""
    for name in ("media:title", "media:description"):
        if f"<{name}" in text and f"</{name}>" not in text:
            return
    at = 0
    while (found := _MEDIA_TEXT.search(text, at)) is not None:
        if found[0].endswith("/>"):
            at = found.end()
            yield found.start(), "", at
            continue
        close = f"</{found[1]}>"
        stop = text.find(close, found.end())
        if stop < 0:
            return
        at = stop + len(close)
        yield found.start(), text[found.end() : stop], at


def _broken_off(taken: Harvest, names: list[str]) -> Harvest:
    """The document ends in the middle: its last entry may be half of one."""
    cut = [
        Refused(name, "", "The document breaks off in this entry.", "It is read again next time.")
        for name in names
    ]
    return replace(taken, refused=(*taken.refused, *cut), whole=False)


def _raw(feed: Any, alts: Mapping[str, str], entry: Any) -> Raw:
    content, base = _content(entry)
    summary = _markup(entry.get("summary_detail") or {}, str(entry.get("summary") or ""))
    own, feeds = _languages(entry, feed)
    origin = entry.get("source") or {}
    link = entry.get("link")
    if link and link == entry.get("id") and not link.startswith(("http://", "https://")):
        link = None  # a guid that says, or lets one think, that it is a link
    return Raw(
        title=str(entry.get("title") or ""),
        title_is_html=(entry.get("title_detail") or {}).get("type") in _HTML_TYPES,
        id=entry.get("id"),
        link=link,
        base="" if base.startswith(_NO_BASE) else base,
        summary="" if summary == content else summary,
        content=content,
        published=_moment(entry, "published_parsed") or _moment(entry, "created_parsed"),
        updated=_moment(entry, "updated_parsed"),
        language=own,
        feed_language=feeds,
        categories=tuple(
            str(name) for tag in entry.get("tags") or () for name in (tag.term, tag.label) if name
        ),
        authors=tuple(str(one.get("name") or "") for one in entry.get("authors") or ()),
        image=_image(entry, alts),
        enclosure=_enclosure(entry),
        source=_origin(origin, feed),
    )


def _origin(own: Mapping[str, Any], feed: Any) -> Origin | None:
    """The feed that an entry says it is from, else the one it is in; ``mending`` adds that one's address."""
    if own.get("title") and (own.get("href") or own.get("link")):
        return Origin(
            str(own["title"]), str(own.get("href") or own.get("link")), str(own.get("link") or "")
        )
    title = str(feed.get("title") or "")
    return Origin(title, "", str(feed.get("link") or "")) if title else None


def _content(entry: Any) -> tuple[str, str]:
    """The longest of an entry's texts as HTML, and what its relative links start from."""
    texts = [
        (_markup(one, one.get("value") or ""), one.get("base") or "")
        for one in entry.get("content") or ()
    ]
    summary_base = (entry.get("summary_detail") or {}).get("base") or ""
    return max(texts, key=lambda one: len(one[0]), default=("", summary_base))


def _markup(detail: Mapping[str, Any], value: str) -> str:
    if detail.get("type") == "text/plain":
        return text_to_html(value)
    return value


def _languages(entry: Any, feed: Any) -> tuple[str | None, str | None]:
    """What the entry alone is in, and what the feed is in."""
    feeds = feed.get("language")
    details = [
        *(entry.get("content") or ()),
        entry.get("summary_detail"),
        entry.get("title_detail"),
    ]
    said = [one.get("language") for one in details if one and one.get("language")]
    return next((tag for tag in said if tag != feeds), None), feeds


def _moment(entry: Any, name: str) -> datetime | None:
    parts = entry.get(name) if name in entry else None
    if not parts:
        return None
    year, month, day, hour, minute, second = parts[:6]
    if year > LAST.year:  # the last day of the calendar, in a zone west of UTC
        return LAST
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _image(entry: Any, alts: Mapping[str, str]) -> Image | None:
    contents = [one for one in entry.get("media_content") or () if _is_picture(one)]
    contents.sort(key=lambda one: pixels(one.get("width")) or 0, reverse=True)
    enclosed = [one for one in _enclosures(entry) if _is_picture(one)]
    own = entry.get("image") or {}
    for one in (*contents, *enclosed, *(entry.get("media_thumbnail") or ()), own):
        url = one.get("url") or one.get("href")
        if url:
            return Image(
                url,
                alts.get(url, ""),
                pixels(one.get("width")),
                pixels(one.get("height")),
                one.get("type") if _is_picture(one) else None,
            )
    return None


def _is_picture(one: Mapping[str, Any]) -> bool:
    kind = str(one.get("type") or "")
    url = str(one.get("url") or one.get("href") or "")
    return (
        kind.startswith("image/")
        or one.get("medium") == "image"
        or (not kind and _PICTURE.search(url) is not None)
    )


def _enclosures(entry: Any) -> list[Any]:
    return [one for one in entry.get("links") or () if one.get("rel") == "enclosure"]


def _enclosure(entry: Any) -> Enclosure | None:
    """The first enclosure that is no picture."""
    for one in _enclosures(entry):
        url, kind = one.get("href"), str(one.get("type") or "")
        if url and kind.startswith(("audio/", "video/", "application/")):
            said = str(one.get("length") or "")
            short = said.isdecimal() and len(said) <= _LENGTH_DIGITS
            return Enclosure(url, kind, int(said) if short else 0)
    return None
