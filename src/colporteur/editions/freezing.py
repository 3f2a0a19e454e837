"""Freezes an edition: fixes its article versions and readers in one transaction.

Choosing runs once for each group of readers whom it cannot tell apart; the rest is SQL. Freezes
take turns with each other and with numbering.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select

from colporteur.articles.publishing import last_number
from colporteur.db.tables.articles import article_channels, article_versions, articles
from colporteur.db.tables.audience import profiles
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.editions.choosing import (
    Candidate,
    Chosen,
    Profile,
    Rules,
    Window,
    choose,
    open_windows,
)
from colporteur.editions.readers import (
    Group,
    deliver,
    freezing_tables,
    gather,
    read_windows,
    write_windows,
)
from colporteur.editions.states import Event, State
from colporteur.editions.store import Edition, happen, load
from colporteur.publication import DigestRules

NOTHING_NEW = "nothing new"
NO_READERS = "no readers"


@dataclass(frozen=True)
class _Serving:
    """What one group gets."""

    group: Group
    windows: tuple[Window, ...]
    chosen: Chosen
    layout: str

    @property
    def key(self) -> str:
        parts = [self.windows, self.chosen.articles, self.chosen.more, self.layout]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def freeze(
    connection: Connection,
    edition: Edition,
    rules: DigestRules,
    language: str,
    revision: int,
    *,
    now: datetime,
    by: str,
) -> int:
    """Fix what an open edition brings and to whom; the number of readers who get something.

    An edition with nothing for anybody is skipped, with the reason.
    """
    assert edition.slot is not None
    upto = last_number(connection)  # held until commit: nothing is numbered meanwhile
    if load(connection, edition.id).state is not State.OPEN:
        return 0  # another process was faster
    candidates = _candidates(connection, edition, language, edition.slot - rules.max_age)
    oldest = min((candidate.number for candidate in candidates), default=upto + 1)
    with freezing_tables(connection):
        elsewhere = _brought_elsewhere(connection, edition, candidates)
        groups = gather(connection, edition, oldest, list(elsewhere))
        offers = {group: _left(candidates, group, elsewhere) for group in groups}
        served = _choose(connection, offers, rules, edition.slot, upto)
        if not served:
            why = NOTHING_NEW if groups else NO_READERS
            happen(connection, edition.id, Event.SKIP, by=by, now=now, why=why)
            return 0
        variant_ids = _write_variants(connection, edition.id, served, upto)
        deliver(connection, edition, [(one.group, variant_ids[one.key]) for one in served])
    _write_articles(connection, edition.id, served)
    fixed = {"frozen_at": now, "number_to": upto, "revision": revision}
    happen(connection, edition.id, Event.FREEZE, by=by, now=now, fixed=fixed)
    return sum(one.group.readers for one in served)


def _candidates(
    connection: Connection, edition: Edition, language: str, oldest: datetime
) -> list[Candidate]:
    current = and_(
        article_versions.c.article_id == articles.c.id,
        article_versions.c.version == articles.c.version,
    )
    dated = func.coalesce(
        articles.c.dated_at, articles.c.numbered_at, type_=articles.c.dated_at.type
    )
    rows = connection.execute(
        select(articles.c.id, articles.c.number, article_versions.c.topics, dated)
        .join(article_versions, current)
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(
            article_channels.c.channel_id == edition.channel_id,
            articles.c.language == language,
            articles.c.state == "published",
            articles.c.in_digests,
            article_channels.c.in_digests,
            dated >= oldest,
        )
        .order_by(articles.c.number)
    )
    return [Candidate(one, number, frozenset(topics), at) for one, number, topics, at in rows]


def _brought_elsewhere(
    connection: Connection, edition: Edition, candidates: Sequence[Candidate]
) -> dict[int, frozenset[int]]:
    """Variants of other channels that bring a candidate too, with what they bring (rule 5)."""
    ours = {candidate.id for candidate in candidates}
    shared = select(edition_articles.c.edition_id).where(edition_articles.c.article_id.in_(ours))
    rows = connection.execute(
        select(variants.c.id, variants.c.articles)
        .join(editions, editions.c.id == variants.c.edition_id)
        .where(editions.c.channel_id != edition.channel_id, editions.c.id.in_(shared))
        .order_by(variants.c.id)
    )
    found = {row.id: ours.intersection(row.articles) for row in rows}
    return {variant_id: frozenset(brought) for variant_id, brought in found.items() if brought}


def _left(
    candidates: Sequence[Candidate], group: Group, elsewhere: Mapping[int, frozenset[int]]
) -> list[Candidate]:
    """The candidates that the group's readers do not get through another channel."""
    had = [elsewhere[int(variant)] for variant in group.claimed.split(",") if variant]
    return [one for one in candidates if not any(one.id in brought for brought in had)]


def _choose(
    connection: Connection,
    offers: Mapping[Group, Sequence[Candidate]],
    rules: DigestRules,
    slot: datetime,
    upto: int,
) -> list[_Serving]:
    limits = Rules(rules.min_items, rules.max_items, rules.max_age)
    by_id = {
        row.id: Profile(frozenset(row.topics_in), frozenset(row.topics_out), row.layout)
        for row in connection.execute(select(profiles))
    }
    served = []
    for group, candidates in offers.items():
        profile = by_id[group.profile_id]
        windows = open_windows(group.start_number, upto, read_windows(group.settled))
        chosen = choose(candidates, profile, windows, limits, slot)
        if chosen is not None:
            served.append(_Serving(group, windows, chosen, profile.layout))
    return served


def _write_variants(
    connection: Connection, edition_id: int, served: Sequence[_Serving], upto: int
) -> dict[str, int]:
    rows: dict[str, dict[str, object]] = {}
    for one in served:
        row = rows.setdefault(
            one.key,
            {
                "edition_id": edition_id,
                "key": one.key,
                "windows": write_windows(one.windows),
                "number_to": upto,
                "articles": list(one.chosen.articles),
                "more": one.chosen.more,
                "layout": one.layout,
                "readers": 0,
            },
        )
        row["readers"] = int(str(row["readers"])) + one.group.readers
    connection.execute(insert(variants), list(rows.values()))
    written = connection.execute(
        select(variants.c.key, variants.c.id).where(variants.c.edition_id == edition_id)
    )
    return {row.key: row.id for row in written}


def _write_articles(connection: Connection, edition_id: int, served: Sequence[_Serving]) -> None:
    brought = {article for one in served for article in one.chosen.articles}
    versions = select(articles.c.id, articles.c.version).where(articles.c.id.in_(brought))
    rows = [
        {"edition_id": edition_id, "article_id": row.id, "version": row.version}
        for row in connection.execute(versions)
    ]
    connection.execute(insert(edition_articles), rows)
