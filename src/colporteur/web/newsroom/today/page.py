"""``GET /newsroom/``: the page that the newsroom opens with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from colporteur.editions.foresight import PLANNED, Outing
from colporteur.editions.foretelling import readers_per_cadence
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.publication.identities import channel_of
from colporteur.staff.permissions import May
from colporteur.vitals.alerting.words import said
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.live import Told, shown
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.states import STATES, reason_said
from colporteur.web.newsroom.today.attention import Need, needs
from colporteur.web.newsroom.today.gathering import (
    Next,
    Past,
    coming,
    lately,
    leaving,
    next_ones,
    specials_ahead,
    titled,
)
from colporteur.web.newsroom.visiting import Visit

_QUIET = frozenset({PLANNED, State.OPEN.value})  # as is to be expected
_RESTS: Mapping[str, str] = {
    "paused": "The channel is paused",
    "archived": "The channel is archived",
}


@dataclass(frozen=True)
class _Ahead:
    """An edition to come as the page shows it; ``slot`` names it where there is none yet.

    ``called`` is its cadence as people call it.
    """

    channel: str
    title: str
    language: str
    cadence: str
    called: str
    instant: bool
    rests: str
    readers: str
    articles: str
    moment: str
    at: str
    until: str
    state: str
    edition: int | None
    slot: str


@dataclass(frozen=True)
class _Need:
    title: str
    what: str
    said: str
    to: str


@dataclass(frozen=True)
class _Leaving:
    title: str
    cadence: str
    to: str
    told: Told


@dataclass(frozen=True)
class _Past:
    title: str
    cadence: str
    moment: str
    state: str
    sent: bool
    why: str
    numbers: Sequence[str]
    to: str


def today_places(room: Room) -> list[Place]:
    """The page that the newsroom opens with."""
    today = _Today(room)
    return [
        Place("GET", "/newsroom/", May.LOOK, today.show),
        Place("GET", "/newsroom", May.LOOK, lambda _visit: room.to("/newsroom/")),
    ]


class _Today:
    """Today."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """What goes out next, what is leaving, what needs a person, what went out lately."""
        with self._room.reading(visit) as desk:
            clock = Clockface(visit.tag, desk.publication.timezone, desk.now)
            words = _Words(self._room, visit, desk, clock)
            readers = readers_per_cadence(desk.connection, desk.whom)
            now_leaving = leaving(desk.connection, desk.now)
            outings = coming(desk, {one.id for one in now_leaving})
            limits = self._room.runtime.settings.limits_of_alerts
            context: dict[str, Any] = {
                "date": clock.full_day(clock.today),
                "needs": [words.need(one) for one in needs(desk, limits) if visit.may(one.may)],
                "leaving": [words.leaving(one) for one in now_leaving],
                "next": [words.next(one) for one in next_ones(desk, outings, readers)],
                "specials": [words.special(one) for one in specials_ahead(outings)],
                "lately": [words.past(one) for one in lately(desk.connection, desk.now)],
            }
        return self._room.page(visit, "today", self._room.say(visit, "Today"), **context)


@dataclass(frozen=True)
class _Words:
    """Puts what was gathered into the visitor's words."""

    room: Room
    visit: Visit
    desk: Desk
    clock: Clockface

    def next(self, one: Next) -> _Ahead:
        """An edition to come."""
        outing, now = one.outing, self.desk.now
        channel = self.desk.publication.channel(one.channel)
        articles = outing.articles if outing else None
        leaves = outing.leaves if outing else None
        return _Ahead(
            channel=one.channel,
            title=one.title,
            language=one.language,
            cadence=one.cadence,
            called=channel.called(one.cadence, self.visit.tag),
            instant=one.instant,
            rests=self.say(_RESTS[channel.state]) if channel.state != "open" and not outing else "",
            readers=self.clock.number(outing.readers if outing else one.readers),
            articles="–" if articles is None else self.clock.number(articles),
            moment=self.clock.moment(leaves) if leaves else "",
            at=leaves.isoformat() if leaves else "",
            until=self.clock.until(leaves) if leaves and leaves > now else "",
            state=self.state(outing.state) if outing and outing.state not in _QUIET else "",
            edition=outing.edition if outing else None,
            slot=outing.slot.isoformat() if outing and outing.slot else "",
        )

    def special(self, one: Outing) -> _Ahead:
        """A special edition that is to leave."""
        channel = self.desk.publication.channel(one.channel)
        kind = self.say("Correction" if one.kind == "correction" else "Special edition")
        named = (one.channel, channel.title, channel.language, kind)
        return self.next(Next(*named, instant=False, readers=one.readers, outing=one))

    def need(self, one: Need) -> _Need:
        """Something that needs a person."""
        if one.problem:
            words = self.room.runtime.templates.catalogue(self.visit.tag)
            told = said(one.problem, words, self.visit.tag)
            return _Need("", told.text, told.cure, one.to)
        values = {name: self.clock.number(count) for name, count in one.values}
        why = reason_said(self.room.runtime.templates.catalogue(self.visit.tag).gettext, one.said)
        title = self._named(one.edition) if one.edition else ""
        return _Need(title, self.say(one.what, **values), why, one.to)

    def leaving(self, one: Edition) -> _Leaving:
        """An edition that leaves now."""
        (told,) = shown(self.room, self.visit, self.desk, [one.id])
        return _Leaving(
            titled(self.desk, one), self._cadence(one), f"/newsroom/editions/{one.id}", told
        )

    def past(self, one: Past) -> _Past:
        """An edition that has ended."""
        edition, far = one.edition, one.progress
        gettext = self.room.runtime.templates.catalogue(self.visit.tag).gettext
        sent = edition.state is State.SENT
        counts = (
            ("%(count)s sent", far.sent, True),
            ("%(count)s failed", far.failed, False),
            ("%(count)s to be tried again", far.deferred, False),
            ("%(count)s passed over", far.skipped, False),
        )
        shown_ones = [(what, count) for what, count, always in counts if count or (always and sent)]
        at = edition.send_at or edition.ended_at
        return _Past(
            title=titled(self.desk, edition),
            cadence=self._cadence(edition),
            moment=self.clock.moment(at) if at else "",
            state=self.state(edition.state),
            sent=sent,
            why=reason_said(gettext, edition.reason),
            numbers=[self.say(what, count=self.clock.number(count)) for what, count in shown_ones],
            to=f"/newsroom/{'reports' if sent else 'editions'}/{edition.id}",
        )

    def state(self, state: str) -> str:
        """A state in words."""
        return self.say(STATES[state])

    def say(self, message: str, **values: str) -> str:
        """A message of the catalogues."""
        return self.room.say(self.visit, message, **values)

    def _cadence(self, edition: Edition) -> str:
        if not edition.cadence:
            return self.say("Correction" if edition.kind == "correction" else "Special edition")
        channel = channel_of(self.desk.publication, self.desk.names, edition.channel_id)
        return channel.called(edition.cadence, self.visit.tag) if channel else edition.cadence

    def _named(self, edition: Edition) -> str:
        at = edition.send_at
        parts = [titled(self.desk, edition), self._cadence(edition)]
        return " – ".join([*parts, *([self.clock.moment(at)] if at else [])])
