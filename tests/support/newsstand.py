"""A house whose channels have sources on a real server elsewhere."""

from dataclasses import dataclass, field
from typing import Any

from elsewhere import Elsewhere
from house import House, channel, publication
from sqlalchemy import select, update

from colporteur.articles import refusals
from colporteur.articles.sources import store
from colporteur.articles.sources.fetching import Report, poll
from colporteur.clock import utcnow
from colporteur.db import reading, writing
from colporteur.db.tables.articles import article_versions, articles
from colporteur.db.tables.sources import sources
from colporteur.fetch import Fetcher

FETCHER = Fetcher(loopback=True, seconds=5)


@dataclass
class Newsstand:
    """A house whose channels have sources elsewhere."""

    house: House
    elsewhere: Elsewhere
    sources: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def has(self, path: str = "/feed", channel: str = "actualites", **more: Any) -> str:
        url = self.elsewhere.url(path)
        self.sources.setdefault(channel, []).append({"url": url, **more})
        self.apply()
        return url

    def apply(self) -> None:
        channels = [
            channel(slug, language, sources=self.sources.get(slug, []))
            for slug, language in (("actualites", "fr"), ("nashra", "ar"))
        ]
        self.house.now = utcnow()
        self.house.apply(publication(channels=channels))
        with self.house.open() as (connection, revision, names):
            store.sync(connection, revision, names, utcnow())

    def poll(self, source_id: int = 1, *, forced: bool = True, seconds: float = 60) -> Report:
        report = poll(self.house.engine, FETCHER, source_id, forced=forced, seconds=seconds)
        assert report is not None
        return report

    def row(self, source_id: int = 1) -> Any:
        with reading(self.house.engine) as connection:
            query = select(sources).where(sources.c.id == source_id)
            return connection.execute(query).one()

    def change(self, **values: Any) -> None:
        with writing(self.house.engine) as connection:
            connection.execute(update(sources).values(values))

    def articles(self) -> list[Any]:
        with reading(self.house.engine) as connection:
            same = (article_versions.c.article_id == articles.c.id) & (
                article_versions.c.version == articles.c.version
            )
            query = select(articles, article_versions).join(article_versions, same)
            return list(connection.execute(query.order_by(articles.c.id)))

    def titles(self) -> list[str]:
        return [row.title for row in self.articles()]

    def refused(self) -> list[tuple[str, str]]:
        with reading(self.house.engine) as connection:
            return [(one.entry, one.reason) for one in refusals.listing(connection)]
