"""From what somebody says by names to a special edition's draft, and what it asks them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.special import readers_meant
from colporteur.editions.freezing.special_readers import Audience, audience_of
from colporteur.editions.special_writing import Writing
from colporteur.editions.specials import Special
from colporteur.editions.states import State
from colporteur.editions.store import Edition, of_key
from colporteur.exceptions import SpecialRefused, UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import Ids, channel_of
from colporteur.publication.revisions import Revision


@dataclass(frozen=True)
class Wanted:
    """A special edition by names: articles, channels and topics by their slugs."""

    articles: tuple[str, ...] = ()
    note: str = ""
    subject: str = ""
    preheader: str = ""
    to: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing at all was said."""
        return self == Wanted()


@dataclass(frozen=True)
class Question:
    """What a draft asks before it is sent. ``settled``: it was answered before."""

    readers: int
    number_asked: bool
    staff_only: bool
    settled: bool


def special_of(
    publication: Publication, names: Ids, home: Channel, wanted: Wanted, articles: Sequence[int]
) -> Special:
    """A special edition of these articles (ids); its audience is the home where none is said.

    Raises:
        UnknownName: there is no such channel or topic.
    """
    said = {publication.channel(slug).slug for slug in wanted.to or (home.slug,)}
    for slug in wanted.topics:
        if slug not in names.topics:
            known = ", ".join(publication.topics) or "none"
            raise UnknownName(f"There is no topic {slug!r}.", cure=f"The topics are: {known}.")
    audience = Audience(
        tuple(names.channels[one.slug] for one in publication.channels if one.slug in said),
        frozenset(names.topics[slug] for slug in wanted.topics),
    )
    return Special(home, audience, tuple(articles), wanted.note, wanted.subject, wanted.preheader)


def correction_of(
    publication: Publication, names: Ids, corrected: Edition, wanted: Wanted
) -> Special:
    """A note to those who received an edition, from the channel that sent it.

    Raises:
        UnknownName: the publication has that channel no more.
    """
    home = channel_of(publication, names, corrected.channel_id)
    if home is None:
        raise UnknownName(
            f"The channel of edition {corrected.id} was removed.",
            cure="Write a special edition from another channel.",
        )
    audience = Audience(corrects=corrected.id)
    return Special(home, audience, (), wanted.note, wanted.subject, wanted.preheader)


def meant_by(publication: Publication, names: Ids, writing: Writing) -> Special:
    """The special edition that a draft of the newsroom means.

    Of channels and topics that were removed since, nothing is left.

    Raises:
        UnknownName: the channel that it comes from was removed.
    """
    home = channel_of(publication, names, writing.home)
    if home is None:
        raise UnknownName(
            "The channel that this special edition comes from was removed.",
            cure="Choose another one.",
        )
    there = [names.channels[one.slug] for one in publication.channels]
    audience = Audience(
        tuple(one for one in there if one in writing.channels),
        frozenset(writing.topics) & {names.topics[slug] for slug in publication.topics},
    )
    if writing.corrects is not None:
        audience = Audience(corrects=writing.corrects)
    return Special(
        home, audience, writing.articles, writing.note, writing.subject, writing.preheader
    )


def drafted(connection: Connection, names: Ids, home: Channel, key: str) -> Edition | None:
    """The special edition that was drafted under this key; None without it, or for no key.

    Raises:
        SpecialRefused: it has another home channel.
    """
    found = of_key(connection, key) if key else None
    if found is not None and found.channel_id != names.channels[home.slug]:
        raise SpecialRefused(
            f"Edition {found.id} of this key is not of {home.slug}.",
            cure="Name its own channel, or use another key.",
        )
    return found


def question(connection: Connection, revision: Revision, edition: Edition, whom: Whom) -> Question:
    """What is asked before a draft is sent: yes or no, or the number of its readers."""
    readers = readers_meant(connection, audience_of(edition), whom)
    return Question(
        readers,
        readers > revision.publication.specials.confirm_above,
        whom.staff is not None,
        edition.send_at is not None or edition.state is not State.OPEN,
    )
