"""Made-up readers: they come, choose anew, leave and come back."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from colporteur.publication import Publication
from colporteur.publication.model import Channel
from colporteur.simulation.log import Chose, Event, Left, Paused, Resumed
from colporteur.simulation.press import TOPICS, ZONES


def readership(
    chance: random.Random, publication: Publication, name: str, start: datetime, end: datetime
) -> Iterator[Event]:
    """One reader's life with one to three channels."""
    address = f"{name}@readers.example"
    for channel in chance.sample(publication.channels, chance.choice([1, 2, 2, 3])):
        late = timedelta(0) if chance.random() < 0.5 else (end - start) * chance.random()
        moment = start + late + timedelta(seconds=chance.uniform(60, 90_000))
        for event in _life(chance, address, channel, moment):
            if event.at >= end:
                break
            yield event


def _life(
    chance: random.Random, address: str, channel: Channel, moment: datetime
) -> Iterator[Event]:
    """With one channel, without end."""
    while True:
        yield _choice(chance, address, channel, moment)
        moment += timedelta(days=chance.expovariate(1 / 12))
        match chance.choices(["leaves", "pauses", "chooses"], [1, 1, 2])[0]:
            case "leaves":
                yield Left(moment, address, channel.slug)
                moment += timedelta(minutes=10 ** chance.uniform(0, 4.2))
            case "pauses":
                until = moment + timedelta(minutes=10 ** chance.uniform(1, 4.3))
                yield Paused(moment, address, channel.slug, until, chance.random() < 0.4)
                moment += (until - moment) * chance.uniform(0.1, 1.5)
                if chance.random() < 0.5:
                    yield Resumed(moment, address, channel.slug)
                    moment += timedelta(days=chance.expovariate(1 / 8))
            case _:
                pass


def _choice(chance: random.Random, address: str, channel: Channel, moment: datetime) -> Chose:
    assert channel.digest is not None
    wanted, unwanted = [], []
    if chance.random() < 0.5:
        mixed = chance.sample(TOPICS, len(TOPICS))
        wanted = mixed[: chance.randint(0, 3)]
        unwanted = mixed[3 : 3 + chance.choice([0, 0, 1])]
    name = chance.choice(list(channel.digest.cadences))
    cadence = channel.digest.cadences[name]
    hour = weekday = zone = None
    if cadence.at and chance.random() < 0.4:
        hour = chance.choice([None, chance.randrange(0, 24 * 60, 5)])
        zone = chance.choice([None, chance.choice(ZONES)])
        weekday = chance.choice([None, chance.randrange(7)]) if cadence.spans_weeks else None
    return Chose(
        moment,
        address,
        channel.slug,
        name,
        frozenset(wanted),
        frozenset(unwanted),
        chance.choice(["briefing", "headlines"]),
        weekday,
        hour,
        zone,
        chance.random() < 0.8,
    )
