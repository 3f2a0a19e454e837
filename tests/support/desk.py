"""The editors' desk of a house, for tests: the calendar's ticks, and what each reader gets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from house import House, channel, digest, publication
from sqlalchemy import select, update

from colporteur.articles.withdrawing import withdraw
from colporteur.db import reading, writing
from colporteur.db.tables.articles import article_versions, articles
from colporteur.db.tables.audience import subscribers
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import variants
from colporteur.editions import scheduling, specials, steering
from colporteur.editions.freezing.regular import EVERYBODY
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state, load

SLOT = datetime.fromisoformat("2026-11-21T07:00:00+01:00")
DAY = timedelta(days=1)


@dataclass
class Desk:
    """A house whose calendar is moved by hand."""

    house: House

    def set_up(self, *slugs: str, rules: dict[str, Any] | None = None, **more: Any) -> None:
        """Have French channels of these names, all with the same rules."""
        made = [channel(slug, "fr", digest=digest(**(rules or {}))) for slug in slugs]
        self.house.apply(publication(channels=made, **more))

    def tick(self, now: datetime) -> list[int]:
        self.house.now = now
        with self.house.open() as (connection, revision, names):
            return scheduling.advance(connection, revision, names, now)

    def editions(self, *states: State) -> list[Edition]:
        with reading(self.house.engine) as connection:
            return in_state(connection, *(states or State))

    def edition(self, edition_id: int) -> Edition:
        with reading(self.house.engine) as connection:
            return load(connection, edition_id)

    def now_sent(self, edition_id: int, status: str = "sent", address: str = "") -> None:
        """Say what came of the deliveries of an edition that were waiting."""
        whose = select(subscribers.c.id)
        if address:
            whose = whose.where(subscribers.c.address == address)
        with writing(self.house.engine) as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.edition_id == edition_id, deliveries.c.status == "pending")
                .where(deliveries.c.subscriber_id.in_(whose))
                .values(status=status)
            )

    def brought(self) -> dict[str, list[list[str]]]:
        """By address the titles that each live delivery brings, in the order of editions."""
        with reading(self.house.engine) as connection:
            titles = {
                row.article_id: row.title for row in connection.execute(select(article_versions))
            }
            rows = connection.execute(
                select(subscribers.c.address, variants.c.articles)
                .join(deliveries, deliveries.c.subscriber_id == subscribers.c.id)
                .join(variants, variants.c.id == deliveries.c.variant_id)
                .where(deliveries.c.status.not_in(["failed", "skipped"]))
                .order_by(deliveries.c.id)
            ).all()
        found: dict[str, list[list[str]]] = {}
        for address, ids in rows:
            found.setdefault(address, []).append([titles[one] for one in ids])
        return found

    def deliveries(self, edition_id: int) -> list[Any]:
        """The rows of an edition with their reader's address, in order."""
        query = select(deliveries, subscribers.c.address).join(
            subscribers, subscribers.c.id == deliveries.c.subscriber_id
        )
        with reading(self.house.engine) as connection:
            mine = query.where(deliveries.c.edition_id == edition_id)
            return list(connection.execute(mine.order_by(subscribers.c.address)))

    def take(self, title: str, **said: Any) -> int:
        """Take an article in; its id."""
        return self.house.take(title, **said).article_id

    def withdraw(self, article_id: int) -> None:
        with writing(self.house.engine) as connection:
            slug = connection.scalar(select(articles.c.slug).where(articles.c.id == article_id))
            withdraw(connection, str(slug), self.house.now)

    def special(
        self,
        *ids: int,
        to: tuple[str, ...] = ("actualites",),
        topics: tuple[str, ...] = (),
        at: datetime | None = None,
        key: str = "key",
        typed: int | None = None,
        **words: str,
    ) -> Edition:
        """Draft and confirm a special edition of these articles."""
        with self.house.open() as (connection, revision, names):
            audience = Audience(
                tuple(names.channels[slug] for slug in to),
                frozenset(names.topics[slug] for slug in topics),
            )
            home = revision.publication.channel(to[0])
            drafted = specials.draft(
                connection,
                specials.Special(home, audience, ids, **words),
                names,
                key=key,
                by="editor",
                now=self.house.now,
            )
            return specials.confirm(
                connection,
                drafted,
                revision,
                typed=typed,
                at=at,
                by="editor",
                now=self.house.now,
                whom=EVERYBODY,
            )

    def approve(self, edition_id: int, by: str = "approver") -> Edition:
        with self.house.open() as (connection, revision, names):
            edition = load(connection, edition_id)
            return steering.approve(connection, edition, revision, names, by=by, now=self.house.now)

    def cancel(self, edition_id: int) -> int:
        with writing(self.house.engine) as connection:
            edition = load(connection, edition_id)
            return steering.cancel(connection, edition, by="editor", why="no", now=self.house.now)
