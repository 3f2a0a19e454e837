"""Judges a whole document, a feed's head, or one entry, whichever the format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from colporteur.syndication.lint import atom, jsonfeed, opml, rss
from colporteur.syndication.lint.elements import ATOM, NAMESPACES
from colporteur.syndication.lint.fault import Fault, fault, of_entry, quoted
from colporteur.syndication.lint.reading import Read, parse_json, parse_xml, read
from colporteur.syndication.lint.together import Key, lint_together


@dataclass(frozen=True)
class _Rules:
    """A format's rules: of the feed, of an entry, and how entries are found and named."""

    feed: Callable[[Any, str, datetime | None], Iterator[Fault]]
    entry: Callable[[Any, datetime | None], Iterator[Fault]]
    entries: Callable[[Any], list[Any]]
    key: Callable[[Any], Key | None]
    name: Callable[[Any], str]


_RULES: Mapping[str, _Rules] = {
    "rss": _Rules(rss.lint_feed, rss.lint_entry, rss.items, rss.key, rss.name),
    "atom": _Rules(atom.lint_feed, atom.lint_entry, atom.entries, atom.key, atom.name),
    "json": _Rules(
        jsonfeed.lint_feed, jsonfeed.lint_entry, jsonfeed.items, jsonfeed.key, jsonfeed.name
    ),
}
_DECLARED = "".join(f' xmlns:{prefix}="{uri[1:-1]}"' for prefix, uri in NAMESPACES.items())
_WRAPPED = {
    "rss": (f"<rss{_DECLARED}>", "</rss>", {"item"}),
    "atom": (f'<feed xmlns="{ATOM[1:-1]}"{_DECLARED}>', "</feed>", {f"{ATOM}entry", atom.DELETED}),
}


def lint_document(body: bytes, *, feed_url: str = "", now: datetime | None = None) -> list[Fault]:
    """Every fault of an RSS 2.0, Atom, JSON Feed or OPML 2.0 document, which it tells by itself.

    ``feed_url`` is where it is served, if that is known; without ``now`` no date is too late.
    What cannot be read at all has one fault, which says why.
    """
    found = read(body)
    if isinstance(found, Fault):
        return [found]
    kind = _kind(found.root)
    if isinstance(kind, Fault):
        return [kind]
    if kind == "opml":
        return [*found.faults, *opml.lint_list(found.root, now)]
    rules = _RULES[kind]
    entries = rules.entries(found.root)
    keys = [key for key in map(rules.key, entries) if key is not None]
    return [
        *found.faults,
        *rules.feed(found.root, feed_url, now),
        *(one for entry in entries for one in _entry(rules, entry, now)),
        *lint_together(keys),
    ]


def lint_head(
    body: bytes, suffix: str, *, feed_url: str = "", now: datetime | None = None
) -> list[Fault]:
    """The faults of a feed itself; of its entries, if there are any, only who wrote them."""
    found = _read_as(body, suffix)
    if isinstance(found, Fault):
        return [found]
    if suffix == "opml":
        return [*found.faults, *opml.lint_list(found.root, now)]
    return [*found.faults, *_RULES[suffix].feed(found.root, feed_url, now)]


def lint_fragment(fragment: bytes, suffix: str, *, now: datetime | None = None) -> list[Fault]:
    """The faults of one entry as ``fragments`` keeps it: cut out of its document."""
    try:
        text = fragment.decode()
    except UnicodeDecodeError as error:
        return [fault("encoding-wrong", f"It is not UTF-8: {error}.")]
    found = parse_json(text) if suffix == "json" else _unwrapped(text, suffix)
    if isinstance(found, Fault):
        return [found]
    return list(_entry(_RULES[suffix], found, now))


def kind_of(body: bytes) -> str:
    """The format of a document as a suffix (rss, atom, json, opml); "" if it is none of them."""
    found = read(body)
    kind = "" if isinstance(found, Fault) else _kind(found.root)
    return "" if isinstance(kind, Fault) else kind


def _entry(rules: _Rules, entry: Any, now: datetime | None) -> Iterator[Fault]:
    return of_entry(rules.name(entry), rules.entry(entry, now))


def _read_as(body: bytes, suffix: str) -> Read | Fault:
    found = read(body)
    if isinstance(found, Fault):
        return found
    kind = _kind(found.root)
    if isinstance(kind, Fault):
        return kind
    if kind != suffix:
        return fault("document-format", f"It is {kind}, where {suffix} is wanted.")
    return found


def _unwrapped(text: str, suffix: str) -> Any | Fault:
    """The one element of a fragment, with the prefixes that its document declares."""
    opening, closing, tags = _WRAPPED[suffix]
    root = parse_xml(opening + text + closing)
    if isinstance(root, Fault):
        return root
    beside = [root.text, *(child.tail for child in root)]
    if len(root) != 1 or root[0].tag not in tags or any((one or "").strip() for one in beside):
        return fault("entry-not-single", f"It is {quoted(text)}.")
    return root[0]


def _kind(root: Any) -> str | Fault:
    if isinstance(root, dict):
        is_feed = "jsonfeed.org" in str(root.get("version")) or "items" in root
        return "json" if is_feed else fault("document-unknown", "It is JSON, but no JSON Feed.")
    if isinstance(root, list):
        return fault("document-unknown", "It is a JSON list, no JSON Feed.")
    known = {"rss": "rss", "opml": "opml", f"{ATOM}feed": "atom"}
    if root.tag in known:
        return known[root.tag]
    told = {"RDF": "RSS 1.0 (RDF)", "feed": "Atom 0.3", "entry": "a lone Atom entry"}
    bare = str(root.tag).rpartition("}")[2]
    return fault("document-unknown", f"It is {told.get(bare, f'XML of the kind {quoted(bare)}')}.")
