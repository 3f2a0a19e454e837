"""What the buttons of the page do. Each in the caller's transaction, as the reader's own doing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.consent import Asked, note_consent
from colporteur.audience.leaving import leave, may_take_back, take_back
from colporteur.audience.moving import move
from colporteur.audience.new_address import Standing, standing_of
from colporteur.audience.pausing import pause, resume
from colporteur.audience.preferences import Held, held_by, person_of, speak
from colporteur.audience.states import Event, State
from colporteur.audience.subscribing import choose, subscribe
from colporteur.delivery.to_readers import ask_at_new_address, say_goodbye, send_preferences
from colporteur.delivery.welcoming.gates import Gates
from colporteur.editions.beginning import start_number
from colporteur.exceptions import AddressRefused, UnknownName
from colporteur.publication import Channel
from colporteur.publication.identities import channel_of
from colporteur.web.preferences.typed import ONGOING, Wanted
from colporteur.web.preferences.visiting import Visit

BY = "page"


def change(connection: Connection, to: Visit, wanted: Wanted, now: datetime) -> None:
    """Keep what the form asked for; what is as it was is no change, and not noted."""
    for subscription_id, choice in wanted.choices.items():
        choose(connection, subscription_id, choice, by=BY, now=now)
    speak(connection, to.reader, wanted.language, by=BY, now=now)
    for one in wanted.pauses:
        if one.until is None:
            resume(connection, one.subscription_id, by=BY, now=now)
        else:
            pause(
                connection,
                one.subscription_id,
                one.until,
                backlog=one.backlog,
                by=BY,
                now=now,
            )


def join(connection: Connection, to: Visit, channel_id: int, asked: Asked, now: datetime) -> bool:
    """Have a channel sent too, at once: the address is confirmed. False if nothing may be sent.

    Who left it a moment ago has it back as it was, by what they agreed to then; who left it before,
    with what they chose.

    Raises:
        UnknownName: there is no such channel with digests.
    """
    channel = channel_of(to.publication, to.names, channel_id)
    if channel is None or not channel.takes_readers:
        raise UnknownName("There is no such channel.", cure="Choose another one.")
    mine = held_by(connection, to.reader.id)
    held = next((one for one in mine if one.standing.choice.channel_id == channel_id), None)
    if held is not None and held.standing.state in ONGOING:
        return True  # the button was pressed twice
    if held is not None and _back(connection, held, now):
        return True
    try:
        _subscribe(connection, to, channel, _choice(to, channel, channel_id, held), now)
    except AddressRefused:
        return False
    if to.reader.state is State.PENDING:  # the link came to their address
        move(connection, to.reader.id, Event.CONFIRMED, by=BY, now=now)
    note_consent(connection, to.reader.id, [channel_id], asked, now, confirmed=True)
    return True


def part(connection: Connection, to: Visit, which: str, now: datetime) -> list[int]:
    """End the subscription of a channel (its id), or ``all``; the ids of those that ended.

    A farewell goes to who was written to until now.

    Raises:
        UnknownName: it is a channel that they never had.
    """
    found = [
        one
        for one in held_by(connection, to.reader.id)
        if which in {"all", str(one.standing.choice.channel_id)}
    ]
    if not found and which != "all":
        raise UnknownName("There is no such channel.", cure="Choose another one.")
    left = [one for one in found if leave(connection, one.id, by=BY, now=now)]
    greeted = [one for one in left if one.standing.state != State.PENDING]
    if greeted and to.reader.state is State.ACTIVE:
        titles = [] if which == "all" else _titles(to, greeted)
        say_goodbye(connection, to.reader, [one.id for one in greeted], titles, to.links, now)
    return [one.id for one in left]


def left_lately(connection: Connection, to: Visit, now: datetime) -> bool:
    """Whether they ended something that its button brings back as it was."""
    found = held_by(connection, to.reader.id)
    return any(may_take_back(connection, one.id, now) for one in found)


def ask_for_move(connection: Connection, to: Visit, text: str, gates: Gates, now: datetime) -> str:
    """Write to the address that a reader wants to move to; what is wrong with it, else empty.

    It looks the same whether the address is free: who has it gets the link to their own choices,
    and where nothing may be sent, nothing is; nor where the gates of signing up let no more through.
    """
    try:
        new = parse_address(text)
    except AddressRefused:
        return "address"
    if new.text == to.reader.address:
        return "own"
    found = standing_of(connection, to.reader, new)
    if found in {Standing.FREE, Standing.OWN}:
        if not (gates.address(new) and gates.domain(new.domain)):
            return ""
        ask_at_new_address(connection, to.reader, new, to.links, now)
    elif found is Standing.TAKEN:
        owner = person_of(connection, new)
        assert owner is not None
        send_preferences(connection, owner, to.links, now)
    return ""


def _back(connection: Connection, held: Held, now: datetime) -> bool:
    return may_take_back(connection, held.id, now) and take_back(
        connection, held.id, by=BY, now=now
    )


def _choice(to: Visit, channel: Channel, channel_id: int, held: Held | None) -> Choice:
    """What they chose of it before, else its first cadence, on their clock."""
    assert channel.digest is not None
    usual = next(iter(channel.digest.cadences))
    if held is not None and held.standing.choice.cadence in channel.digest.cadences:
        return held.standing.choice
    zone = next((one.choice.timezone for one in to.courses if one.choice.timezone), None)
    return Choice(channel_id, usual, timezone=zone)


def _subscribe(
    connection: Connection, to: Visit, channel: Channel, choice: Choice, now: datetime
) -> None:
    subscribe(
        connection,
        parse_address(to.reader.address),
        choice,
        language=to.reader.language,
        start_number=start_number(connection, to.publication, channel, choice.cadence, now),
        by=BY,
        now=now,
    )


def _titles(to: Visit, left: Sequence[Held]) -> list[str]:
    channels = (
        channel_of(to.publication, to.names, one.standing.choice.channel_id) for one in left
    )
    return [one.title for one in channels if one is not None]
