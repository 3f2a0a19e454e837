"""What Today tells of editions, read once and in the visitor's words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from colporteur.editions.foresight import DRAFT, PLANNED, Outing
from colporteur.editions.progress import Progress, progress
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import Edition, between, in_state
from colporteur.publication.identities import channel_of
from colporteur.web.desk import Desk
from colporteur.web.newsroom.ahead import outings_ahead
from colporteur.web.newsroom.live import AT_ONCE

AHEAD = timedelta(days=35)  # a monthly one shows, too
_LATELY = timedelta(days=7)
_AT_MOST = 12
_SOON = timedelta(minutes=1)
_LEFT = (State.SENDING, State.PAUSED)


@dataclass(frozen=True)
class Next:
    """The next edition of a cadence; ``outing`` is None where its articles decide, or none comes."""

    channel: str
    title: str
    language: str
    cadence: str
    instant: bool
    readers: int
    outing: Outing | None


@dataclass(frozen=True)
class Past:
    """An edition that has ended lately, and how it went."""

    edition: Edition
    progress: Progress


def coming(desk: Desk, under_way: Collection[int]) -> list[Outing]:
    """What comes, less what is ``under_way`` already."""
    found = outings_ahead(desk, AHEAD)
    ahead = [one for one in found if not one.ended and one.state not in {*_LEFT, DRAFT}]
    return [one for one in ahead if one.edition not in under_way]


def next_ones(
    desk: Desk, outings: Sequence[Outing], readers: dict[tuple[int, str], int]
) -> list[Next]:
    """The next edition of each cadence of each channel, in the publication's order."""
    found = []
    for channel in desk.publication.channels:
        for name, rule in channel.digest.cadences.items() if channel.digest else ():
            mine = (one for one in outings if (one.channel, one.cadence) == (channel.slug, name))
            waiting = readers.get((desk.names.channels[channel.slug], name), 0)
            instant, first = rule.rule == "instant", next(mine, None)
            found.append(
                Next(channel.slug, channel.title, channel.language, name, instant, waiting, first)
            )
    return found


def specials_ahead(outings: Iterable[Outing]) -> list[Outing]:
    """The special editions that are confirmed, and have not begun to leave."""
    return [one for one in outings if one.kind != "regular" and one.state != PLANNED]


def leaving(connection: Connection, now: datetime) -> list[Edition]:
    """What leaves now, or within a minute, the latest first; as many as one stream can tell."""
    found = [
        one
        for one in in_state(connection, State.SENDING, State.FROZEN)
        if one.state is State.SENDING or (one.send_at and one.send_at <= now + _SOON)
    ]
    return found[::-1][:AT_ONCE]


def lately(connection: Connection, now: datetime) -> list[Past]:
    """What ended in the last week, the latest first."""
    ended = [one for one in between(connection, now - _LATELY, now) if one.state in ENDED]
    return [Past(one, progress(connection, one.id)) for one in ended[::-1][:_AT_MOST]]


def titled(desk: Desk, edition: Edition) -> str:
    """The channel of an edition by its title; empty once it was removed."""
    channel = channel_of(desk.publication, desk.names, edition.channel_id)
    return channel.title if channel else ""
