"""What RSS and Atom have in common: names, links, enclosures, media."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from colporteur.syndication.lint.fault import Fault, fault, quoted
from colporteur.syndication.lint.values import is_media_type, is_number, lint_address

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"

NAMESPACES: Mapping[str, str] = {
    "at": TOMBSTONES,
    "atom": ATOM,
    "content": CONTENT,
    "dc": "{http://purl.org/dc/elements/1.1/}",
    "dcterms": "{http://purl.org/dc/terms/}",
    "fh": HISTORY,
    "itunes": "{http://www.itunes.com/dtds/podcast-1.0.dtd}",
    "media": MEDIA,
    "podcast": "{https://podcastindex.org/namespace/1.0}",
    "source": "{http://source.scripting.com/}",
    "sy": SY,
    "thr": "{http://purl.org/syndication/thread/1.0}",
}
"""Prefix to namespace: those that a fragment may use, since its document declares them."""

_SIZES = ("width", "height", "fileSize", "duration", "bitrate")
_PERIODS = frozenset(["hourly", "daily", "weekly", "monthly", "yearly"])


@dataclass(frozen=True)
class Self:
    """What a feed's link to itself must say: its media type, its address if that is known."""

    media_type: str
    url: str


def text(parent: Any, name: str) -> str:
    """An element's text, trimmed; "" if it or the text is missing."""
    return str(parent.findtext(name) or "").strip()


def lint_once(parent: Any, names: Iterable[str]) -> Iterator[Fault]:
    """None of these elements may stand twice in their parent."""
    counts = Counter(child.tag for child in parent)
    for name in names:
        if counts[name] > 1:
            bare = name.rpartition("}")[2]
            yield fault("element-repeated", f"There are {counts[name]} {bare} elements.")


def lint_self(links: Iterable[Any], wanted: Self) -> Iterator[Fault]:
    """One link to the feed itself, with its type and the address where it is served."""
    own = [link for link in links if link.get("rel") == "self"]
    if not own:
        yield fault("self-link-missing", "The feed does not link to itself.")
    if len(own) > 1:
        yield fault("self-link-repeated", f"The feed has {len(own)} links to itself.")
    for link in own[:1]:
        href, kind = link.get("href", ""), link.get("type", "")
        if wanted.url and href != wanted.url:
            yield fault("self-link-wrong", f"It is {quoted(href)}, not {wanted.url}.")
        if kind.partition(";")[0].strip() != wanted.media_type:
            yield fault("self-link-type", f"Its type is {quoted(kind)}, not {wanted.media_type}.")


def lint_archive(feed: Any, links: Iterable[Any]) -> Iterator[Fault]:
    """An archive says that it is one, and leads to the feed itself (RFC 5005 section 4)."""
    relations = {link.get("rel") for link in links}
    marked = feed.find(f"{HISTORY}archive") is not None
    if marked and "current" not in relations:
        yield fault("archive-current-missing", "The archive does not link to the feed itself.")
    if not marked and "next-archive" in relations:
        yield fault("archive-mark-missing", "There is a next-archive, and no fh:archive.")


def lint_links(links: Iterable[Any]) -> Iterator[Fault]:
    """Links of Atom's kind, wherever they stand, lead to whole addresses."""
    for link in links:
        yield from lint_address(link.get("href"), f"The link rel={link.get('rel', 'alternate')}")


def lint_enclosures(found: Iterable[Any], address: str) -> Iterator[Fault]:
    """At most one enclosure, with ``address`` (url in RSS, href in Atom), length and type."""
    found = list(found)
    if len(found) > 1:
        yield fault("enclosure-repeated", f"There are {len(found)} enclosures.")
    for one in found:
        if address == "url" and one.get("length") is None:  # Atom may leave it out
            yield fault("enclosure-incomplete", "The enclosure has no length.")
        else:
            yield from lint_file(one.get(address), one.get("length"), one.get("type"))


def lint_file(url: str | None, length: str | None, kind: str | None) -> Iterator[Fault]:
    """The three things that an enclosure tells of a file; a length of 0 is one not known."""
    url, length, kind = ((one or "").strip() for one in (url, length, kind))
    missing = [name for name, value in (("address", url), ("type", kind)) if not value]
    if missing:
        yield fault("enclosure-incomplete", f"The enclosure has no {' and no '.join(missing)}.")
    if url:
        yield from lint_address(url, "The enclosure")
    if length and not is_number(length):
        yield fault("enclosure-length", f"The enclosure's length is {quoted(length)}.")
    elif not int(length or 0):
        yield fault("enclosure-length-unknown", "The enclosure does not say its length.")
    if kind:
        yield from lint_type(kind, "The enclosure")


def lint_type(kind: str, name: str) -> Iterator[Fault]:
    """A media type has a slash and a known shape."""
    if not is_media_type(kind):
        yield fault("media-type-invalid", f"{name}'s type is {quoted(kind)}.")


def lint_media(entry: Any) -> Iterator[Fault]:
    """Media RSS: pictures and recordings with addresses and numbers, in groups or alone."""
    for one in entry.iter(f"{MEDIA}content", f"{MEDIA}thumbnail"):
        name = one.tag.rpartition("}")[2]
        url = one.get("url")
        if url is not None:
            yield from lint_address(url, f"media:{name}")
        elif name == "thumbnail" or one.find(f"{MEDIA}player") is None:
            yield fault("media-incomplete", f"A media:{name} has no url.")
        yield from _sizes(one, name)
        if kind := one.get("type"):
            yield from lint_type(kind, f"media:{name}")


def lint_polling(parent: Any) -> Iterator[Fault]:
    """How often to poll: the syndication module's names, in their own case."""
    for one in parent:
        if not isinstance(one.tag, str) or not one.tag.startswith(SY):
            continue
        name, value = one.tag.removeprefix(SY), (one.text or "").strip()
        if name not in {"updatePeriod", "updateFrequency", "updateBase"}:
            yield fault("sy-name", f"There is an element sy:{name}.")
        elif (name == "updatePeriod" and value not in _PERIODS) or (
            name == "updateFrequency" and not is_number(value, least=1)
        ):
            yield fault("sy-value", f"sy:{name} is {quoted(value)}.")


def _sizes(one: Any, name: str) -> Iterator[Fault]:
    for size in _SIZES:
        value = one.get(size)
        if value is not None and not _is_size(value, size):
            yield fault("media-size", f"The {size} of media:{name} is {quoted(value)}.")


def _is_size(value: str, size: str) -> bool:
    whole, dot, part = value.partition(".")
    if dot and size in {"duration", "bitrate"}:  # seconds and kilobits may be fractions
        return is_number(whole) and is_number(part)
    return is_number(value, least=1)
