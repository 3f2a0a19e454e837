"""Articles of a topic that became part of another. In the caller's transaction."""

from sqlalchemy import Connection, delete, insert, select, update

from colporteur.db.tables.articles import article_topics, article_versions, articles


def retopic(connection: Connection, topic_id: int, into: int) -> int:
    """Have the articles of a topic be about another; how many."""
    about = select(article_topics.c.article_id).where(article_topics.c.topic_id == topic_id)
    found = list(connection.scalars(about))
    had = set(
        connection.scalars(
            select(article_topics.c.article_id).where(article_topics.c.topic_id == into)
        )
    )
    for article_id in found:
        _version(connection, article_id, topic_id, into)
    connection.execute(delete(article_topics).where(article_topics.c.topic_id == topic_id))
    new = [{"article_id": one, "topic_id": into} for one in found if one not in had]
    if new:
        connection.execute(insert(article_topics), new)
    return len(found)


def _version(connection: Connection, article_id: int, topic_id: int, into: int) -> None:
    """The present version says so; older ones stay as they were."""
    version = select(articles.c.version).where(articles.c.id == article_id).scalar_subquery()
    present = (article_versions.c.article_id == article_id, article_versions.c.version == version)
    topics = connection.scalar(select(article_versions.c.topics).where(*present)) or []
    anew = list(dict.fromkeys(into if one == topic_id else one for one in topics))
    connection.execute(update(article_versions).where(*present).values(topics=anew))
