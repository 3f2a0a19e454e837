"""The rules of Atom (RFC 4287), archives (RFC 5005) and tombstones (RFC 6721)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from colporteur.syndication.lint.dates import lint_rfc3339, lint_sequence, rfc3339
from colporteur.syndication.lint.elements import (
    ATOM,
    TOMBSTONES,
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
from colporteur.syndication.lint.fault import Fault, fault, of_entry, quoted
from colporteur.syndication.lint.markup import lint_elements, lint_html
from colporteur.syndication.lint.together import Key
from colporteur.syndication.lint.values import (
    is_language,
    is_uri,
    lint_address,
    lint_language,
    lint_title,
)

MEDIA_TYPE = "application/atom+xml"
DELETED = f"{TOMBSTONES}deleted-entry"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TEXTS = ("title", "subtitle", "summary", "rights")
_ONCE = tuple(
    ATOM + name
    for name in ("id", "title", "updated", "subtitle", "rights", "icon", "logo", "generator")
)
_ONCE_IN_ENTRY = tuple(
    ATOM + name for name in ("id", "title", "updated", "published", "summary", "content", "source")
)


def entries(root: Any) -> list[Any]:
    """The document's entries, tombstones among them."""
    return [child for child in root if child.tag in {f"{ATOM}entry", DELETED}]


def lint_feed(root: Any, feed_url: str, now: datetime | None) -> Iterator[Fault]:
    """The feed without its entries, but for authors, whom either may name."""
    links = root.findall(f"{ATOM}link")
    yield from lint_once(root, _ONCE)
    yield from _identity(root)
    yield from _titled(root, "feed")
    updated = text(root, f"{ATOM}updated")
    if not updated:
        yield fault("feed-updated-missing", "The feed has no updated.")
    else:
        yield from lint_rfc3339(updated, "updated", now)
    yield from lint_language(root.get(_LANG, ""))
    yield from lint_self(links, Self(MEDIA_TYPE, feed_url))
    yield from _linked(root)
    yield from lint_archive(root, links)
    yield from lint_polling(root)
    for name in ("icon", "logo"):
        for one in root.iterfind(ATOM + name):
            yield from lint_address(one.text, f"The {name}")
    yield from _people(root)
    yield from _text_types(root)
    yield from _unsigned(root)


def lint_entry(entry: Any, now: datetime | None) -> Iterator[Fault]:
    """One entry or tombstone; who wrote it is the feed's to say as well."""
    if entry.tag == DELETED:
        yield from _tombstone(entry, now)
        return
    yield from lint_once(entry, _ONCE_IN_ENTRY)
    value = text(entry, f"{ATOM}id")
    if not value:
        yield fault("entry-id-missing", "The entry has no id.")
    elif not is_uri(value):
        yield fault("entry-id-not-uri", f"The id is {quoted(value)}.")
    yield from _titled(entry, "entry")
    yield from _dated(entry, now)
    yield from _linked(entry)
    yield from _people(entry)
    yield from _text_types(entry)
    yield from _content(entry)
    yield from _source(entry)
    yield from lint_media(entry)
    if _LANG in entry.attrib and not is_language(entry.get(_LANG)):
        yield fault("language-invalid", f"The entry's language is {quoted(entry.get(_LANG))}.")


def key(entry: Any) -> Key | None:
    """What tells this entry from others; None for a tombstone."""
    if entry.tag == DELETED:
        return None
    dates = [rfc3339(text(entry, ATOM + one)) for one in ("published", "updated")]
    return Key(text(entry, f"{ATOM}id"), *dates)


def name(entry: Any) -> str:
    """What to call the entry: its id, else its title."""
    if entry.tag == DELETED:
        return str(entry.get("ref", ""))
    return text(entry, f"{ATOM}id") or text(entry, f"{ATOM}title")


def _identity(root: Any) -> Iterator[Fault]:
    value = text(root, f"{ATOM}id")
    if not value:
        yield fault("feed-id-missing", "The feed has no id.")
    elif not is_uri(value):
        yield fault("feed-id-not-uri", f"The feed's id is {quoted(value)}.")


def _titled(parent: Any, called: str) -> Iterator[Fault]:
    title = parent.find(f"{ATOM}title")
    words = "" if title is None else "".join(title.itertext())
    if not words.strip():
        yield fault(f"{called}-title-missing", f"The {called} has no title.")
    elif title.get("type", "text") == "text":
        yield from lint_title(words)
    else:
        # Markup is allowed here, but not by us: many readers show it as it stands.
        marked = any(True for _ in title.iter(f"{{{_XHTML}}}*")) if len(title) else "<" in words
        if marked and title.get("type") == "html":
            yield fault("title-markup", f"The title {quoted(words.strip())} holds HTML.")


_XHTML = "http://www.w3.org/1999/xhtml"


def _dated(entry: Any, now: datetime | None) -> Iterator[Fault]:
    told = {one: text(entry, ATOM + one) for one in ("published", "updated")}
    if not told["updated"]:
        yield fault("date-missing", "The entry has no updated.")
    for one, value in told.items():
        if value:
            yield from lint_rfc3339(value, one, now)
    yield from lint_sequence(rfc3339(told["published"]), rfc3339(told["updated"]))


def _linked(parent: Any) -> Iterator[Fault]:
    links = parent.findall(f"{ATOM}link")
    yield from lint_links(links)
    alternates = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in links
        if link.get("rel", "alternate") == "alternate"
    )
    if any(count > 1 for count in alternates.values()):
        yield fault("link-repeated", "Two alternate links have the same type and language.")
    enclosures = [link for link in links if link.get("rel") == "enclosure"]
    yield from lint_enclosures(enclosures, "href")
    if not alternates and parent.tag == f"{ATOM}entry":
        yield from _unlinked(parent)


def _unlinked(entry: Any) -> Iterator[Fault]:
    if entry.find(f"{ATOM}content") is None:
        yield fault("entry-content-missing", "The entry has neither content nor a link to a page.")
    else:
        yield fault("entry-link-missing", "The entry links to no page.")


def _people(parent: Any) -> Iterator[Fault]:
    for person in parent.iterfind(f"{ATOM}author"):
        if not text(person, f"{ATOM}name"):
            yield fault("author-name-missing", "An author has no name.")
        if uri := text(person, f"{ATOM}uri"):
            yield from lint_address(uri, "An author's uri")
    for category in parent.iterfind(f"{ATOM}category"):
        if not category.get("term"):
            yield fault("category-term-missing", "A category has no term.")


def _text_types(parent: Any) -> Iterator[Fault]:
    for one in _TEXTS:
        for element in parent.iterfind(ATOM + one):
            kind = element.get("type", "text")
            if kind not in {"text", "html", "xhtml"}:
                yield fault("text-type", f"The type of {one} is {quoted(kind)}.")
            elif one != "title":
                yield from _markup(element, kind, one)


def _content(entry: Any) -> Iterator[Fault]:
    for content in entry.iterfind(f"{ATOM}content"):
        kind = content.get("type")
        if not kind:
            yield fault("content-type-missing", "The content does not say its type.")
        elif kind not in {"text", "html", "xhtml"} and "/" not in kind:
            yield fault("text-type", f"The type of content is {quoted(kind)}.")
        if "src" in content.attrib:
            yield from lint_address(content.get("src"), "The content's src")
        yield from _markup(content, kind or "html", "content")


def _markup(element: Any, kind: str, called: str) -> Iterator[Fault]:
    if kind in {"html", "text/html"}:
        yield from lint_html(element.text or "", called)
    elif kind == "xhtml":
        for child in element:
            yield from lint_elements(child, called)


def _source(entry: Any) -> Iterator[Fault]:
    for source in entry.iterfind(f"{ATOM}source"):
        if not text(source, f"{ATOM}title"):
            yield fault("source-incomplete", "The source has no title.")
        yield from lint_links(source.iterfind(f"{ATOM}link"))


def _unsigned(root: Any) -> Iterator[Fault]:
    if root.find(f"{ATOM}author") is not None:
        return
    for entry in root.iterfind(f"{ATOM}entry"):
        if entry.find(f"{ATOM}author") is None and entry.find(f"{ATOM}source/{ATOM}author") is None:
            told = fault("entry-author-missing", "Neither the entry nor the feed has an author.")
            yield from of_entry(name(entry), [told])


def _tombstone(entry: Any, now: datetime | None) -> Iterator[Fault]:
    missing = [one for one in ("ref", "when") if not entry.get(one, "").strip()]
    if missing:
        yield fault("tombstone-incomplete", f"The tombstone has no {' and no '.join(missing)}.")
    if when := entry.get("when", "").strip():
        yield from lint_rfc3339(when, "when", now)
    yield from lint_links(entry.iterfind(f"{ATOM}link"))
