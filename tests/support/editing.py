"""Editions in the middle of being sent, for tests of what stops them and what goes first."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from house import NOW, House
from sink import Sink
from sqlalchemy import insert, select, update

from colporteur.config import Settings, shipped
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions, variants
from colporteur.editions import scheduling, store
from colporteur.editions.states import Event, State
from colporteur.templating import Templates


def smtp(sink: Sink, **more: Any) -> Settings:
    """Settings with a real relay."""
    return Settings(mail_url=sink.url, secret_key="k" * 32, **more)


def owed(house: House, *names: str, now: datetime = NOW) -> int:
    """An edition that is sending, owed to these readers at example.org; its id."""
    house.take("Tri aux urgences : ce que six mois ont appris", body_html="<p>Un texte.</p>")
    for name in names:
        house.subscribe(f"{name}@example.org")
    with house.open() as (connection, revision, ids):
        channel = revision.publication.channel("actualites")
        made, _ = scheduling.send_now(
            connection, revision, ids, channel, "matin", by="test", now=now
        )
        scheduling.advance(connection, revision, ids, now)
    return made.id


def special(
    house: House,
    like: int,
    name: str,
    *,
    due: timedelta = timedelta(0),
    state: State = State.SENDING,
) -> int:
    """A special edition with the words of another, to one reader; its batch's id."""
    reader = house.subscribe(f"{name}@example.org")
    with writing(house.engine) as connection:
        now = database_now(connection)
        row = dict(
            connection.execute(select(editions).where(editions.c.id == like)).mappings().one()
        )
        row |= {"public_id": f"special-{name}", "kind": "special", "key": name, "slot": None}
        row |= {"cadence": None, "send_at": now + due, "state": state}
        edition = connection.scalar(insert(editions).values(_new(row)).returning(editions.c.id))
        row = dict(
            connection.execute(select(variants).where(variants.c.edition_id == like))
            .mappings()
            .first()
            or {}
        )
        row |= {"edition_id": edition, "rendered_at": now}
        row |= {"subject": "Édition spéciale", "text": "Un texte.", "html": "<p>Un texte.</p>"}
        variant = connection.scalar(insert(variants).values(_new(row)).returning(variants.c.id))
        batch = {"edition_id": edition, "batch_no": 0, "priority": 1, "domain_group": "all"}
        batch |= {"due_at": now + due, "status": "pending", "attempts": 0}
        batch_id = connection.scalar(insert(batches).values(batch).returning(batches.c.id))
        connection.execute(
            insert(deliveries).values(
                edition_id=edition,
                variant_id=variant,
                subscriber_id=reader.subscriber_id,
                subscription_id=reader.subscription_id,
                batch_id=batch_id,
                status="pending",
                due_at=now + due,
                attempts=0,
                possible_duplicates=0,
            )
        )
    assert batch_id is not None
    return batch_id


def overridden(folder: Path, file: str, text: str) -> Templates:
    """Templates with a file of the operator's in front."""
    own = folder / "own" / file
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(text, encoding="utf-8")
    return Templates((folder / "own", shipped("templates")))


def broken_beyond_help(folder: Path, file: str, text: str) -> Templates:
    """Templates of which a file is broken in the operator's folder and in the shipped one."""
    own, ours = overridden(folder, file, text).folders
    shutil.copytree(ours, folder / "shipped")
    (folder / "shipped" / file).write_text(text, encoding="utf-8")
    return Templates((own, folder / "shipped"))


def happens(house: House, edition_id: int, event: Event) -> None:
    """What an editor does to an edition."""
    with writing(house.engine) as connection:
        now = database_now(connection)
        fixed = {"resumed_at": now} if event is Event.RESUME else {}
        store.happen(connection, edition_id, event, by="test", now=now, fixed=fixed)


def pauses_reader(house: House, address_id: int) -> None:
    """A reader takes a break."""
    with writing(house.engine) as connection:
        mine = update(subscriptions).where(subscriptions.c.id == address_id)
        connection.execute(mine.values(state="paused"))


def ended(house: House, edition_id: int = 1) -> list[tuple[str, str | None]]:
    """The status and reason of each delivery of an edition."""
    query = select(deliveries.c.status, deliveries.c.reason)
    mine = query.where(deliveries.c.edition_id == edition_id).order_by(deliveries.c.id)
    with reading(house.engine) as connection:
        return [(row.status, row.reason) for row in connection.execute(mine)]


def whom(sink: Sink) -> list[str]:
    """The local parts of those whom the relay took mail for, in order."""
    return [address.partition("@")[0] for address, _ in sink.accepted]


def _new(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}
