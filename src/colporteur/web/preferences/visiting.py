"""Who opens the page of their choices, and what is there for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from colporteur.audience.links import PREFERENCES_FOR
from colporteur.audience.preferences import Person, held_by, links_count_from, person
from colporteur.config import Settings
from colporteur.delivery.to_readers import Links
from colporteur.exceptions import TokenExpired
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, channel_of, ids
from colporteur.publication.revisions import require
from colporteur.publication.site import site_in_force
from colporteur.tokens import PREFERENCES, read_passing, works_until
from colporteur.web.preferences.typed import ONGOING, Course


@dataclass(frozen=True)
class Visit:
    """A reader at their page: what they read, and the language that it speaks to them."""

    reader: Person
    publication: Publication
    names: Ids
    courses: tuple[Course, ...]
    links: Links

    @property
    def language(self) -> str:
        """The reader's, if the publication has it still."""
        tags = self.publication.languages
        return self.reader.language if self.reader.language in tags else tags[0]


def visit(
    connection: Connection,
    settings: Settings,
    token: str,
    now: datetime,
    *,
    lock: bool = False,
    purpose: str = PREFERENCES,
    lasts: timedelta = PREFERENCES_FOR,
) -> Visit:
    """The reader whose page a token opens; ``lock`` keeps others from changing them until commit.

    Tokens of a ``purpose`` work for as long as it ``lasts``.
    A token that was sent to an address that they had before is over.

    Raises:
        TokenInvalid: forged, cut, or made for another purpose.
        TokenExpired: its time is over; the error has whose it was.
        UnknownName: the reader was erased, or nothing is published yet.
    """
    secret_key = settings.secret_keys
    subscriber_id, _ = read_passing(secret_key, purpose, token, now)
    reader = person(connection, subscriber_id, lock=lock)
    made = works_until(secret_key, purpose, token) - lasts
    moved = links_count_from(connection, subscriber_id)
    if moved is not None and made < moved.replace(microsecond=0):
        raise TokenExpired(
            "This link was sent to an address of before.",
            cure="Ask for a new one.",
            value=(subscriber_id, ""),
        )
    return at_home(connection, settings, reader)


def at_home(connection: Connection, settings: Settings, reader: Person) -> Visit:
    """A reader with what they read now."""
    publication = require(connection).publication
    names = ids(connection, publication)
    site = site_in_force(connection, settings, publication)
    courses = _courses(connection, publication, names, reader)
    return Visit(reader, publication, names, courses, Links(settings.secret_keys, site))


def _courses(
    connection: Connection, publication: Publication, names: Ids, reader: Person
) -> tuple[Course, ...]:
    found = []
    for held in held_by(connection, reader.id):
        choice = held.standing.choice
        channel = channel_of(publication, names, choice.channel_id)
        if channel is not None and held.standing.state in ONGOING:
            offered = [names.topics[slug] for slug in channel.topics]
            chosen = (*choice.topics_in, *choice.topics_out)
            topics = (*offered, *(one for one in chosen if one not in offered))
            found.append(Course(held, channel, topics))
    return tuple(found)
