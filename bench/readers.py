"""Readers by the million, with what they chose and what they got, made by the database itself."""

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy import insert as add

from colporteur.db import writing
from colporteur.db.tables.audience import profiles
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.publication.identities import Ids

TOPICS = 12
LAYOUTS = ("briefing", "headlines", "text-first")
ZONES = [
    "Africa/Abidjan",
    "Africa/Algiers",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Dakar",
    "Africa/Tunis",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Montreal",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Toronto",
    "Asia/Beirut",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Riyadh",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Brussels",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Europe/Rome",
    "Europe/Zurich",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Tahiti",
]
_SETS = 4096
_SPECIAL_EVERY = 20  # 5 % hold a special
_FAILED_EVERY = 200
_BATCH = 100


def make_readers(
    engine: Engine, readers: int, names: Ids, *, editions: int, each: int, now: datetime
) -> None:
    """Subscribe readers to the one channel, and have them received ``editions`` of ``each``."""
    channel = names.channels["actualites"]
    with writing(engine) as connection:
        _drop_indexes(connection)
        _profiles(connection, sorted(set(names.topics.values())))
        _numbers(connection, readers)
        connection.execute(text(_SUBSCRIBERS), {"now": _text(connection, now)})
        zones = " ".join(f"WHEN {n} THEN '{zone}'" for n, zone in enumerate(ZONES))
        subscribed = _SUBSCRIPTIONS.format(zones=zones, zone_count=len(ZONES))
        several = _SETS * len(LAYOUTS)
        values = {"channel": channel, "several": several, "now": _text(connection, now)}
        connection.execute(text(subscribed), values)
        for number in range(editions):
            at = now - timedelta(days=editions - number)
            _edition(
                connection, number + 1, channel, each, at, readers, last=number == editions - 1
            )
        _special(connection, editions + 1, channel, editions * each, now)
        connection.execute(text("DROP TABLE bench_numbers"))
    with writing(engine) as connection:
        _make_indexes(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))


_SUBSCRIBERS = """
INSERT INTO subscribers (id, address, address_key, domain, name, language, state, created_at)
SELECT n, 'r' || n || '@example.org', 'r' || n || '@example.org', 'example.org', '', 'fr',
       'active', :now FROM bench_numbers
"""
_SUBSCRIPTIONS = """
INSERT INTO subscriptions (id, subscriber_id, channel_id, profile_id, cadence, weekday, minute,
                           timezone, specials, state, start_number, created_at)
SELECT n, n, :channel, 1 + (n * 7919) % :several, 'matin', NULL,
       CASE WHEN n % 3 = 0 THEN 60 * (6 + n % 12) END,
       CASE n % {zone_count} {zones} END, 1 = 1, 'active', 0, :now FROM bench_numbers
"""
_DELIVERIES = """
INSERT INTO deliveries (edition_id, variant_id, subscriber_id, subscription_id, batch_id, status,
                        due_at, attempts, possible_duplicates)
SELECT :edition, :first + s.profile_id, s.subscriber_id, s.id, :batch + (s.id - 1) / {batch},
       CASE WHEN :fails = 1 AND s.id % {failed} = 7 THEN 'failed' ELSE 'sent' END, :at, 1, 0
FROM subscriptions s WHERE s.id % :every = 0
"""


def _profiles(connection: Connection, topics: list[int]) -> None:
    """All subsets of the topics, by three layouts; an empty one wants everything."""
    chance = random.Random(2)
    sets = [
        [topic for topic, kept in zip(topics, mask, strict=True) if kept]
        for mask in itertools.product([False, True], repeat=len(topics))
    ]
    chance.shuffle(sets)
    rows = [
        {"key": f"{number}-{layout}", "topics_in": one, "topics_out": [], "layout": layout}
        for number, one in enumerate(sets)
        for layout in LAYOUTS
    ]
    numbered = [{"id": place, **row} for place, row in enumerate(rows, start=1)]
    connection.execute(add(profiles), numbered)


def _numbers(connection: Connection, readers: int) -> None:
    connection.execute(text("CREATE TEMPORARY TABLE bench_numbers (n BIGINT PRIMARY KEY)"))
    counted = (
        "INSERT INTO bench_numbers WITH RECURSIVE c(n) AS "
        "(SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < :readers) SELECT n FROM c"
    )
    connection.execute(text(counted), {"readers": readers})


def _edition(
    connection: Connection,
    number: int,
    channel: int,
    each: int,
    at: datetime,
    readers: int,
    *,
    last: bool,
) -> None:
    """A past edition that brought its articles to everybody."""
    low, high = (number - 1) * each, number * each
    row = _row(number, channel, at) | {"cadence": "matin", "slot": at, "number_to": high}
    connection.execute(add(editions), row | {"kind": "regular"})
    brought = list(range(low + 1, high + 1))
    windows = {"windows": f"{low}-{high}", "settled": f"0-{high}"}
    first = _variants(connection, number, brought, windows | {"number_to": high})
    batch = _batches(connection, number, at, readers)
    values = {"edition": number, "first": first, "batch": batch, "fails": int(last), "every": 1}
    said = _DELIVERIES.format(batch=_BATCH, failed=_FAILED_EVERY)
    connection.execute(text(said), values | {"at": _text(connection, at)})


def _special(
    connection: Connection, number: int, channel: int, articles: int, at: datetime
) -> None:
    """A special that brought five of the new articles to one reader in twenty."""
    row = _row(number, channel, at) | {"kind": "special", "number_to": articles, "key": "bench"}
    connection.execute(add(editions), row)
    brought = list(range(articles + 1, articles + 6))
    nothing = {"windows": "", "settled": "", "number_to": articles}
    first = _variants(connection, number, brought, nothing)
    batch = _batches(connection, number, at, _BATCH)
    values = {"edition": number, "first": first, "batch": batch, "fails": 0}
    said = _DELIVERIES.format(batch=10**12, failed=_FAILED_EVERY)
    connection.execute(text(said), values | {"every": _SPECIAL_EVERY, "at": _text(connection, at)})


def _row(number: int, channel: int, at: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "public_id": f"bench-{number}",
        "channel_id": channel,
        "send_at": at,
        "forced": False,
        "state": "sent",
        "reason": "",
        "arrangement": {},
        "opened_at": at,
        "frozen_at": at,
        "revision": 1,
    }


def _variants(
    connection: Connection, edition: int, brought: list[int], said: dict[str, Any]
) -> int:
    """A variant for each profile; the number before the first one's id."""
    count = _SETS * len(LAYOUTS)
    first = (edition - 1) * count
    usual = {"edition_id": edition, "articles": brought, "more": 0, "readers": 1, **said}
    rows = [
        {"id": first + n, "key": str(n), "layout": LAYOUTS[n % 3], **usual}
        for n in range(1, count + 1)
    ]
    connection.execute(add(variants), rows)
    shown = [{"edition_id": edition, "article_id": one, "version": 1} for one in brought]
    connection.execute(add(edition_articles), shown)
    return first


def _batches(connection: Connection, edition: int, at: datetime, readers: int) -> int:
    """The batches of an edition; the id of the first one."""
    count = -(-readers // _BATCH)
    first = int(connection.scalar(text("SELECT coalesce(max(id), 0) FROM batches")) or 0) + 1
    made = (
        "INSERT INTO batches (id, edition_id, batch_no, priority, domain_group, due_at, status, "
        "attempts) SELECT :first + n - 1, :edition, n - 1, 5, 'rest', :at, 'done', 1 "
        "FROM bench_numbers WHERE n <= :count"
    )
    values = {"first": first, "edition": edition, "at": _text(connection, at), "count": count}
    connection.execute(text(made), values)
    return first


def _text(connection: Connection, at: datetime) -> Any:
    """An instant as the database stores it."""
    plain = at.replace(tzinfo=None).isoformat(" ") + ".000000"
    return at if connection.dialect.name == "postgresql" else plain


def _drop_indexes(connection: Connection) -> None:
    for index in deliveries.indexes:
        index.drop(connection)


def _make_indexes(connection: Connection) -> None:
    for index in deliveries.indexes:
        index.create(connection)
    if connection.dialect.name == "postgresql":
        for name in ("subscribers", "subscriptions", "editions", "variants", "batches", "profiles"):
            connection.execute(
                text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))")
            )
