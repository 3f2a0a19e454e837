"""What keeps a draft of a special edition from being sent as it is, all of it at once.

Confirming asks the same once more; here a person learns it while they write.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from colporteur.articles.store import by_ids
from colporteur.editions.moments import read_moment
from colporteur.editions.special_writing import Writing
from colporteur.editions.specials import SUBJECT_AT_MOST
from colporteur.editions.states import ENDED
from colporteur.editions.store import of_ids
from colporteur.exceptions import ChoiceRefused
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, channel_of


class Obstacle(enum.StrEnum):
    """Why a draft cannot be sent."""

    NOTHING_SAID = "nothing said"
    NO_NOTE = "no note"  # of a correction
    NO_SUBJECT = "no subject"  # of a note without articles
    WORDS_TOO_LONG = "words too long"
    HOME_GONE = "home gone"
    ARTICLE_GONE = "article gone"  # there is no such article
    ARTICLE_WITHDRAWN = "article withdrawn"
    ARTICLE_WAITS = "article waits"  # not published yet
    OTHER_LANGUAGE = "other language"
    NO_CHANNEL = "no channel"
    CHANNEL_GONE = "channel gone"
    TOPIC_GONE = "topic gone"
    CORRECTED_GONE = "corrected gone"
    STILL_SENDS = "still sends"  # the edition that it corrects
    PAST = "past"


@dataclass(frozen=True)
class Met:
    """An obstacle, and the article (by its title) or edition (by its number) that it is about."""

    obstacle: Obstacle
    about: str = ""


def obstacles(
    connection: Connection, publication: Publication, names: Ids, writing: Writing, now: datetime
) -> list[Met]:
    """All that keeps a draft from being sent, in the order in which it is written."""
    found = [Met(one) for one in _unsaid(writing)]
    found += _of_articles(connection, publication, names, writing)
    if writing.corrects is None:
        found += [Met(one) for one in _of_audience(publication, names, writing)]
    else:
        found += _of_corrected(connection, writing.corrects)
    if writing.at and _is_past(writing.at, publication.timezone, now):
        found.append(Met(Obstacle.PAST))
    return found


def _unsaid(writing: Writing) -> Iterator[Obstacle]:
    note = bool(writing.note.strip())
    if writing.corrects is not None and not note:
        yield Obstacle.NO_NOTE
    elif not note and not writing.articles:
        yield Obstacle.NOTHING_SAID
    elif not writing.articles and not writing.subject.strip():
        yield Obstacle.NO_SUBJECT
    if max(len(writing.subject), len(writing.preheader)) > SUBJECT_AT_MOST:
        yield Obstacle.WORDS_TOO_LONG


def _of_articles(
    connection: Connection, publication: Publication, names: Ids, writing: Writing
) -> Iterator[Met]:
    home = channel_of(publication, names, writing.home)
    if home is None:
        yield Met(Obstacle.HOME_GONE)
    known = by_ids(connection, writing.articles)
    for number in writing.articles:
        article = known.get(number)
        if article is None:
            yield Met(Obstacle.ARTICLE_GONE, str(number))
        elif article.state == "withdrawn":
            yield Met(Obstacle.ARTICLE_WITHDRAWN, article.title)
        elif article.state != "published":
            yield Met(Obstacle.ARTICLE_WAITS, article.title)
        elif home is not None and article.language != home.language:
            yield Met(Obstacle.OTHER_LANGUAGE, article.title)


def _of_audience(publication: Publication, names: Ids, writing: Writing) -> Iterator[Obstacle]:
    if not writing.channels:
        yield Obstacle.NO_CHANNEL
    if set(writing.channels) - {names.channels[one.slug] for one in publication.channels}:
        yield Obstacle.CHANNEL_GONE
    if set(writing.topics) - {names.topics[slug] for slug in publication.topics}:
        yield Obstacle.TOPIC_GONE  # without it, it would be for everybody


def _of_corrected(connection: Connection, number: int) -> Iterator[Met]:
    corrected = of_ids(connection, [number]).get(number)
    if corrected is None:
        yield Met(Obstacle.CORRECTED_GONE, str(number))
    elif corrected.state not in ENDED:
        yield Met(Obstacle.STILL_SENDS, str(number))


def _is_past(at: str, zone: str, now: datetime) -> bool:
    try:
        return read_moment(at, zone) <= now
    except ChoiceRefused:
        return True
