"""What the publication offers new readers, many at once: channels, and where each one begins."""

from datetime import datetime

from sqlalchemy import Connection

from colporteur.audience.importing.columns import name_key
from colporteur.audience.importing.terms import Offer, Offered
from colporteur.editions.beginning import start_number
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import Ids


def offer(connection: Connection, publication: Publication, names: Ids, now: datetime) -> Offer:
    """The channels that have digests; a new reader's first one reaches back one slot."""
    found: dict[str, Offered] = {}
    for channel in publication.channels:
        if channel.digest:
            offered = _offered(connection, publication, names, channel, now)
            found |= dict.fromkeys(channel.formerly, offered)
            found[channel.slug] = offered
    return Offer(found, publication.languages)


def _offered(
    connection: Connection, publication: Publication, names: Ids, channel: Channel, now: datetime
) -> Offered:
    assert channel.digest is not None
    start_numbers = {
        name: start_number(connection, publication, channel, name, now)
        for name in channel.digest.cadences
    }
    return Offered(
        names.channels[channel.slug],
        channel,
        channel.digest.cadences,
        names.topics,
        start_numbers,
        _named_topics(publication, names),
    )


def _named_topics(publication: Publication, names: Ids) -> dict[str, int]:
    """The topics by what readers see; a name that two of them have says neither."""
    found: dict[str, set[int]] = {}
    for slug, topic in publication.topics.items():
        for name in topic.name.values():
            found.setdefault(name_key(name), set()).add(names.topics[slug])
    return {name: min(ids) for name, ids in found.items() if name and len(ids) == 1}
