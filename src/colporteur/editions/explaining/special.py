"""Explains why a reader did or did not get a special edition or a correction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from colporteur.audience.history import ChoiceThen, choice_at, standing
from colporteur.audience.readers import Reader
from colporteur.editions.brakes import live_since
from colporteur.editions.choosing import Fate, Profile
from colporteur.editions.explaining.pool import Pooled, brought_by, named
from colporteur.editions.explaining.reasons import Because, Outcome, Rule
from colporteur.editions.explaining.recollecting import Had, had_before
from colporteur.editions.explaining.regular import (
    Delivered,
    Explanation,
    delivered,
    explain_regular,
    taken_out,
)
from colporteur.editions.freezing.special_readers import Audience, audience_of
from colporteur.editions.states import ENDED
from colporteur.editions.store import Edition


def explain(connection: Connection, edition: Edition, reader: Reader, now: datetime) -> Explanation:
    """Why a reader did or did not get an edition of any kind."""
    if edition.regular:
        return explain_regular(connection, edition, reader, now)
    found = delivered(connection, edition.id, reader.id)
    if edition.frozen_at is None and edition.state in ENDED:
        return Explanation(edition, Outcome.NEVER_LEFT, found, None, ())
    moment = edition.frozen_at or now
    outcome, choice = _meant(connection, audience_of(edition), reader, moment)
    if outcome is not None and found is None:
        return Explanation(edition, outcome, None, choice, ())
    # Regular mail that had not been tried made way, and may be back since.
    before = had_before(connection, edition, reader.id, moment)
    had = [one for one in before if one.tried or not one.regular]
    pooled = _as_then(
        connection, edition, named(connection, edition.arrangement.order, moment), had
    )
    articles = _because(connection, edition, pooled, had, found)
    if found is not None:
        fixed = tuple(one for one in edition.arrangement.order if one in found.fixed)
        agrees = fixed == _left(edition, pooled, had)
        return Explanation(edition, Outcome.FOR_THEM, found, choice, articles, agrees)
    outcome = _without_delivery(connection, edition, pooled, had, moment)
    agrees = outcome is not Outcome.UNEXPLAINED
    return Explanation(edition, outcome, None, choice, articles, agrees)


def _as_then(
    connection: Connection, edition: Edition, pooled: dict[int, Pooled], had: Sequence[Had]
) -> dict[int, Pooled]:
    """What a freeze brings to nobody was withdrawn then, though it may be restored since."""
    if edition.frozen_at is None:
        return pooled
    known = brought_by(connection, edition.id) | {it for one in had for it in one.articles}
    return {
        number: one if number in known else replace(one, barred=Rule.WITHDRAWN)
        for number, one in pooled.items()
    }


def _meant(
    connection: Connection, audience: Audience, reader: Reader, moment: datetime
) -> tuple[Outcome | None, ChoiceThen | None]:
    """What kept a reader out of the audience, and the choice that was looked at last."""
    if audience.corrects is not None:
        had = delivered(connection, audience.corrects, reader.id)
        received = had is not None and had.status == "sent"
        return (None if received else Outcome.DID_NOT_RECEIVE), None
    outcome, choice = Outcome.NOT_SUBSCRIBED, None
    for channel_id in audience.channels:
        for one in reader.subscription_ids:
            stands = standing(connection, one)
            if stands is None or stands.choice.channel_id != channel_id:
                continue
            choice = choice_at(connection, one, moment)
            kept = _kept_out(audience, choice)
            if kept is None:
                return None, choice
            outcome = kept
    return outcome, choice


def _kept_out(audience: Audience, choice: ChoiceThen | None) -> Outcome | None:
    if choice is None:
        return Outcome.CAME_LATER
    states = {"paused": Outcome.PAUSED, "unsubscribed": Outcome.HAD_LEFT}
    if choice.state in states:
        return states[choice.state]
    wanted = choice.choice
    if not wanted.specials:
        return Outcome.DECLINED
    profile = Profile(frozenset(wanted.topics_in), frozenset(wanted.topics_out), wanted.layout)
    return None if audience.wanted_by(profile) else Outcome.OTHER_TOPICS


def _left(edition: Edition, pooled: dict[int, Pooled], had: Sequence[Had]) -> tuple[int, ...]:
    """What of its articles they had not got by other ways."""
    claimed = {article for one in had for article in one.articles}
    offered = [one for one in edition.arrangement.order if one in pooled]
    return tuple(one for one in offered if pooled[one].barred is None and one not in claimed)


def _because(
    connection: Connection,
    edition: Edition,
    pooled: dict[int, Pooled],
    had: Sequence[Had],
    found: Delivered | None,
) -> tuple[Because, ...]:
    brings = found.brings if found else _left(edition, pooled, had)
    told = []
    for number in edition.arrangement.order:
        if number not in pooled:
            continue
        one = pooled[number]
        named_so = (number, one.slug, one.title)
        if number in brings:
            told.append(Because(*named_so, Fate.IN, place=brings.index(number) + 1))
        elif found is not None and number in found.fixed:
            rule, by, day = taken_out(connection, number, found.marks)
            told.append(Because(*named_so, rule, edition=by, day=day))
        elif one.barred is not None:
            told.append(Because(*named_so, one.barred))
        else:
            other = next((it for it in had if number in it.articles), None)
            by, day = (other.edition, other.day) if other else (None, None)
            told.append(Because(*named_so, Fate.ALREADY_GOT, edition=by, day=day))
    return tuple(told)


def _without_delivery(
    connection: Connection,
    edition: Edition,
    pooled: dict[int, Pooled],
    had: Sequence[Had],
    moment: datetime,
) -> Outcome:
    if edition.frozen_at is None:
        return Outcome.DRAFT if edition.send_at is None else Outcome.WOULD_GET_IT
    if not _left(edition, pooled, had) and not edition.arrangement.intro:
        return Outcome.GOT_IT_ALL
    live = live_since(connection)
    return Outcome.REHEARSAL if live is None or live >= moment else Outcome.UNEXPLAINED
