"""What an editor wishes for an edition: its lead, its order, what to leave out, its words."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from colporteur.db.tables.articles import article_channels, articles
from colporteur.editions.arrangement import Arrangement
from colporteur.editions.calendar import slots
from colporteur.editions.opening import INSTANT_WAITS
from colporteur.editions.states import State
from colporteur.editions.store import (
    UNCHECKED,
    Edition,
    change,
    load,
    of_slot,
    open_edition,
    render_anew,
)
from colporteur.exceptions import ArrangementClosed, ArrangementRefused, UnknownName
from colporteur.publication import Channel
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

NO_LEAD = 0
SUBJECT_AT_MOST = 150
_WORDS_ONLY = (State.AWAITING_APPROVAL, State.FROZEN, State.PAUSED)


@dataclass(frozen=True)
class Wishes:
    """What to change of an arrangement; None leaves it as it is. Articles by their ids.

    A lead of ``NO_LEAD`` takes the pin away.
    """

    lead: int | None = None
    order: Sequence[int] | None = None
    left_out: Sequence[int] | None = None
    intro: str | None = None
    subject: str | None = None
    preheader: str | None = None

    @property
    def words_alone(self) -> bool:
        """Whether the articles stay as they are."""
        return self.lead is None and self.order is None and self.left_out is None


def edition_at(
    connection: Connection,
    revision: Revision,
    names: Ids,
    channel: Channel,
    cadence: str,
    slot: datetime,
    *,
    by: str,
    now: datetime,
) -> Edition:
    """The edition of a slot that the calendar shows, opened now if need be.

    Raises:
        UnknownName: the channel has no such cadence, or the calendar no such slot.
    """
    rule = channel.cadence(cadence)
    channel_id = names.channels[channel.slug]
    known = of_slot(connection, channel_id, cadence, slot)
    if known is not None:
        return known
    assert channel.digest is not None
    zone = revision.publication.zone_of(rule)
    skip = frozenset(channel.digest.skip)
    if not channel.sends:
        raise UnknownName(
            f"The channel {channel.slug} is {channel.state}: its calendar has no editions.",
            cure="Open it again in the settings.",
        )
    if slot <= now or slot not in slots(rule, zone, slot - INSTANT_WAITS, slot, skip):
        raise UnknownName(
            f"The calendar of {channel.slug} has no edition {cadence} at {slot:%Y-%m-%d %H:%M} UTC.",
            cure="`colporteur editions calendar` shows those there are.",
        )
    opened = open_edition(connection, channel_id, cadence, slot, by=by, now=now)
    if opened is None:  # the calendar, or another editor, was faster
        opened = of_slot(connection, channel_id, cadence, slot)
    assert opened is not None
    return opened


def arrange(
    connection: Connection, edition: Edition, wishes: Wishes, *, by: str, now: datetime
) -> Edition:
    """Change what an edition looks like. An approval that was given is void: it saw another one.

    Once its articles are fixed only its words can change, until its first message has left.

    Raises:
        ArrangementClosed: it is too late.
        ArrangementRefused: it is a special one, or the wishes contradict each other.
        UnknownName: an article that is not of the channel, or withdrawn.
    """
    if not edition.regular:
        raise ArrangementRefused(
            "A special edition says what its draft said.", cure="Withdraw it, and draft another."
        )
    _require_time(edition, wishes)
    after = arranged(edition, wishes)
    _require_sense(after)
    _require_articles(connection, edition, wishes)
    hands = list(dict.fromkeys((*edition.arranged_by, by)))
    values: dict[str, Any] = {"arrangement": after.as_json(), "arranged_by": hands, **UNCHECKED}
    if edition.frozen_at is None:
        values |= {"approved_at": None, "approved_to": None}
    change(connection, edition, values, by=by, why="arranged", now=now)
    render_anew(connection, edition.id)
    return load(connection, edition.id)


def arranged(edition: Edition, wishes: Wishes) -> Arrangement:
    """What an edition's arrangement would be with these wishes."""
    told: dict[str, Any] = {
        "lead": wishes.lead,
        "order": None if wishes.order is None else tuple(wishes.order),
        "left_out": None if wishes.left_out is None else frozenset(wishes.left_out),
        "intro": wishes.intro,
        "subject": wishes.subject,
        "preheader": wishes.preheader,
    }
    said = {name: value for name, value in told.items() if value is not None}
    if wishes.lead == NO_LEAD:
        said["lead"] = None
    return replace(edition.arrangement, **said)


class Openness(enum.StrEnum):
    """What of an edition can still be arranged."""

    ALL = "all"
    WORDS = "words"  # its articles are fixed
    NOTHING = "nothing"


def openness(edition: Edition) -> Openness:
    """What of an edition can still be arranged."""
    if not edition.regular:
        return Openness.NOTHING
    if edition.frozen_at is None:
        fits = edition.state in {State.OPEN, State.HELD}
        return Openness.ALL if fits else Openness.NOTHING
    whole = edition.approved_at is None and edition.first_left_at is None
    return Openness.WORDS if whole and edition.state in _WORDS_ONLY else Openness.NOTHING


def _require_time(edition: Edition, wishes: Wishes) -> None:
    found = openness(edition)
    if found is Openness.ALL or (wishes.words_alone and found is Openness.WORDS):
        return
    if found is Openness.WORDS:
        raise ArrangementClosed(
            "The articles of this edition are fixed.",
            cure="Its intro, subject and preheader can still be changed.",
        )
    raise ArrangementClosed(
        f"This edition is {edition.state}, and cannot be arranged any more.",
        cure="Arrange the next one, or cancel this one and send another.",
    )


def _require_sense(after: Arrangement) -> None:
    if (after.subject or after.preheader) and after.lead is None:
        raise ArrangementRefused(
            "A subject or preheader speaks of the lead, and no lead is pinned.",
            cure="Pin the lead too: who does not get it gets a subject of their own lead.",
        )
    if both := after.left_out & set(after.pinned):
        raise ArrangementRefused(
            f"Article {min(both)} is both pinned and left out.", cure="Choose one of the two."
        )
    words: Mapping[str, str] = {"subject": after.subject, "preheader": after.preheader}
    for name, text in words.items():
        if len(text) > SUBJECT_AT_MOST or "\n" in text or "\r" in text:
            raise ArrangementRefused(
                f"The {name} is longer than {SUBJECT_AT_MOST} characters or a line.",
                cure="Shorten it: mail programs show about 60.",
            )


def _require_articles(connection: Connection, edition: Edition, wishes: Wishes) -> None:
    named = {*(wishes.order or ()), *(wishes.left_out or ())}
    named |= {wishes.lead} if wishes.lead else set()
    offered = (
        select(articles.c.id)
        .join(article_channels, article_channels.c.article_id == articles.c.id)
        .where(article_channels.c.channel_id == edition.channel_id, articles.c.id.in_(named))
        .where(articles.c.state != "withdrawn")
    )
    for missing in sorted(named - set(connection.scalars(offered))):
        raise UnknownName(
            f"The channel of this edition has no article {missing}, or it was withdrawn.",
            cure="`colporteur articles list --json` shows articles with their channels.",
        )
