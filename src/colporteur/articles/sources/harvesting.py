"""From raw entries to those that can be taken and those that cannot, whatever the format. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from colporteur.articles.sources.mending import key_of, mended
from colporteur.articles.sources.reading import Asked, Entry, Harvest, Raw, Refused
from colporteur.exceptions import ArticleRefused

_T = TypeVar("_T")
PLACE = "entry "  # of one that nothing names: its place follows


def harvest(
    items: Sequence[_T], raw_of: Callable[[_T], Raw], asked: Asked, home: str = ""
) -> Harvest:
    """Read and mend each item of a document; one that is broken stops none.

    An id or link that several entries share, or a link to ``home``, names none of them.
    """
    raws: list[Raw] = []
    refused: list[Refused] = []
    for place, item in enumerate(items, 1):
        try:
            raws.append(raw_of(item))
        except ArticleRefused as refusal:
            refused.append(Refused(f"{PLACE}{place}", "", refusal.message, refusal.cure))
        except Exception as error:  # noqa: BLE001 - one entry's surprise must not stop the others
            refused.append(_surprise(f"{PLACE}{place}", "", error))
    entries: list[Entry] = []
    for place, raw in enumerate(_told_apart(raws, home), 1):
        try:
            entries.append(mended(raw, asked))
        except ArticleRefused as refusal:
            name = named(raw, asked, place)
            refused.append(Refused(name, raw.title, refusal.message, refusal.cure))
        except Exception as error:  # noqa: BLE001 - the same
            refused.append(_surprise(named(raw, asked, place), raw.title, error))
    return Harvest(tuple(entries), tuple(refused))


def named(raw: Raw, asked: Asked, place: int) -> str:
    """What a refusal calls an entry: what it will be known by, else its place in the document."""
    if not (raw.id or raw.link or raw.title):
        return f"{PLACE}{place}"
    try:
        return key_of(raw, asked)
    except Exception:  # noqa: BLE001 - what cannot be mended may have no key either
        return f"{PLACE}{place}"


def _told_apart(raws: Sequence[Raw], home: str) -> Iterable[Raw]:
    links = Counter(raw.link for raw in set(raws))
    ids = Counter(raw.id for raw in {replace(raw, published=None, updated=None) for raw in raws})
    for raw in raws:
        shared = links[raw.link] > 1 and ids[raw.id] == 1
        link = None if raw.link and (shared or raw.link.rstrip("/") == home) else raw.link
        own = None if raw.id and ids[raw.id] > 1 and links[raw.link] == 1 else raw.id
        yield replace(raw, id=own, link=link)


def _surprise(name: str, title: str, error: Exception) -> Refused:
    said = f": {error}"[:200] if str(error) else ""
    reason = f"Unexpected {type(error).__name__}{said}."
    return Refused(name, title, reason, "Please report it, with the source's address.")
