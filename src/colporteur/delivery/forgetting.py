"""What is forgotten, and when: each kind once, as the publication's rules say.

A delivery says which articles its reader had. So one is kept as long as any article that its
edition saw, or a later one, could still go out (docs/rules.md, 5), whatever the setting says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from colporteur.db.bulk import among
from colporteur.db.tables.api import api_answers
from colporteur.db.tables.articles import article_channels, articles, refusals
from colporteur.db.tables.audience import consents
from colporteur.db.tables.delivery import batches, deliveries, letters
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback, feedback_dropped
from colporteur.db.tables.staff import sessions, staff_links
from colporteur.db.tables.syndication import feed_polls
from colporteur.publication import Publication
from colporteur.staff.links import ended as ended_links
from colporteur.staff.sessions import ended as ended_sessions
from colporteur.webhooks import log

ANSWERS_KEPT = timedelta(days=1)
"""How long an ``Idempotency-Key`` of the API is remembered, at least."""
_LOOKS_BACK = 3  # times max_age: as far as a freeze does
_ENDED = ("sent", "failed", "skipped")
_COUNTS = ("size", "sent", "deferred", "failed", "skipped")
Forget = Callable[[Connection, Sequence[Any]], None]


@dataclass(frozen=True)
class Task:
    """One kind of what is forgotten: what is old enough (ids, or days), and how to forget it."""

    what: str
    old: Select[Any]
    forget: Forget


def tasks(connection: Connection, publication: Publication, now: datetime) -> list[Task]:
    """What the publication's settings have forgotten by now; deliveries before their batches."""
    keeps = publication.retention
    floor = _floor(connection, publication, now)
    long_ago = now - keeps.deliveries
    no_ips = {"ip": None, "confirmed_ip": None}
    no_words: dict[str, Any] = {"content": {}, "address": None, "language": ""}
    return [
        Task("ips", _with_ips(now - keeps.ips), _emptying(consents, **no_ips)),
        Task("raw_bounces", _raw(now - keeps.raw_bounces), _emptying(feedback, raw=None)),
        Task("letters", _letters(now - keeps.letters), _emptying(letters, **no_words)),
        Task("deliveries", _deliveries(long_ago, floor), _deleting(deliveries.c.id)),
        Task("letter_rows", _letter_rows(long_ago), _forget_letters),
        Task("batches", _further_batches(long_ago), _join_batches),
        Task("bounces", _older(feedback, now - keeps.bounces), _deleting(feedback.c.id)),
        Task(
            "dropped",
            _days(feedback_dropped.c.day, now - keeps.bounces),
            _deleting(feedback_dropped.c.day),
        ),
        Task("refusals", _older(refusals, now - keeps.refusals), _deleting(refusals.c.id)),
        Task("polls", _days(feed_polls.c.day, now - keeps.polls), _deleting(feed_polls.c.day)),
        Task(
            "sessions", select(sessions.c.id).where(ended_sessions(now)), _deleting(sessions.c.id)
        ),
        Task(
            "links", select(staff_links.c.id).where(ended_links(now)), _deleting(staff_links.c.id)
        ),
        Task("webhook_messages", log.old(now), _deleting(log.MESSAGE)),
        Task("api_answers", _older(api_answers, now - ANSWERS_KEPT), _deleting(api_answers.c.id)),
    ]


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


def _older(table: Table, before: datetime) -> Select[int]:
    return select(table.c.id).where(table.c.at < before)


def _days(day: "Column[str]", before: datetime) -> Select[str]:
    """The days that something was counted on."""
    return select(day).where(day < f"{before:%Y-%m-%d}").distinct()


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


def _letter_rows(before: datetime) -> Select[int]:
    """Letters whose words are forgotten, and nothing would have them written again any more."""
    waits = and_(deliveries.c.letter_id == letters.c.id, deliveries.c.status.not_in(_ENDED))
    return select(letters.c.id).where(
        letters.c.created_at < before, letters.c.language == "", ~exists().where(waits)
    )


def _further_batches(before: datetime) -> Select[int]:
    """The batches of an edition but its first, when its deliveries are forgotten."""
    own = batches.alias("own")
    first = select(func.min(own.c.batch_no)).where(own.c.edition_id == batches.c.edition_id)
    return (
        select(batches.c.id)
        .join(editions, editions.c.id == batches.c.edition_id)
        .where(
            editions.c.ended_at < before,
            ~exists().where(deliveries.c.edition_id == editions.c.id),
            batches.c.batch_no > first.scalar_subquery(),
        )
    )


def _join_batches(connection: Connection, ids: Sequence[int]) -> None:
    """Forget batches; what they counted is added to what the first of their edition has."""
    edition, mine = batches.c.edition_id, among(connection, batches.c.id, ids)
    sums = [func.sum(batches.c[name]).label(f"more_{name}") for name in _COUNTS]
    query = select(edition.label("of_edition"), *sums).where(mine).group_by(edition)
    counted = [dict(row) for row in connection.execute(query).mappings()]
    own = batches.alias("own")
    first = select(func.min(own.c.batch_no)).where(own.c.edition_id == batches.c.edition_id)
    added = {name: batches.c[name] + bindparam(f"more_{name}") for name in _COUNTS}
    adding = update(batches).where(
        edition == bindparam("of_edition"), batches.c.batch_no == first.scalar_subquery()
    )
    connection.execute(adding.values(added), counted)
    connection.execute(delete(batches).where(mine))


def _forget_letters(connection: Connection, ids: Sequence[int]) -> None:
    """Each had a delivery and a batch of its own."""
    theirs = among(connection, deliveries.c.letter_id, ids)
    held = list(connection.scalars(select(deliveries.c.batch_id).where(theirs)))
    connection.execute(delete(deliveries).where(theirs))
    connection.execute(delete(letters).where(among(connection, letters.c.id, ids)))
    alone = batches.c.edition_id.is_(None), ~exists().where(deliveries.c.batch_id == batches.c.id)
    connection.execute(delete(batches).where(among(connection, batches.c.id, held), *alone))


def _emptying(table: Table, **forgotten: Any) -> Forget:
    def forget(connection: Connection, ids: Sequence[int]) -> None:
        mine = among(connection, table.c.id, ids)
        connection.execute(update(table).where(mine).values(forgotten))

    return forget


def _deleting(column: "Column[Any]") -> Forget:
    def forget(connection: Connection, values: Sequence[Any]) -> None:
        mine = among(connection, column, values)
        connection.execute(delete(column.table).where(mine))

    return forget
