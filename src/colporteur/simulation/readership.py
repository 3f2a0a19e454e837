"""Made-up readers: they come, choose anew, leave and come back."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from colporteur.publication import Publication
from colporteur.publication.model import Channel
from colporteur.simulation.log import Chose, Event, Left
from colporteur.simulation.press import TOPICS


def readership(
    chance: random.Random, publication: Publication, name: str, start: datetime, end: datetime
) -> Iterator[Event]:
    """One reader's life with one to three channels."""
    address = f"{name}@readers.example"
    for channel in chance.sample(publication.channels, chance.choice([1, 2, 2, 3])):
        late = timedelta(0) if chance.random() < 0.5 else (end - start) * chance.random()  # noqa: PLR2004
        moment = start + late + timedelta(seconds=chance.uniform(60, 90_000))
        while moment < end:
            yield _choice(chance, address, channel, moment)
            moment += timedelta(days=chance.expovariate(1 / 15))
            if chance.random() < 0.25 and moment < end:  # noqa: PLR2004 - one in four leaves
                yield Left(moment, address, channel.slug)
                moment += timedelta(minutes=10 ** chance.uniform(0, 4.2))


def _choice(chance: random.Random, address: str, channel: Channel, moment: datetime) -> Chose:
    assert channel.digest is not None
    wanted, unwanted = [], []
    if chance.random() < 0.5:  # noqa: PLR2004 - half of them choose topics
        mixed = chance.sample(TOPICS, len(TOPICS))
        wanted = mixed[: chance.randint(0, 3)]
        unwanted = mixed[3 : 3 + chance.choice([0, 0, 1])]
    return Chose(
        moment,
        address,
        channel.slug,
        chance.choice(list(channel.digest.cadences)),
        frozenset(wanted),
        frozenset(unwanted),
    )
