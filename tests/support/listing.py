"""Lists of readers as files, read into a house and written out of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from house import House
from sqlalchemy import select

from colporteur.audience.importing import running
from colporteur.audience.importing.opening import look_at
from colporteur.audience.importing.terms import Offer, Terms
from colporteur.db import reading
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.editions.offering import offer

SAID_YES = "Paper form at the 2025 meeting"


class Lists:
    """A folder of lists beside a house."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder

    def write(self, text: str | bytes, name: str = "list.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def offer(self) -> Offer:
        with self.house.open() as (connection, revision, names):
            return offer(connection, revision.publication, names, self.house.now)

    def read(
        self,
        text: str | bytes,
        name: str = "list.csv",
        *,
        anew: bool = False,
        tell: Callable[[int], None] = lambda _: None,
        **said: Any,
    ) -> running.Report:
        """Read a list in, to its end."""
        terms = Terms(**{"channel": "actualites", **said})
        path = self.write(text, name)
        return running.run(
            self.house.engine,
            look_at(path, terms),
            terms,
            self.offer(),
            by="test",
            refused=self.refused,
            anew=anew,
            tell=tell,
        )

    def preview(self, text: str | bytes, name: str = "list.csv", **said: Any) -> running.Preview:
        terms = Terms(**{"channel": "actualites", **said})
        path = self.write(text, name)
        return running.preview(self.house.engine, look_at(path, terms), terms, self.offer())

    @property
    def refused(self) -> Path:
        return self.folder / "refused.csv"

    def states(self) -> Mapping[str, tuple[str, str | None]]:
        """What each reader and their subscription are, by address."""
        query = select(subscribers.c.address, subscribers.c.state, subscriptions.c.state)
        query = query.outerjoin(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        with reading(self.house.engine) as connection:
            return {address: (one, other) for address, one, other in connection.execute(query)}
