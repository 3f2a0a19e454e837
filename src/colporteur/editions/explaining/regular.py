"""Explains why a reader did or did not get an edition, and what became of each article for them.

A regular edition is chosen for them once more, with what held when it was frozen; what the ledger
brings them is the truth, and ``agrees`` says whether the two are one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.audience.history import ChoiceThen, choice_at, events_of, standing
from colporteur.audience.readers import Reader
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import variants
from colporteur.editions.brakes import live_since
from colporteur.editions.choosing import (
    Candidate,
    Chosen,
    Fate,
    Offer,
    Profile,
    Rules,
    choose,
    fates,
)
from colporteur.editions.explaining.pool import Frame, Pooled, pool
from colporteur.editions.explaining.reasons import Because, Outcome, Rule
from colporteur.editions.explaining.recollecting import Had, had_before, made_way_for
from colporteur.editions.freezing.copies import mark_of_article
from colporteur.editions.states import ENDED
from colporteur.editions.store import Edition, load
from colporteur.editions.windows import holds, open_windows
from colporteur.publication import Channel
from colporteur.publication.revisions import frozen_channel, require

_NO_END = 2**62  # above any article's number


@dataclass(frozen=True)
class Delivered:
    """What the ledger says of a reader's delivery; ``brings`` as its variant has it now."""

    status: str
    reason: str | None
    due_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None
    smtp_code: int | None
    reply: str | None
    possible_duplicates: int
    brings: tuple[int, ...]
    fixed: tuple[int, ...]  # what the freeze gave them, before anything was taken out
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Why a reader did or did not get an edition, and what became of each article for them.

    ``choice`` is what they wanted when it was frozen. ``agrees`` is False where choosing once
    more gives something else than what is in the ledger.
    """

    edition: Edition
    outcome: Outcome
    delivery: Delivered | None
    choice: ChoiceThen | None
    articles: tuple[Because, ...]
    agrees: bool = True


@dataclass(frozen=True)
class _Then:
    """What choosing looked at for one reader."""

    edition: Edition
    slot: datetime
    pooled: Sequence[Pooled]
    profile: Profile
    offer: Offer
    rules: Rules
    start: int
    had: Sequence[Had]

    @property
    def candidates(self) -> list[Candidate]:
        """In the order of their numbers, as a freeze reads them."""
        found = [one.candidate for one in self.pooled if one.barred is None]
        return sorted(found, key=lambda one: one.number)

    @property
    def chosen(self) -> Chosen | None:
        """What they get."""
        arrangement = self.edition.arrangement
        return choose(self.candidates, self.profile, self.offer, self.rules, self.slot, arrangement)


def explain_regular(
    connection: Connection, edition: Edition, reader: Reader, now: datetime
) -> Explanation:
    """Why a reader did or did not get a regular edition."""
    found = delivered(connection, edition.id, reader.id)
    if edition.frozen_at is None and edition.state in ENDED:
        return Explanation(edition, Outcome.NEVER_LEFT, found, None, ())
    moment = edition.frozen_at or now
    of_channel = _subscription(connection, reader, edition.channel_id)
    if of_channel is None:
        return Explanation(edition, Outcome.NOT_SUBSCRIBED, found, None, ())
    choice = choice_at(connection, of_channel, moment)
    outcome = _standing(edition, choice)
    if found is not None and outcome in {Outcome.CAME_LATER, Outcome.HAD_LEFT}:
        return Explanation(edition, Outcome.WELCOMED, found, choice, ())
    if choice is None or (outcome is not None and found is None):
        return Explanation(edition, outcome or Outcome.CAME_LATER, found, choice, ())
    then = _then(connection, edition, reader, of_channel, choice, moment)
    chosen = then.chosen
    articles = _because(connection, then, chosen, found)
    if found is not None:
        agrees = (chosen.articles if chosen else ()) == found.fixed
        return Explanation(edition, Outcome.FOR_THEM, found, choice, articles, agrees)
    outcome = _without_delivery(connection, edition, chosen, articles, moment)
    agrees = outcome is not Outcome.UNEXPLAINED
    return Explanation(edition, outcome, None, choice, articles, agrees)


def delivered(connection: Connection, edition_id: int, subscriber_id: int) -> Delivered | None:
    """What the ledger says of a reader's delivery of an edition, if there is one."""
    row = connection.execute(
        select(deliveries, variants.c.articles, variants.c.base_id, variants.c.without)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.subscriber_id == subscriber_id)
    ).first()
    if row is None:
        return None
    fixed = row.articles
    if row.base_id is not None:
        fixed = connection.scalar(select(variants.c.articles).where(variants.c.id == row.base_id))
    return Delivered(
        row.status,
        row.reason,
        row.due_at,
        row.next_attempt_at,
        row.ended_at,
        row.smtp_code,
        row.reply,
        row.possible_duplicates,
        tuple(row.articles),
        tuple(fixed or ()),
        tuple(row.without),
    )


def taken_out(
    connection: Connection, one: int, marks: Sequence[str]
) -> tuple[Rule, int | None, datetime | None]:
    """Why an article is in no copy any more: a special edition and its day, or its withdrawal."""
    if mark_of_article(one) not in marks:
        for special in made_way_for(marks):
            edition = load(connection, special)
            if one in edition.arrangement.order:
                return Rule.MADE_WAY, edition.id, edition.send_at
    return Rule.WITHDRAWN_SINCE, None, None


def _subscription(connection: Connection, reader: Reader, channel_id: int) -> int | None:
    for one in reader.subscription_ids:
        stands = standing(connection, one)
        if stands and stands.choice.channel_id == channel_id:
            return one
    return None


def _standing(edition: Edition, choice: ChoiceThen | None) -> Outcome | None:
    """What kept a reader from it whatever there was to bring; None if nothing did."""
    if choice is None:
        return Outcome.CAME_LATER
    states = {
        "pending": Outcome.CAME_LATER,
        "paused": Outcome.PAUSED,
        "unsubscribed": Outcome.HAD_LEFT,
    }
    if choice.state in states:
        return states[choice.state]
    return Outcome.OTHER_CADENCE if choice.choice.cadence != edition.cadence else None


def _then(
    connection: Connection,
    edition: Edition,
    reader: Reader,
    subscription_id: int,
    choice: ChoiceThen,
    moment: datetime,
) -> _Then:
    channel = _channel_then(connection, edition)
    assert channel.digest is not None
    limits = channel.digest
    assert edition.slot is not None
    upto = edition.number_to or edition.approved_to or _NO_END
    oldest = edition.slot - limits.max_age
    until = max(moment, edition.slot)
    pooled = pool(connection, edition, channel, Frame(moment, upto, oldest, until))
    had = had_before(connection, edition, reader.id, moment)
    start = _start(connection, reader, subscription_id, choice, moment)
    own = [one for one in had if one.regular and one.subscription_id == subscription_id]
    settled = [window for one in own for window in one.windows]
    wanted = choice.choice
    return _Then(
        edition,
        edition.slot,
        pooled,
        Profile(frozenset(wanted.topics_in), frozenset(wanted.topics_out), wanted.layout),
        Offer(open_windows(start, upto, settled), _claimed(edition, pooled, had)),
        Rules(limits.min_items, limits.max_items, limits.max_age),
        start,
        had,
    )


def _channel_then(connection: Connection, edition: Edition) -> Channel:
    number = edition.revision or require(connection).number
    return frozen_channel(connection, number, edition.channel_id)[1]


def _start(
    connection: Connection,
    reader: Reader,
    subscription_id: int,
    choice: ChoiceThen,
    moment: datetime,
) -> int:
    """The number after which articles were theirs: as it is now, unless it was changed since.

    Going live moves the starts of many, and is no event of any reader.
    """
    live = live_since(connection)
    moved = live is not None and live > moment
    stands = standing(connection, subscription_id)
    assert stands is not None
    since = (
        one
        for one in events_of(connection, reader.id)
        if one.at > moment and one.channel_id == stands.choice.channel_id
    )
    unchanged = (next(since, None) is None and not moved) or choice.start_number is None
    return stands.start_number if unchanged else choice.start_number or 0


def _claimed(edition: Edition, pooled: Iterable[Pooled], had: Iterable[Had]) -> frozenset[int]:
    """What other deliveries bring: of this channel's own only what has a new place since."""
    places = {one.candidate.id: one.candidate.number for one in pooled}
    found: set[int] = set()
    for one in had:
        own = one.regular and one.channel_id == edition.channel_id
        found |= {
            article
            for article in one.articles
            if article in places and not (own and holds(one.windows, places[article]))
        }
    return frozenset(found)


def _because(
    connection: Connection, then: _Then, chosen: Chosen | None, found: Delivered | None
) -> tuple[Because, ...]:
    """Each article's fate: first what they get in its order, then the others, the newest first."""
    arrangement = then.edition.arrangement
    told = fates(then.candidates, then.profile, then.offer, then.rules, then.slot, arrangement)
    brings = found.brings if found else chosen.articles if chosen else ()
    fixed = found.fixed if found else brings
    articles = [_one(connection, then, one, told, brings, fixed, found) for one in then.pooled]
    return tuple(sorted(articles, key=lambda one: one.place or _NO_END))


def _one(
    connection: Connection,
    then: _Then,
    one: Pooled,
    told: dict[int, Fate],
    brings: Sequence[int],
    fixed: Collection[int],
    found: Delivered | None,
) -> Because:
    number = one.candidate.id
    named = (number, one.slug, one.title)
    if number in brings:
        return Because(*named, Fate.IN, place=brings.index(number) + 1)
    if number in fixed and found is not None:
        rule, edition, day = taken_out(connection, number, found.marks)
        return Because(*named, rule, edition=edition, day=day)
    fate = one.barred or told[number]
    by: Had | None = None
    if fate is Fate.ALREADY_GOT:
        by = next(had for had in then.had if number in had.articles)
    elif fate is Fate.NOT_THEIRS and one.candidate.number > then.start:
        by = _settler(then.had, one.candidate.number, then.edition.channel_id)
    return Because(*named, fate, edition=by.edition if by else None, day=by.day if by else None)


def _settler(had: Iterable[Had], number: int, channel_id: int) -> Had | None:
    mine = (one for one in had if one.regular and one.channel_id == channel_id)
    return next((one for one in mine if holds(one.windows, number)), None)


def _without_delivery(
    connection: Connection,
    edition: Edition,
    chosen: Chosen | None,
    articles: Iterable[Because],
    moment: datetime,
) -> Outcome:
    if chosen is None:
        few = any(one.fate is Fate.TOO_FEW for one in articles)
        return Outcome.TOO_FEW if few else Outcome.NOTHING_FOR_THEM
    if edition.frozen_at is None:
        return Outcome.WOULD_GET_IT
    live = live_since(connection)
    return Outcome.REHEARSAL if live is None or live >= moment else Outcome.UNEXPLAINED
