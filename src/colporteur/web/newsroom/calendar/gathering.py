"""The editions of some days: those that were, and those that the calendar has yet."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from colporteur.editions.calendar import instant_of
from colporteur.editions.foresight import Outing
from colporteur.editions.progress import progress
from colporteur.editions.store import Edition, between, of_ids
from colporteur.publication import Channel
from colporteur.publication.identities import channel_of
from colporteur.web.desk import Desk
from colporteur.web.newsroom.ahead import outings_ahead
from colporteur.web.newsroom.clocks import Clockface

_DAY = timedelta(days=1)
_MIDNIGHT = time(0, 0)


def outings(desk: Desk, first: date, last: date) -> list[Outing]:
    """What leaves, left or should have left from the first of these days to the last, in order."""
    since, until = _begin(first, desk), _begin(last + _DAY, desk)
    ahead = max(until - desk.now, timedelta(0))
    coming = outings_ahead(desk, ahead)
    known = {one.edition for one in coming}
    past = [
        _past(desk, one)
        for one in between(desk.connection, since, min(desk.now, until))
        if one.id not in known
    ]
    found = [one for one in [*past, *coming] if one.leaves and since <= one.leaves < until]
    return sorted(found, key=lambda one: (one.leaves or since, one.channel, one.cadence or ""))


def by_day(found: Sequence[Outing], clock: Clockface) -> dict[date, list[Outing]]:
    """The same by the date on which each leaves."""
    days: dict[date, list[Outing]] = {}
    for one in found:
        assert one.leaves is not None
        days.setdefault(clock.there(one.leaves).date(), []).append(one)
    return days


def left_out(desk: Desk, day: date) -> list[Channel]:
    """The channels that leave a date out altogether."""
    return [one for one in desk.publication.channels if one.digest and day in one.digest.skip]


def editions_of(desk: Desk, found: Sequence[Outing]) -> dict[int, Edition]:
    """The editions that there are of these."""
    return of_ids(desk.connection, [one.edition for one in found if one.edition is not None])


def _past(desk: Desk, edition: Edition) -> Outing:
    channel = channel_of(desk.publication, desk.names, edition.channel_id)
    far = progress(desk.connection, edition.id)
    return Outing(
        channel=channel.slug if channel else "",
        zone=desk.publication.timezone,
        leaves=edition.send_at,
        kind=edition.kind,
        cadence=edition.cadence,
        state=edition.state,
        slot=edition.slot,
        reason=edition.reason,
        readers=far.readers,
        edition=edition.id,
    )


def _begin(day: date, desk: Desk) -> datetime:
    """When a day begins; the next one where a zone leaves the date out."""
    found = instant_of(day, _MIDNIGHT, desk.publication.timezone)
    return found or _begin(day + _DAY, desk)
