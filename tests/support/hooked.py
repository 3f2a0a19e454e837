"""A program that a house tells what happens, and checks each message as its own library does."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from elsewhere import Elsewhere
from house import SITE, House
from sqlalchemy import select, update
from standardwebhooks import Webhook as Verifier

from colporteur.db import database_now, reading, writing
from colporteur.db.tables.webhooks import webhook_messages, webhooks
from colporteur.fetch import Fetcher
from colporteur.webhooks import delivering, endpoints
from colporteur.webhooks.delivering import Sending
from colporteur.webhooks.kinds import Kind

KEY = "k" * 32


@dataclass
class Program:
    """A program elsewhere; time passes for it by moving rows back, not by waiting."""

    house: House
    elsewhere: Elsewhere
    fetcher: Fetcher = Fetcher(loopback=True, seconds=5)  # noqa: RUF009 - frozen
    path: str = "/hook"
    id: int = 0
    secret: str = ""

    def join(self, *kinds: Kind, addresses: bool = False, status: int = 204) -> "Program":
        self.answers(status)
        with writing(self.house.engine) as connection:
            added = endpoints.add(
                connection,
                KEY,
                url=self.elsewhere.url(self.path),
                name="crm",
                kinds=kinds or tuple(Kind),
                addresses=addresses,
                by="test",
                now=database_now(connection),
            )
        assert added
        made, self.secret = added
        self.id = made.id
        return self

    def answers(self, status: int, **headers: str) -> None:
        self.elsewhere.says(self.path, status=status, **headers)

    def told(self, secret: str = "") -> list[dict[str, Any]]:
        """What it got so far, each message with a signature that holds."""
        found = [one for one in self.elsewhere.asked if one[1] == self.path]
        verifier = Verifier(secret or self.secret)
        return [json.loads(json.dumps(verifier.verify(body, said))) for _, _, said, body in found]

    def deliver(self, key: str = KEY) -> int:
        """What a worker does when it is rung for; how many messages it took."""
        sending = Sending(self.house.engine, self.fetcher, key, SITE)
        self.make_due()
        with reading(self.house.engine) as connection:
            waiting = delivering.to_tell(connection, database_now(connection))
        until = time.monotonic() + 30
        never = lambda: False  # noqa: E731
        return sum(
            delivering.tell_program(sending, one, until=until, stopping=never) for one in waiting
        )

    def make_due(self) -> None:
        """Let what waits for a time be due, and the program rest no longer."""
        past = self.now() - timedelta(seconds=1)
        with writing(self.house.engine) as connection:
            waits = update(webhook_messages).where(webhook_messages.c.next_at.is_not(None))
            connection.execute(waits.values(next_at=past))
            connection.execute(update(webhooks).values(rests_until=None))

    def change(self, **values: Any) -> None:
        with writing(self.house.engine) as connection:
            connection.execute(update(webhooks).where(webhooks.c.id == self.id).values(**values))

    def row(self) -> Any:
        with reading(self.house.engine) as connection:
            return connection.execute(select(webhooks).where(webhooks.c.id == self.id)).one()

    def log(self) -> list[Any]:
        with reading(self.house.engine) as connection:
            query = select(webhook_messages).where(webhook_messages.c.webhook_id == self.id)
            return list(connection.execute(query.order_by(webhook_messages.c.id)))

    def now(self) -> datetime:
        with reading(self.house.engine) as connection:
            return database_now(connection)
