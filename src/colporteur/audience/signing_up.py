"""Readers who ask for channels and confirm it: double opt-in. All in the caller's transaction.

Nothing is sent to who asked but the letter with the button, until it is pressed. Asking tells
nobody whether an address is known: what it comes to stays inside (``Standing``).
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from colporteur.audience.addresses import EmailAddress, hash_of
from colporteur.audience.announcing import announce
from colporteur.audience.choices import Choice
from colporteur.audience.consent import (
    Asked,
    Consent,
    confirm_consent,
    consent,
    note_consent,
    open_record,
)
from colporteur.audience.history import record
from colporteur.audience.links import CONFIRM_FOR
from colporteur.audience.moving import move
from colporteur.audience.states import Event, State, transition
from colporteur.audience.subscribing import chosen
from colporteur.audience.suppressing import LIFTED_BY_OWNER, Reason, lift, suppression_of
from colporteur.audience.waking import end_all_but, owe_from_now
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.exceptions import UnknownName
from colporteur.webhooks.kinds import Kind

BY = "reader"
_HAVING = (State.ACTIVE, State.PAUSED)
_WAKES = (State.PENDING, State.BOUNCED, State.COMPLAINED)
"""What a reader is who gets nothing, and gets mail again once they press the button."""


class Standing(enum.StrEnum):
    """What asking came to."""

    NEW = "new"  # the button is to be pressed
    KNOWN = "known"  # they have all of it already
    REFUSED = "refused"  # somebody asked us never to write there


@dataclass(frozen=True)
class SignedUp:
    """What asking came to; without an id there is no such reader, or nothing to confirm."""

    subscriber_id: int | None
    consent_id: int | None
    standing: Standing


@dataclass(frozen=True)
class Confirmed:
    """Whose button it was, and the subscriptions that mail comes for from now on.

    ``again``: it had been pressed before, and changed nothing. ``left``: nor did it change
    anything, since they left all of it after asking.
    """

    subscriber_id: int
    subscription_ids: tuple[int, ...]
    again: bool
    left: bool = False


@dataclass(frozen=True)
class _Held:
    """A subscription that is there already."""

    id: int
    state: State
    ended_at: datetime | None


def sign_up(
    connection: Connection,
    address: EmailAddress,
    choices: Sequence[Choice],
    *,
    language: str,
    asked: Asked,
    start_numbers: Mapping[int, int],
    now: datetime,
    name: str = "",
) -> SignedUp:
    """Keep that somebody asked for channels at an address; ``start_numbers`` are by channel id.

    What the address has already stays as it is, and so does what it left: anybody can type an
    address. What it left begins again at ``confirm``, with what was chosen then; the rest is
    pending until then. Who asks for the same once more has one record of it.
    """
    reason = suppression_of(connection, address.hash)
    if reason is not None and reason not in LIFTED_BY_OWNER:
        return SignedUp(None, None, Standing.REFUSED)
    subscriber_id, reader = _reader(connection, address, name, language, now)
    if reader is State.SUPPRESSED:
        return SignedUp(subscriber_id, None, Standing.REFUSED)
    held = _held(connection, subscriber_id)
    asleep = reader in _WAKES or reason is not None
    wanted = [one for one in choices if asleep or not _has(held, one.channel_id)]
    if not wanted:
        return SignedUp(subscriber_id, None, Standing.KNOWN)
    channels = [one.channel_id for one in wanted]
    ended = [one.ended_at for channel, one in held.items() if channel in channels and one.ended_at]
    since = max(now - CONFIRM_FOR, *ended) if ended else now - CONFIRM_FOR
    consent_id = open_record(connection, subscriber_id, channels, asked, since)
    if consent_id is None:
        consent_id = note_consent(connection, subscriber_id, channels, asked, now)
    more = {"consent": consent_id, "channels": channels}
    move(connection, subscriber_id, Event.SIGNED_UP, by=asked.method, now=now, more=more)
    for choice in wanted:
        before = held.get(choice.channel_id)
        if before is None or before.state is State.PENDING:
            start = start_numbers[choice.channel_id]
            _ask(connection, subscriber_id, choice, before, start, asked.method, now)
    return SignedUp(subscriber_id, consent_id, Standing.NEW)


def confirm(
    connection: Connection,
    consent_id: int,
    *,
    ip: str | None,
    now: datetime,
    start_numbers: Mapping[int, int] | None = None,
) -> Confirmed:
    """Press the button of a record of consent: what it asked for begins. Once; again is nothing.

    It also lifts what an owner lifts (a bounce, a complaint, an erasure). ``start_numbers`` (by
    channel id) are where it begins if that is later than when it was asked for.

    Raises:
        UnknownName: it was forgotten, or nothing may be sent there any more.
    """
    found = consent(connection, consent_id)
    reader, address_hash = _locked(connection, found.subscriber_id)
    reason = suppression_of(connection, address_hash) if address_hash else None
    gone = reader in {State.SUPPRESSED, State.ERASED} or address_hash is None
    if gone or (reason is not None and reason not in LIFTED_BY_OWNER):
        raise UnknownName("Nothing is sent to this address any more.", cure="Use another one.")
    assert address_hash is not None
    held = _held(connection, found.subscriber_id)
    asleep = reader in _WAKES or reason is not None
    left = _left(held, found)
    if left or not confirm_consent(connection, consent_id, ip=ip, now=now):
        again = not left or found.confirmed_at is not None
        return Confirmed(found.subscriber_id, (), again, left)
    more = {"consent": consent_id}
    move(connection, found.subscriber_id, Event.CONFIRMED, by=BY, now=now, more=more)
    known = update(subscribers).where(subscribers.c.id == found.subscriber_id)
    connection.execute(known.where(subscribers.c.confirmed_at.is_(None)).values(confirmed_at=now))
    lift(connection, address_hash, by_owner=True)
    begun = _due(held, found, asleep=asleep)
    for channel, one in begun.items():
        _begin(connection, one, (start_numbers or {}).get(channel, 0), now)
    if reader is State.COMPLAINED or reason is Reason.COMPLAINED:
        end_all_but(connection, found.subscriber_id, found.channels, by=BY, now=now)
    elif reader is State.BOUNCED or reason is Reason.BOUNCED:
        owe_from_now(connection, found.subscriber_id, now)
    ids = tuple(one.id for one in begun.values())
    why = Event.CONFIRMED
    announce(connection, Kind.SUBSCRIBER_CONFIRMED, found.subscriber_id, ids, why, now)
    return Confirmed(found.subscriber_id, ids, again=False)


def left_after(connection: Connection, found: Consent) -> bool:
    """Whether who asked has left all of it since, so that its button begins nothing."""
    return _left(_held(connection, found.subscriber_id), found)


def _left(held: Mapping[int, _Held], found: Consent) -> bool:
    if any(_has(held, channel) for channel in found.channels):
        return False
    return found.confirmed_at is not None or not _due(held, found, asleep=False)


def begins_something(connection: Connection, found: Consent) -> bool:
    """Whether the button of a record would have mail come that does not come yet."""
    return bool(_due(_held(connection, found.subscriber_id), found, asleep=False))


def _due(held: Mapping[int, _Held], found: Consent, *, asleep: bool) -> dict[int, _Held]:
    """What begins once the button of a record is pressed, by channel.

    What they left after they had asked does not: the button is older than their leaving.
    """
    there = {channel: held[channel] for channel in found.channels if channel in held}
    return {channel: one for channel, one in there.items() if _begins(one, found.at, asleep=asleep)}


def _begins(one: _Held, asked_at: datetime, *, asleep: bool) -> bool:
    if one.state is State.UNSUBSCRIBED:
        return one.ended_at is None or one.ended_at <= asked_at
    return one.state is State.PENDING or asleep


def _has(held: Mapping[int, _Held], channel_id: int) -> bool:
    return channel_id in held and held[channel_id].state in _HAVING


def _reader(
    connection: Connection, address: EmailAddress, name: str, language: str, now: datetime
) -> tuple[int, State]:
    """The reader of an address, locked, made if there is none; and what they are."""
    values = {
        "address": address.text,
        "address_key": address.key,
        "domain": address.domain,
        "name": name,
        "language": language,
        "state": State.PENDING,
        "created_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    theirs = subscribers.c.address_key == address.key
    row = None
    while row is None:  # who is being forgotten at this moment is new again
        connection.execute(dialect.insert(subscribers).values(values).on_conflict_do_nothing())
        found = select(subscribers.c.id, subscribers.c.state).where(theirs)
        row = connection.execute(found.with_for_update(key_share=True)).first()
    if row.state == State.UNSUBSCRIBED:  # they never confirmed, and were not forgotten
        connection.execute(update(subscribers).where(theirs).values(state=State.PENDING))
        return row.id, State.PENDING
    return row.id, State(row.state)


def _locked(connection: Connection, subscriber_id: int) -> tuple[State, str | None]:
    """What a reader is, and the hash of their address, None once erased."""
    found = select(subscribers.c.state, subscribers.c.address_key)
    row = connection.execute(
        found.where(subscribers.c.id == subscriber_id).with_for_update(key_share=True)
    ).first()
    if row is None:
        raise UnknownName("They were forgotten at this moment.", cure="Subscribe once more.")
    return State(row.state), hash_of(row.address_key) if row.address_key else None


def _held(connection: Connection, subscriber_id: int) -> dict[int, _Held]:
    """A reader's subscriptions by channel."""
    rows = connection.execute(
        select(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id)
    )
    return {row.channel_id: _Held(row.id, State(row.state), row.ended_at) for row in rows}


def _ask(
    connection: Connection,
    subscriber_id: int,
    choice: Choice,
    held: _Held | None,
    start_number: int,
    by: str,
    now: datetime,
) -> None:
    """Have a subscription wait for the button, with what was chosen this time."""
    before = held.state if held else State.PENDING
    values = chosen(connection, choice) | {
        "state": transition(before, Event.SIGNED_UP),
        "start_number": start_number,
    }
    if held is None:
        values |= {"subscriber_id": subscriber_id, "channel_id": choice.channel_id}
        made = insert(subscriptions).values(**values, created_at=now).returning(subscriptions.c.id)
        found = int(connection.execute(made).scalar_one())
    else:
        found = held.id
        connection.execute(update(subscriptions).where(subscriptions.c.id == found).values(values))
    record(connection, found, Event.SIGNED_UP, by=by, now=now)


def _begin(connection: Connection, held: _Held, start_number: int, now: datetime) -> None:
    """Have mail come for a subscription: what was numbered up to there is not owed to them."""
    theirs = subscriptions.c.id == held.id
    later = (theirs, subscriptions.c.start_number < start_number)
    connection.execute(update(subscriptions).where(*later).values(start_number=start_number))
    state = transition(transition(held.state, Event.SIGNED_UP), Event.CONFIRMED)
    connection.execute(update(subscriptions).where(theirs).values(state=state, ended_at=None))
    if state is not held.state:
        record(connection, held.id, Event.CONFIRMED, by=BY, now=now)
