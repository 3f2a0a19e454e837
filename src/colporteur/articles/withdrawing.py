"""Takes a published article back: its page is gone, its feeds say so, no digest brings it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from colporteur.articles.publishing import touch_channels
from colporteur.articles.recording import forget_fragments, offer_anew
from colporteur.db.numbering import last_number
from colporteur.db.tables.articles import article_channels, articles
from colporteur.exceptions import UnknownName


def withdraw(connection: Connection, slug: str, now: datetime) -> bool:
    """Withdraw the article at ``/articles/<slug>``; whether it was not withdrawn already.

    Raises:
        UnknownName: there is no such article.
    """
    last_number(connection)  # freezes take turns with it: none brings it from now on
    row = connection.execute(
        select(articles.c.id, articles.c.state).where(articles.c.slug == slug)
    ).first()
    if row is None:
        raise UnknownName(
            f"There is no article {slug!r}.", cure="`colporteur articles list --json` has slugs."
        )
    if row.state == "withdrawn":
        return False
    connection.execute(
        update(articles)
        .where(articles.c.id == row.id)
        .values(state="withdrawn", withdrawn_at=now, changed_at=now)
    )
    forget_fragments(connection, row.id)
    shown_in = select(article_channels.c.channel_id).where(article_channels.c.article_id == row.id)
    touch_channels(connection, list(connection.scalars(shown_in)))
    return True


def restore(connection: Connection, article_id: int, now: datetime) -> bool:
    """Publish again what was withdrawn, at its place; whether it was withdrawn.

    It keeps its number in feeds. Digests see it at a new place, so that it reaches those whom
    the last one passed while it was away; who had it by mail does not get it again.
    """
    last_number(connection)
    row = connection.execute(
        select(articles.c.state, articles.c.number).where(articles.c.id == article_id)
    ).one()
    if row.state != "withdrawn":
        return False
    again: dict[str, Any] = {"withdrawn_at": None, "changed_at": now, "state": "published"}
    if row.number is None:  # it was withdrawn before its time came: the next tick publishes it
        again |= {"changed_at": None, "state": "scheduled", "publish_at": now}
    connection.execute(update(articles).where(articles.c.id == article_id).values(again))
    if row.number is not None:
        offer_anew(connection, article_id)
    forget_fragments(connection, article_id)
    shown_in = select(article_channels.c.channel_id).where(
        article_channels.c.article_id == article_id
    )
    touch_channels(connection, list(connection.scalars(shown_in)))
    return True
