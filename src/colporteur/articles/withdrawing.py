"""Takes a published article back: its page is gone, its feeds say so, no digest brings it."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from colporteur.articles.publishing import last_number, touch_channels
from colporteur.articles.recording import forget_fragments
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
