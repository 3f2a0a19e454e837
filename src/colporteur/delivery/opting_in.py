"""Asks imported readers whose consent nobody stated: so many an hour, once each.

A list that was never mailed by us is not written to at once: its bounces and complaints would
cost every reader's mail its good name. Who does not answer is forgotten like anybody who signed
up and never confirmed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, select, text, update

from colporteur.audience.importing.writing import METHOD
from colporteur.audience.links import CONFIRM_FOR, confirm_link, unsubscribe_link
from colporteur.audience.states import State
from colporteur.db import alone
from colporteur.db.tables.audience import consents, subscribers, subscriptions
from colporteur.db.tables.publication import facts
from colporteur.delivery.letters import write_letter
from colporteur.delivery.welcoming.asking import Office
from colporteur.digests.letters import RECONFIRM
from colporteur.publication.site import note

_FACT = "opt_in"
_AT_ONCE = 200
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def refilled(room: float, since: timedelta, per_hour: int) -> float:
    """How many may be asked now: an hour's number, spread evenly, saved up for a minute."""
    most = 1.0 + per_hour * (_MINUTE / _HOUR)
    return min(most, room + per_hour * (max(since, timedelta()) / _HOUR))


def ask_imported(connection: Connection, office: Office, now: datetime) -> int:
    """Write to as many as may be asked now, the oldest imports first; how many were."""
    if not alone(connection, _FACT) or not _waiting(connection, 1):
        return 0
    room = _room(connection, office.publication.subscribing.opt_in_per_hour, now)
    waiting: dict[int, Row[Any]] = {}
    for one in _waiting(connection, min(int(room), _AT_ONCE)):
        waiting.setdefault(one.subscriber_id, one)
    for one in waiting.values():
        _ask(connection, office, one, now)
    left = {"room": room - len(waiting), "at": now.isoformat()}
    note(connection, _FACT, left)
    return len(waiting)


def _room(connection: Connection, per_hour: int, now: datetime) -> float:
    known: Mapping[str, Any] | None = connection.scalar(
        select(facts.c.value).where(facts.c.name == _FACT)
    )
    if known is None:
        return refilled(0.0, _MINUTE, per_hour)
    return refilled(known["room"], now - datetime.fromisoformat(known["at"]), per_hour)


def _waiting(connection: Connection, limit: int) -> list[Row[Any]]:
    """Records of consent to be asked for, of readers who still wait for it."""
    waits = exists().where(
        subscriptions.c.subscriber_id == consents.c.subscriber_id,
        subscriptions.c.state == State.PENDING,
    )
    query = (
        select(consents.c.id, consents.c.channels, subscribers.c.language, consents.c.subscriber_id)
        .join(subscribers, subscribers.c.id == consents.c.subscriber_id)
        .where(
            consents.c.confirmed_at.is_(None),
            consents.c.asked_at.is_(None),
            text("consents.method = 'import'"),  # written out: its index serves
            subscribers.c.address.is_not(None),
            subscribers.c.state.in_([State.PENDING, State.ACTIVE]),
            waits,
        )
        .order_by(consents.c.at, consents.c.id)
        .limit(limit)
    )
    return list(connection.execute(query))


def _ask(connection: Connection, office: Office, one: Row[Any], now: datetime) -> None:
    """Write the letter with the button; a channel that is gone by now is not asked about."""
    asked = _merged(connection, one, now)
    pending = select(subscriptions.c.id, subscriptions.c.channel_id).where(
        subscriptions.c.subscriber_id == one.subscriber_id,
        subscriptions.c.state == State.PENDING,
        subscriptions.c.channel_id.in_(asked),
    )
    held = {row.channel_id: row.id for row in connection.execute(pending)}
    channels = office.channels(held)
    if not channels:
        return
    key, site = office.secret_key, office.site
    first = held[office.names.channels[channels[0].slug]]
    content = {
        "channels": [channel.title for channel in channels],
        "confirm_url": confirm_link(key, site, one.id, now),
        "until": (now + CONFIRM_FOR).isoformat(),
        "unsubscribe_url": unsubscribe_link(key, site, first),
    }
    purpose = f"reconfirm:{one.id}"
    write_letter(connection, purpose, RECONFIRM, one.subscriber_id, one.language, content, now)


def _merged(connection: Connection, one: Row[Any], now: datetime) -> set[int]:
    """Note that a reader is asked, once for all lists they stand on; the channels (ids) of all."""
    theirs = (
        consents.c.subscriber_id == one.subscriber_id,
        consents.c.confirmed_at.is_(None),
        consents.c.asked_at.is_(None),
        consents.c.method == METHOD,
    )
    several = connection.scalars(select(consents.c.channels).where(*theirs)).all()
    channels = {channel for channels in several for channel in channels}
    connection.execute(update(consents).where(*theirs).values(asked_at=now))
    if len(several) > 1:
        whole = update(consents).where(consents.c.id == one.id)
        connection.execute(whole.values(channels=sorted(channels)))
    return channels
