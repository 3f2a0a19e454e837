"""Copies of variants without some of their articles, and the marks that say why."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select

from colporteur.db.tables.articles import article_channels, articles
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.editions.store import REGULAR
from colporteur.editions.windows import read_windows, without, write_windows

_SPECIAL = "edition "
_ARTICLE = "article "


@dataclass(frozen=True)
class Copy:
    """A variant's id, and whether nothing is left to send in it."""

    id: int
    empty: bool


def mark_of_special(edition_id: int) -> str:
    """The mark of what a special edition brings instead."""
    return f"{_SPECIAL}{edition_id}"


def mark_of_article(article_id: int) -> str:
    """The mark of an article that was withdrawn."""
    return f"{_ARTICLE}{article_id}"


def copy_of(
    connection: Connection, base_id: int, marks: Iterable[str], taken_now: Collection[int] = ()
) -> Copy:
    """The base without what its marks take out: the base itself for none, else a copy, once.

    ``taken_now`` are the articles of a special that is just being frozen.
    """
    without_marks = sorted(set(marks))
    base = connection.execute(select(variants).where(variants.c.id == base_id)).one()
    edition = connection.execute(select(editions).where(editions.c.id == base.edition_id)).one()
    specials, withdrawn = _taken(connection, without_marks)
    specials |= set(taken_now) - withdrawn
    kept = [one for one in base.articles if one not in specials | withdrawn]
    note = edition.kind != REGULAR and edition.arrangement.get("intro")
    empty = not kept and not note
    if not without_marks:
        return Copy(base_id, empty)
    key = hashlib.sha256(json.dumps([base.key, without_marks]).encode()).hexdigest()
    known = connection.scalar(
        select(variants.c.id).where(variants.c.edition_id == base.edition_id, variants.c.key == key)
    )
    if known is not None:
        return Copy(known, empty)
    # What a special brings is not settled by the digest that made way for it: should the special
    # fail, it is open again. What was withdrawn is: it gets a new place if it ever comes back.
    holes = _places(connection, edition.channel_id, specials & set(base.articles))
    values = _columns(base, kept, holes) | {"key": key, "without": without_marks}
    return Copy(_insert(connection, values), empty)


def _taken(connection: Connection, marks: Sequence[str]) -> tuple[set[int], set[int]]:
    """The articles that marks take out: those that specials bring, and those withdrawn."""
    bring = [int(one.removeprefix(_SPECIAL)) for one in marks if one.startswith(_SPECIAL)]
    brought = select(edition_articles.c.article_id).where(edition_articles.c.edition_id.in_(bring))
    gone = {int(one.removeprefix(_ARTICLE)) for one in marks if one.startswith(_ARTICLE)}
    return set(connection.scalars(brought)), gone


def _places(connection: Connection, channel_id: int, ids: Collection[int]) -> list[int]:
    place = func.coalesce(article_channels.c.number, articles.c.number)
    query = (
        select(place)
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(article_channels.c.channel_id == channel_id, articles.c.id.in_(ids))
    )
    return [number for number in connection.scalars(query) if number is not None]


def _columns(base: Any, kept: Sequence[int], holes: Sequence[int]) -> dict[str, Any]:
    return {
        "edition_id": base.edition_id,
        "base_id": base.id,
        "windows": write_windows(without(read_windows(base.windows), holes)),
        "settled": write_windows(without(read_windows(base.settled), holes)),
        "number_to": base.number_to,
        "articles": list(kept),
        "more": base.more,
        "layout": base.layout,
        "readers": 0,
    }


def _insert(connection: Connection, values: dict[str, Any]) -> int:
    key = connection.execute(insert(variants).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])
