"""Made-up editors: they arrange, approve, call off, send by hand, and send specials."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from colporteur.publication import Publication
from colporteur.publication.model import Channel
from colporteur.simulation.log import (
    Announced,
    Approved,
    Arranged,
    Event,
    Forced,
    Handed,
    Recalled,
    Released,
    Steered,
    Suspended,
)
from colporteur.simulation.press import TOPICS

RECENT = timedelta(days=3)


def editors(
    chance: random.Random,
    publication: Publication,
    handed: Sequence[Handed],
    start: datetime,
    end: datetime,
) -> Iterator[Event]:
    """All that editors do, each kind of doing by itself."""
    for moment in _moments(chance, start, end, days=1.5):
        yield _arrangement(chance, publication, handed, moment)
    for moment in _moments(chance, start, end, days=4):
        yield from _steering(chance, publication, moment)
    for moment in _moments(chance, start, end, days=5):
        yield Forced(moment, *_place(chance, publication))
    for number, moment in enumerate(_moments(chance, start, end, days=2.5)):
        yield from _special(chance, publication, handed, f"special {number}", moment)
    for moment in _moments(chance, start, end, days=9):
        yield Suspended(moment)
        yield Released(moment + timedelta(minutes=10 ** chance.uniform(1, 3.3)))
    yield from _approvals(chance, publication, start, end)


def _moments(
    chance: random.Random, start: datetime, end: datetime, *, days: float
) -> Iterator[datetime]:
    moment = start
    while (moment := moment + timedelta(days=chance.expovariate(1 / days))) < end:
        yield moment


def _place(chance: random.Random, publication: Publication) -> tuple[str, str]:
    """A channel and one of its cadences with hours."""
    channel = chance.choice(publication.channels)
    assert channel.digest is not None
    cadences = channel.digest.cadences
    return channel.slug, chance.choice([one for one in cadences if cadences[one].at])


def _arrangement(
    chance: random.Random, publication: Publication, handed: Sequence[Handed], moment: datetime
) -> Arranged:
    channel, cadence = _place(chance, publication)
    recent = [one.article for one in _recent(handed, moment) if channel in one.channels]
    some = chance.sample(recent, min(len(recent), chance.randint(0, 4)))
    lead = some[0] if some and chance.random() < 0.7 else None
    return Arranged(moment, channel, cadence, lead, tuple(some[1:2]), frozenset(some[2:]))


def _steering(
    chance: random.Random, publication: Publication, moment: datetime
) -> Iterator[Steered]:
    place = _place(chance, publication)
    how, undone = chance.choice([("cancel", ""), ("pause", "resume"), ("hold", "release")])
    yield Steered(moment, *place, how)
    if undone:
        later = timedelta(minutes=10 ** chance.uniform(1, 3.5))
        yield Steered(moment + later, *place, undone)


def _special(
    chance: random.Random,
    publication: Publication,
    handed: Sequence[Handed],
    key: str,
    moment: datetime,
) -> Iterator[Event]:
    home: Channel = chance.choice(publication.channels)
    others = [one.slug for one in publication.channels if one is not home]
    meant = {home.slug, *chance.sample(others, chance.randint(0, 2))}
    channels = tuple(one.slug for one in publication.channels if one.slug in meant)
    fitting = [one.article for one in _recent(handed, moment) if one.language == home.language]
    topics = frozenset(chance.sample(TOPICS, chance.choice([0, 0, 1, 2])))
    articles = tuple(chance.sample(fitting, min(len(fitting), chance.randint(1, 3))))
    note = "" if articles and chance.random() < 0.7 else "A note."
    lead_time = timedelta(minutes=10 ** chance.uniform(1, 3.3))
    send_at = moment + lead_time if chance.random() < 0.5 else None
    yield Announced(moment, key, home.slug, channels, topics, articles, note, send_at)
    if chance.random() < 0.4:
        leaves = max(send_at or moment, moment + publication.specials.hold)
        yield Recalled(leaves - publication.specials.hold * chance.uniform(-0.5, 1), key)


def _approvals(
    chance: random.Random, publication: Publication, start: datetime, end: datetime
) -> Iterator[Approved]:
    """Early, late, too late, or never."""
    for channel in publication.channels:
        if channel.digest and channel.digest.approval:
            for cadence in channel.digest.cadences:
                for moment in _moments(chance, start, end, days=0.8):
                    yield Approved(moment, channel.slug, cadence)


def _recent(handed: Sequence[Handed], moment: datetime) -> list[Handed]:
    """What has come lately, and is not kept back."""
    return [
        one
        for one in handed
        if moment - RECENT < one.at < moment
        and one.publish_at is None
        and (one.dated_at or one.at) <= one.at
    ]
