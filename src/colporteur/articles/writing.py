"""Publishes and revises what people write, through the intake that every article passes."""

from datetime import datetime

from sqlalchemy import Connection, update

from colporteur.articles.intake import Outcome, Taken, record
from colporteur.articles.preparing import Prepared
from colporteur.articles.recording import offer_anew
from colporteur.db.numbering import last_number
from colporteur.db.tables.articles import article_channels, articles
from colporteur.exceptions import ArticleRefused
from colporteur.publication import Publication
from colporteur.publication.identities import Ids


def publish(
    connection: Connection,
    prepared: Prepared,
    publication: Publication,
    names: Ids,
    now: datetime,
    *,
    in_digests: bool,
    made_by: int,
) -> Taken:
    """Publish something new, or have it wait for its time; it is its author's to change.

    Raises:
        ArticleRefused: there is such an article already: ``values`` has its id as ``article``.
            Whoever calls rolls back.
    """
    taken = record(connection, prepared, publication, names, now, in_digests=in_digests)
    if taken.outcome is not Outcome.ADDED:
        raise ArticleRefused(
            "There is an article with this title or address already.",
            cure="Change that one, or give this one a title of its own.",
            field="url" if prepared.said.url else "title",
            fault="there",
            article=taken.article_id,
        )
    mine = update(articles).where(articles.c.id == taken.article_id)
    connection.execute(mine.values(made_by=made_by))
    return taken


def set_in_digests(connection: Connection, article_id: int, *, wanted: bool) -> None:
    """Have digests bring an article, or not. What is frozen already stays as it is.

    Wanted again it has a new place, so that it reaches those whom the last digest passed.
    """
    last_number(connection)  # freezes take turns with it
    mine = articles.c.id == article_id
    connection.execute(update(articles).where(mine).values(in_digests=wanted))
    if not wanted:
        return
    shown = article_channels.c.article_id == article_id
    connection.execute(update(article_channels).where(shown).values(in_digests=True))
    numbered = articles.c.number.is_not(None)
    if connection.scalar(articles.select().with_only_columns(articles.c.id).where(mine, numbered)):
        offer_anew(connection, article_id)
