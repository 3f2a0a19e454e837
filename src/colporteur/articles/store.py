"""Articles as the rest of the house reads them: the current version beside its article."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from colporteur.articles import further_ids
from colporteur.articles.article import Article
from colporteur.articles.cleaning import has_forbidden
from colporteur.articles.matching import url_key
from colporteur.articles.submission import Enclosure, Image, Origin
from colporteur.db.tables.articles import article_channels, article_versions, articles
from colporteur.db.tables.publication import topics as topic_table
from colporteur.exceptions import UnknownName, Withdrawn


def newest(connection: Connection, channel_id: int, limit: int) -> list[Article]:
    """A channel's published articles, the newest first."""
    query = (
        _current()
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(article_channels.c.channel_id == channel_id, articles.c.state == "published")
        .order_by(articles.c.published_at.desc(), articles.c.number.desc())
        .limit(limit)
    )
    return _all(connection, query)


def newest_in(
    connection: Connection, language: str, limit: int, *which: ColumnElement[bool]
) -> list[Article]:
    """The published articles in a language, the newest first; ``which`` narrow them."""
    query = _current().where(
        articles.c.language == language, articles.c.state == "published", *which
    )
    return _all(connection, query.order_by(articles.c.number.desc()).limit(limit))


def by_slug(connection: Connection, slug: str) -> Article:
    """The published article at ``/articles/<slug>``.

    Raises:
        Withdrawn: it was taken back.
        UnknownName: there is none.
    """
    found = _all(connection, _current().where(articles.c.slug == slug))
    if found and found[0].state == "withdrawn":
        raise Withdrawn(f"The article {slug!r} has been withdrawn.")
    if not found or found[0].state != "published":
        raise UnknownName(f"There is no article {slug!r}.", cure="Look for it on the home page.")
    return found[0]


def at_versions(connection: Connection, versions: dict[int, int]) -> dict[int, Article]:
    """Articles by id, at the versions given by id."""
    query = _joined(articles.c.id == article_versions.c.article_id).where(
        articles.c.id.in_(versions)
    )
    found = _all(connection, query)
    return {one.id: one for one in found if versions[one.id] == one.version}


def by_ids(connection: Connection, article_ids: Sequence[int]) -> dict[int, Article]:
    """Articles by id, in whatever state."""
    found = _all(connection, _current().where(articles.c.id.in_(article_ids)))
    return {one.id: one for one in found}


def ids_of(connection: Connection, slugs: Sequence[str]) -> tuple[int, ...]:
    """The ids of articles by their slugs, in that order, in whatever state they are.

    Raises:
        UnknownName: there is none of that slug.
    """
    query = select(articles.c.slug, articles.c.id).where(articles.c.slug.in_(slugs))
    known = {row.slug: row.id for row in connection.execute(query)}
    for slug in slugs:
        if slug not in known:
            cure = "`colporteur articles list --json` shows each one's slug."
            raise UnknownName(f"There is no article {slug!r}.", cure=cure)
    return tuple(known[slug] for slug in slugs)


def by_key(connection: Connection, key: str) -> Article | None:
    """The article of an external id, its own or a further one, else of a feed id; or None."""
    if has_forbidden(key):  # no article has such a key, and PostgreSQL refuses some
        return None
    further = further_ids.article_of(connection, key)
    for condition in (
        articles.c.external_id == key,
        articles.c.id == further,
        articles.c.feed_id == key,
    ):
        if found := _all(connection, _current().where(condition)):
            return found[0]
    return None


def by_name(connection: Connection, name: str) -> Article | None:
    """The article of an external id, a feed id or a slug, in whatever state; or None."""
    if has_forbidden(name):
        return None
    found = by_key(connection, name)
    return found or next(iter(_all(connection, _current().where(articles.c.slug == name))), None)


def by_url(connection: Connection, urls: Sequence[str]) -> Article | None:
    """The article that lives at one of some addresses, in whatever state."""
    keys = [url_key(url) for url in urls if not has_forbidden(url)]
    found = _all(connection, _current().where(articles.c.url_key.in_(keys)))
    return found[0] if found else None


def listing(
    connection: Connection, limit: int | None = None, before: int | None = None
) -> list[Article]:
    """All articles, the newest first; ``before`` leaves out those from an id on."""
    query = _current().order_by(articles.c.id.desc()).limit(limit)
    return _all(connection, query if before is None else query.where(articles.c.id < before))


def channel_ids(connection: Connection, article_ids: Sequence[int]) -> dict[int, list[int]]:
    """The channels that each article appears in."""
    found: dict[int, list[int]] = {}
    rows = connection.execute(
        select(article_channels)
        .where(article_channels.c.article_id.in_(article_ids))
        .order_by(article_channels.c.channel_id)
    )
    for row in rows:
        found.setdefault(row.article_id, []).append(row.channel_id)
    return found


def topic_slugs(connection: Connection) -> dict[int, str]:
    """Topic slugs by id."""
    return {row.id: row.slug for row in connection.execute(select(topic_table))}


def _current() -> Select[Any]:
    return _joined(
        and_(
            articles.c.id == article_versions.c.article_id,
            articles.c.version == article_versions.c.version,
        )
    )


def _joined(condition: Any) -> Select[Any]:
    return select(
        *(column for column in articles.c if column.name != "version"),
        *(column for column in article_versions.c if column.name != "article_id"),
    ).join(article_versions, condition)


def _all(connection: Connection, query: Select[Any]) -> list[Article]:
    return [_article(row) for row in connection.execute(query).mappings()]


def _article(row: Any) -> Article:
    kept = {name: row[name] for name in Article.__dataclass_fields__}
    return Article(
        **{
            **kept,
            "authors": tuple(row["authors"]),
            "topics": tuple(row["topics"]),
            "image": Image(**row["image"]) if row["image"] else None,
            "enclosure": Enclosure(**row["enclosure"]) if row["enclosure"] else None,
            "source": Origin(**row["source"]) if row["source"] else None,
        }
    )
