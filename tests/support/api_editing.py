"""A newsroom that asks the API about editions, each of its people with a token of their own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from api_house import Mint
from asking import Ask
from house import House

from colporteur.db import database_now, reading
from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope

EVERYTHING = (Scope.EDITIONS_READ, Scope.EDITIONS_WRITE, Scope.EDITIONS_APPROVE)


@dataclass
class Desk:
    """Somebody of the newsroom, whose program asks."""

    ask: Ask
    token: str

    def __call__(self, method: str, path: str, key: str = "", **options: Any) -> httpx.Response:
        said = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        said |= {"Idempotency-Key": key} if key else {}
        return self.ask(method, f"/api/v1{path}", headers=said, **options)

    def does(self, edition: int, action: str, **said: Any) -> httpx.Response:
        """Have something done to an edition."""
        return self("POST", f"/editions/{edition}/{action}", json=said)

    def drafts(self, key: str = "k", **said: Any) -> dict[str, Any]:
        """A draft of a special edition for one channel."""
        body = {"channels": ["actualites"], "note": "Une grève.", "subject": "Grève"} | said
        found = self("POST", "/editions/specials", key, json=body)
        assert found.status_code in {200, 201}, found.text
        view: dict[str, Any] = found.json()
        return view


def desk(
    ask: Ask,
    mint: Mint,
    *scopes: Scope,
    address: str = "leila@example.org",
    role: Role = Role.EDITOR,
) -> Desk:
    """Somebody with a token."""
    return Desk(ask, mint(*(scopes or EVERYTHING), address=address, role=role)[0])


def next_slot(house: House, hour: int = 7, days: int = 1) -> datetime:
    """07:00 in Paris of a day to come, by the database's clock, which the API goes by."""
    with reading(house.engine) as connection:
        today = database_now(connection).astimezone(ZoneInfo("Europe/Paris"))
    wanted = today.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return wanted.astimezone(UTC)


def sent_special(desk: Desk, house: House) -> int:
    """A special that was confirmed, its id."""
    made = desk.drafts("sent")
    assert desk.does(made["id"], "confirm").status_code == 200
    return int(made["id"])
