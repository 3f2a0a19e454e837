"""Forgets what was kept long enough, in small transactions: nobody waits for a nightly task.

A delivery says which articles its reader had. So one is kept as long as any article that its
edition saw, or a later one, could still go out (docs/rules.md, 5), whatever the setting says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Delete,
    Engine,
    Select,
    Update,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from colporteur.db import alone, reading, writing
from colporteur.db.tables.api import api_answers
from colporteur.db.tables.articles import article_channels, articles
from colporteur.db.tables.audience import consents
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback, feedback_dropped
from colporteur.publication import Publication
from colporteur.webhooks import log

CHUNK = 5_000
"""Rows of a transaction: a second at most, on SQLite too; they are found outside of it."""
ANSWERS_KEPT = timedelta(days=1)
"""How long an ``Idempotency-Key`` of the API is remembered, at least."""
_LOOKS_BACK = 3  # times max_age: as far as a freeze does
_ENDED = ("sent", "failed", "skipped")
Forget = Callable[[Sequence[int]], Delete | Update]


@dataclass(frozen=True)
class Task:
    """One kind of what is forgotten: the rows (ids) that are old enough, and how to forget them."""

    what: str
    old: Select[int]
    forget: Forget


def tasks(connection: Connection, publication: Publication, now: datetime) -> list[Task]:
    """What the publication's settings have forgotten by now."""
    keeps = publication.retention
    floor = _floor(connection, publication, now)
    return [
        Task("ips", _with_ips(now - keeps.ips), _update_consents),
        Task("raw_bounces", _raw(now - keeps.raw_bounces), _update_feedback),
        Task("letters", _letters(now - keeps.letters), _update_letters),
        Task("deliveries", _deliveries(now - keeps.deliveries, floor), _delete_deliveries),
        Task("bounces", _bounces(now - keeps.bounces), _delete_feedback),
        Task("webhook_messages", log.old(now), log.forget),
        Task("api_answers", _answered(now - ANSWERS_KEPT), _delete_answers),
    ]


def prune(
    engine: Engine, publication: Publication, now: datetime, *, chunk: int = CHUNK
) -> Iterator[tuple[str, int]]:
    """Forget what is old enough; after each transaction what it forgot, and of how many rows.

    Whoever stops asking has the rest forgotten the next time. Nothing is done while another
    process does it.
    """
    with writing(engine) as connection:
        found = tasks(connection, publication, now)
        before = f"{now - publication.retention.bounces:%Y-%m-%d}"
        connection.execute(delete(feedback_dropped).where(feedback_dropped.c.day < before))
    for task in found:
        done = chunk
        while done == chunk:
            with reading(engine) as connection:  # to look through a large table locks nobody out
                ids = [int(row[0]) for row in connection.execute(task.old.limit(chunk))]
            if not ids:
                break
            with writing(engine) as connection:
                if not alone(connection, "prune"):
                    return
                done = connection.execute(task.forget(ids)).rowcount
            yield task.what, done


def count_old(connection: Connection, publication: Publication, now: datetime) -> Mapping[str, int]:
    """How many rows ``prune`` would touch, by what they are."""
    found = tasks(connection, publication, now)
    counts = {one.what: select(func.count()).select_from(one.old.subquery()) for one in found}
    return {what: connection.scalar(count) or 0 for what, count in counts.items()}


def _floor(connection: Connection, publication: Publication, now: datetime) -> int:
    """The number up to which no article can go out by mail any more."""
    rules = [one.digest for one in publication.channels if one.digest]
    highest = connection.scalar(select(func.max(articles.c.number))) or 0
    if not rules:
        return highest
    oldest = now - max(_LOOKS_BACK * one.max_age + one.catch_up for one in rules)
    dated = func.coalesce(
        articles.c.dated_at, articles.c.numbered_at, type_=articles.c.dated_at.type
    )
    place = func.coalesce(article_channels.c.number, articles.c.number)
    young = (
        select(func.min(place))
        .join_from(articles, article_channels, article_channels.c.article_id == articles.c.id)
        .where(dated >= oldest)
    )
    lowest = connection.scalar(young)
    return highest if lowest is None else lowest - 1


def _with_ips(before: datetime) -> Select[int]:
    known = or_(consents.c.ip.is_not(None), consents.c.confirmed_ip.is_not(None))
    return select(consents.c.id).where(known, consents.c.at < before)


def _raw(before: datetime) -> Select[int]:
    return select(feedback.c.id).where(feedback.c.raw.is_not(None), feedback.c.at < before)


def _bounces(before: datetime) -> Select[int]:
    return select(feedback.c.id).where(feedback.c.at < before)


def _answered(before: datetime) -> Select[int]:
    return select(api_answers.c.id).where(api_answers.c.at < before)


def _letters(before: datetime) -> Select[int]:
    """Those whose words are still there: their purposes stay, or they might be written again."""
    ended = and_(deliveries.c.letter_id == letters.c.id, deliveries.c.status.in_(_ENDED))
    return (
        select(letters.c.id)
        .join(deliveries, ended)
        .where(letters.c.created_at < before, letters.c.language != "")
    )


def _deliveries(before: datetime, floor: int) -> Select[int]:
    return (
        select(deliveries.c.id)
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(
            editions.c.ended_at < before,
            func.coalesce(editions.c.number_to, 0) <= floor,
            deliveries.c.status.in_(_ENDED),
        )
    )


def _update_consents(ids: Sequence[int]) -> Update:
    return update(consents).where(consents.c.id.in_(ids)).values(ip=None, confirmed_ip=None)


def _update_feedback(ids: Sequence[int]) -> Update:
    return update(feedback).where(feedback.c.id.in_(ids)).values(raw=None)


def _update_letters(ids: Sequence[int]) -> Update:
    forgotten: dict[str, Any] = {"content": {}, "address": None, "language": ""}
    return update(letters).where(letters.c.id.in_(ids)).values(forgotten)


def _delete_deliveries(ids: Sequence[int]) -> Delete:
    return delete(deliveries).where(deliveries.c.id.in_(ids))


def _delete_feedback(ids: Sequence[int]) -> Delete:
    return delete(feedback).where(feedback.c.id.in_(ids))


def _delete_answers(ids: Sequence[int]) -> Delete:
    return delete(api_answers).where(api_answers.c.id.in_(ids))
