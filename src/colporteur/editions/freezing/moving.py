"""Takes articles out of what is frozen and has not left: a special brings them, or none may.

The deliveries concerned move to a copy of their variant, so that what was sent stays on record as
it was. A sender marks a delivery in flight only with the variant that it rendered, so a row may
move until that very moment.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from colporteur.db.tables.articles import articles
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.editions.freezing.copies import copy_of, mark_of_article, mark_of_special
from colporteur.editions.progress import recount_all, recount_editions
from colporteur.editions.skips import SkipReason
from colporteur.editions.states import State
from colporteur.editions.store import REGULAR

UNFINISHED = (State.AWAITING_APPROVAL, State.FROZEN, State.HELD, State.SENDING, State.PAUSED)


def withdraw_from_frozen(connection: Connection, now: datetime) -> int:
    """Take every withdrawn article out of what has not left; how many deliveries that touched.

    Rule 7: what was withdrawn never goes out, whoever withdrew it and however.
    """
    found = connection.execute(
        select(edition_articles.c.edition_id, edition_articles.c.article_id)
        .join(editions, editions.c.id == edition_articles.c.edition_id)
        .join(articles, articles.c.id == edition_articles.c.article_id)
        .where(
            articles.c.state == "withdrawn",
            edition_articles.c.taken_out_at.is_(None),
            editions.c.state.in_([*UNFINISHED, State.SENT]),  # deferred mail of a sent one waits
        )
        .order_by(edition_articles.c.edition_id, edition_articles.c.article_id)
    ).all()
    touched = 0
    for edition_id, article_id in found:
        unsent = deliveries.c.status.in_(["pending", "deferred"])
        concerned = (deliveries.c.edition_id == edition_id, unsent)
        mark = mark_of_article(article_id)
        touched += _take_out(connection, {article_id}, mark, SkipReason.WITHDRAWN, concerned, now)
        done = update(edition_articles).where(
            edition_articles.c.edition_id == edition_id,
            edition_articles.c.article_id == article_id,
        )
        connection.execute(done.values(taken_out_at=now))
    return touched


def make_way(
    connection: Connection,
    special_id: int,
    article_ids: Collection[int],
    readers: ColumnElement[bool],
    now: datetime,
) -> int:
    """Take a special's articles out of the regular digests that have not left for its readers.

    ``readers`` is a condition on ``deliveries.subscriber_id``. Nothing is added in their place,
    and ``min_items`` is not asked again; a digest with nothing left is skipped (rule 5).
    """
    bringing = (
        select(editions.c.id)
        .join(edition_articles, edition_articles.c.edition_id == editions.c.id)
        .where(edition_articles.c.article_id.in_(article_ids))
        .where(editions.c.kind == REGULAR, editions.c.state.in_(UNFINISHED))
    )
    never_tried = (
        deliveries.c.status == "pending",
        deliveries.c.attempts == 0,
        deliveries.c.possible_duplicates == 0,
    )
    concerned = (deliveries.c.edition_id.in_(bringing), *never_tried, readers)
    mark = mark_of_special(special_id)
    return _take_out(connection, article_ids, mark, SkipReason.IN_SPECIAL, concerned, now)


def move_back(connection: Connection, special_id: int, now: datetime) -> int:
    """Undo ``make_way`` for those whose delivery of the special was called off just now.

    For the others the special has ended before: what it should have brought is open to them
    since, and a later digest may have it.
    """
    mark = mark_of_special(special_id)
    called_off = select(deliveries.c.subscriber_id).where(
        deliveries.c.edition_id == special_id,
        deliveries.c.status == "skipped",
        deliveries.c.reason == SkipReason.CANCELLED,
        deliveries.c.ended_at == now,
    )
    made_way = and_(deliveries.c.status == "skipped", deliveries.c.reason == SkipReason.IN_SPECIAL)
    copies = connection.execute(
        select(variants)
        .join(editions, editions.c.id == variants.c.edition_id)
        .where(variants.c.base_id.is_not(None), editions.c.state.in_(UNFINISHED))
        .order_by(variants.c.id)
    ).all()
    moved: list[int] = []
    for row in copies:
        if mark not in row.without:
            continue
        marks = [one for one in row.without if one != mark]
        target = copy_of(connection, row.base_id, [*marks, *_gone_since(connection, row.base_id)])
        ended = {"status": "skipped"} if target.empty else {"status": "pending", "ended_at": None}
        back = (
            update(deliveries)
            .where(deliveries.c.variant_id == row.id)
            .where(or_(deliveries.c.status == "pending", made_way))
            .where(deliveries.c.subscriber_id.in_(called_off))
            .values(variant_id=target.id, moved=True, **ended)
        )
        moved += connection.scalars(back.returning(deliveries.c.batch_id))
    _wake(connection, set(moved))
    recount_all(connection, batches.c.id.in_(set(moved)))
    return len(moved)


def _gone_since(connection: Connection, variant_id: int) -> list[str]:
    """Marks for what a variant would bring that was withdrawn while a special had it."""
    ids = connection.scalar(select(variants.c.articles).where(variants.c.id == variant_id))
    gone = select(articles.c.id).where(
        articles.c.id.in_(ids or []), articles.c.state == "withdrawn"
    )
    return [mark_of_article(one) for one in connection.scalars(gone)]


def _take_out(
    connection: Connection,
    article_ids: Collection[int],
    mark: str,
    reason: SkipReason,
    concerned: Sequence[ColumnElement[bool]],
    now: datetime,
) -> int:
    """Move the deliveries concerned that bring one of the articles; how many."""
    used = select(deliveries.c.variant_id).where(*concerned).distinct()
    moved, emptied = 0, set[int]()
    for row in connection.execute(select(variants).where(variants.c.id.in_(used))).all():
        if not set(article_ids) & set(row.articles):
            continue
        copy = copy_of(connection, row.base_id or row.id, [*row.without, mark], article_ids)
        ended = {"status": "skipped", "reason": reason, "ended_at": now} if copy.empty else {}
        move = update(deliveries).where(deliveries.c.variant_id == row.id, *concerned)
        values = {"variant_id": copy.id, "moved": True, **ended}
        moved += connection.execute(move.values(values)).rowcount
        if copy.empty:
            emptied.add(row.edition_id)
    recount_editions(connection, emptied)
    return moved


def _wake(connection: Connection, batch_ids: set[int]) -> None:
    """Have batches looked at again that had nothing more to send."""
    earliest = (
        select(func.min(deliveries.c.due_at))
        .where(deliveries.c.batch_id == batches.c.id, deliveries.c.status == "pending")
        .scalar_subquery()
    )
    # Leased ones are touched too: who gives one back at this moment waits, and looks again.
    done = batches.c.status == "done"
    woken = update(batches).where(batches.c.id.in_(batch_ids), earliest.is_not(None))
    connection.execute(
        woken.values(
            status=case((done, "pending"), else_=batches.c.status),
            due_at=case((or_(done, batches.c.due_at > earliest), earliest), else_=batches.c.due_at),
        )
    )
