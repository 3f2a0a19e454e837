"""Made-up articles: dated, scheduled, handed in again, withdrawn, restored."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from colporteur.publication import Publication
from colporteur.simulation.log import Changed, Event, Handed, Restored, Withdrawn
from colporteur.simulation.press import TOPICS

A_DAY = 7.0  # articles


def articles(
    chance: random.Random, publication: Publication, start: datetime, end: datetime
) -> Iterator[Event]:
    """A stream of articles, and what becomes of each."""
    moment, number = start, 0
    while (moment := moment + timedelta(days=chance.expovariate(A_DAY))) < end:
        number += 1
        handed = _handed(chance, publication, f"a{number}", moment)
        yield handed
        for event in _afterwards(chance, publication, handed):
            if event.at < end:
                yield event


def _handed(chance: random.Random, publication: Publication, name: str, moment: datetime) -> Handed:
    language = chance.choices(publication.languages, [4, 2, 1])[0]
    own = [one.slug for one in publication.channels if one.language == language]
    channels = set(chance.sample(own, chance.randint(1, len(own))))
    if chance.random() < 0.1:
        channels.add(chance.choice([one.slug for one in publication.channels]))
    topics = frozenset(chance.sample(TOPICS, chance.choice([0, 1, 1, 2, 3])))
    dated = publish = None
    match chance.choices(["no", "past", "future", "later"], [12, 4, 1, 2])[0]:
        case "past":
            dated = moment - timedelta(days=chance.uniform(0, 12))
        case "future":
            dated = moment + timedelta(days=chance.uniform(0, 4))
        case "later":
            publish = moment + timedelta(days=chance.uniform(0, 3))
    mailed = chance.random() < 0.95
    where = tuple(sorted(channels))
    return Handed(moment, name, language, where, topics, dated, publish, in_digests=mailed)


def _afterwards(chance: random.Random, publication: Publication, handed: Handed) -> Iterator[Event]:
    """Each article's later life, in which each moment lies after the one before."""
    moment = handed.at
    while chance.random() < 0.3:
        moment += timedelta(minutes=10 ** chance.uniform(0.5, 4))
        match chance.choices(["topics", "joins", "again", "withdrawn"], [3, 2, 2, 3])[0]:
            case "topics":
                topics = frozenset(chance.sample(TOPICS, chance.randint(1, 2)))
                yield Changed(moment, handed.article, topics, significant=chance.random() < 0.5)
            case "joins":
                joins = chance.choice(publication.channels).slug
                yield Changed(moment, handed.article, joins=(joins,))
            case "again":
                yield Changed(moment, handed.article)
            case _:
                yield Withdrawn(moment, handed.article)
                if chance.random() < 0.5:
                    return
                moment += timedelta(minutes=10 ** chance.uniform(0.5, 4))
                yield Restored(moment, handed.article)
