"""Pins an article as the lead of a channel's next edition."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from colporteur.editions.arrangement import Arrangement
from colporteur.editions.arranging import Wishes, arrange, edition_at
from colporteur.editions.calendar import next_slot
from colporteur.editions.store import Edition, of_slot
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision


@dataclass(frozen=True)
class Coming:
    """The next edition of a cadence whose articles are not fixed; ``lead`` is an article's id."""

    channel: Channel
    cadence: str
    slot: datetime
    zone: str
    lead: int | None


def coming(
    connection: Connection,
    publication: Publication,
    names: Ids,
    channel_ids: Collection[int],
    now: datetime,
) -> list[Coming]:
    """The next editions of some channels, the first of each cadence; instant ones have no time."""
    found = []
    for channel in publication.channels:
        channel_id = names.channels[channel.slug]
        if channel.digest is None or channel_id not in channel_ids:
            continue
        for name, rule in channel.digest.cadences.items():
            zone = publication.zone_of(rule)
            open_from = now + channel.digest.freeze
            slot = next_slot(rule, zone, open_from, frozenset(channel.digest.skip))
            if slot is None:
                continue
            known = of_slot(connection, channel_id, name, slot)
            lead = known.arrangement.lead if known else None
            found.append(Coming(channel, name, slot, zone, lead))
    return found


def pin(
    connection: Connection,
    revision: Revision,
    names: Ids,
    one: Coming,
    article_id: int,
    *,
    by: str,
    now: datetime,
) -> Edition:
    """Pin an article as the lead. Words that spoke of another lead are taken away.

    Raises:
        UnknownName, ArrangementClosed, ArrangementRefused: as ``arrange``.
    """
    edition = edition_at(
        connection, revision, names, one.channel, one.cadence, one.slot, by=by, now=now
    )
    wishes = _wishes(edition.arrangement, article_id)
    return arrange(connection, edition, wishes, by=by, now=now)


def _wishes(before: Arrangement, article_id: int) -> Wishes:
    """The lead, and it is left out no more."""
    left_out = [one for one in before.left_out if one != article_id]
    if before.lead in {None, article_id}:
        return Wishes(lead=article_id, left_out=left_out)
    return Wishes(lead=article_id, left_out=left_out, subject="", preheader="")
