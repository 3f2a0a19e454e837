"""The list of editions: what comes, and what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from colporteur.editions import store
from colporteur.editions.arranging import edition_at
from colporteur.editions.foresight import DRAFT, PLANNED, Outing
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import Edition
from colporteur.exceptions import UnknownName
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.ahead import outings_ahead
from colporteur.web.newsroom.editions import words
from colporteur.web.newsroom.editions.telling import clock_of, head, strength, why_said
from colporteur.web.newsroom.numbers import whole
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.states import STATES
from colporteur.web.newsroom.visiting import Visit

PAGE = 50
_DIGITS_AT_MOST = 15
_AHEAD = timedelta(days=31)
_PATH = "/newsroom/editions"
_YEARS = range(2000, 2200)
_COMING_STATES = (
    PLANNED,
    DRAFT,
    *(one for one in State if one not in ENDED),
)


@dataclass(frozen=True)
class Row:
    """An edition in the list; one that was not opened yet has no ``id``, and ``opens`` it."""

    id: int | None
    channel: str
    channel_language: str
    cadence: str
    kind: str
    leaves: str
    said: str
    strength: str
    reason: str
    readers: str
    articles: str
    opens: Mapping[str, str]


@dataclass(frozen=True)
class _Asked:
    """Which editions somebody asks for."""

    past: bool
    channel: str
    state: str
    kind: str
    before: int | None
    page: int

    def query(self, **more: object) -> str:
        """The same question with something else."""
        said = {"when": "past" if self.past else "", "channel": self.channel}
        said |= {"state": self.state, "kind": self.kind}
        return urlencode({name: one for name, one in {**said, **more}.items() if one})


class Listing:
    """The list of editions."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """A page of those that come, or of those that were."""
        asked = _asked(visit)
        with self._room.reading(visit) as desk:
            asked = _known(asked, desk)
            rows, following = (self._past if asked.past else self._coming)(visit, desk, asked)
            channels = [(one.slug, one.title) for one in desk.publication.channels]
        states = tuple(ENDED_IN_ORDER) if asked.past else _COMING_STATES
        return self._room.page(
            visit,
            "editions",
            self._room.say(visit, "Editions"),
            rows=rows,
            asked=asked,
            following=f"{_PATH}?{asked.query(**following)}" if following else "",
            channels=channels,
            states=[(one, self._room.say(visit, STATES[one])) for one in states],
            kinds=[(one, self._room.say(visit, said)) for one, said in words.KINDS.items()],
            elsewhere=f"{_PATH}?{urlencode({'when': '' if asked.past else 'past'})}",
        )

    def open(self, visit: Visit) -> Response:
        """Open a coming edition, to look at it and arrange it."""
        slot = _moment(visit.form.one("slot"))
        with self._room.changing(visit, May.ARRANGE) as desk:
            found = slot and self._opened(desk, visit, slot)
        if not found:
            return self._room.to(_PATH, "gone")
        return self._room.to(f"{_PATH}/{found.id}")

    def _opened(self, desk: Desk, visit: Visit, slot: datetime) -> Edition | None:
        try:
            channel = desk.publication.channel(visit.form.one("channel"))
            cadence = visit.form.one("cadence")
            channel.cadence(cadence)
            known = store.of_slot(desk.connection, desk.names.channels[channel.slug], cadence, slot)
            found = known or edition_at(
                desk.connection,
                desk.revision,
                desk.names,
                channel,
                cadence,
                slot,
                by=desk.by,
                now=desk.now,
            )
        except UnknownName:
            return None
        if known is None:
            detail = {"channel": channel.slug, "cadence": cadence, "slot": slot.isoformat()}
            desk.note("edition.opened", f"edition:{found.id}", **detail)
        return found

    def _coming(
        self, visit: Visit, desk: Desk, asked: _Asked
    ) -> tuple[list[Row], dict[str, object]]:
        found = outings_ahead(desk, _AHEAD)
        wanted = [
            one
            for one in found
            if not one.ended
            and asked.channel in {"", one.channel}
            and asked.state in {"", one.state}
            and asked.kind in {"", one.kind}
        ]
        first = asked.page * PAGE
        rows = [self._planned(visit, desk, one) for one in wanted[first : first + PAGE]]
        more = len(wanted) > first + PAGE
        return rows, {"page": asked.page + 1} if more else {}

    def _planned(self, visit: Visit, desk: Desk, one: Outing) -> Row:
        room, clock = self._room, clock_of(visit, desk)
        of_it = next((home for home in desk.publication.channels if home.slug == one.channel), None)
        opens: dict[str, str] = {}
        if one.edition is None and one.slot is not None:
            slot = one.slot.astimezone(UTC).isoformat()
            opens = {"channel": one.channel, "cadence": one.cadence or "", "slot": slot}
        return Row(
            id=one.edition,
            channel=of_it.title if of_it else room.say(visit, "A channel that is gone"),
            channel_language=of_it.language if of_it else visit.tag,
            cadence=of_it.called(one.cadence or "", visit.tag) if of_it else one.cadence or "",
            kind=room.say(visit, words.KINDS[one.kind]),
            leaves=clock.moment(one.leaves) if one.leaves else "",
            said=room.say(visit, STATES[one.state]),
            strength=strength(one.state),
            reason=why_said(room, visit, desk, one.reason),
            readers=clock.number(one.readers),
            articles="" if one.articles is None else clock.number(one.articles),
            opens=opens,
        )

    def _past(self, visit: Visit, desk: Desk, asked: _Asked) -> tuple[list[Row], dict[str, object]]:
        channel_id = desk.names.channels[asked.channel] if asked.channel else None
        found = store.listing(
            desk.connection,
            limit=PAGE + 1,
            before=asked.before,
            states=[State(asked.state)] if asked.state else ENDED_IN_ORDER,
            kinds=[asked.kind] if asked.kind else (),
            channel_id=channel_id,
        )
        shown = found[:PAGE]
        readers = store.readers(desk.connection, [one.id for one in shown])
        rows = [self._ended(visit, desk, one, readers.get(one.id, 0)) for one in shown]
        return rows, {"before": shown[-1].id} if len(found) > PAGE else {}

    def _ended(self, visit: Visit, desk: Desk, edition: Edition, readers: int) -> Row:
        one, clock = head(self._room, visit, desk, edition), clock_of(visit, desk)
        return Row(
            id=one.id,
            channel=one.channel,
            channel_language=one.channel_language,
            cadence=one.cadence,
            kind=one.kind,
            leaves=clock.moment(edition.send_at) if edition.send_at else "",
            said=one.said,
            strength=one.strength,
            reason=one.reason,
            readers=clock.number(readers),
            articles="",
            opens={},
        )


ENDED_IN_ORDER: Sequence[State] = [one for one in State if one in ENDED]


def _asked(visit: Visit) -> _Asked:
    """What the address asks for; what makes no sense is passed over."""
    query = visit.query
    past = query.one("when") == "past"
    states = {*map(str, ENDED_IN_ORDER)} if past else {*map(str, _COMING_STATES)}
    state, kind = query.one("state"), query.one("kind")
    return _Asked(
        past,
        query.one("channel"),
        state if state in states else "",
        kind if kind in words.KINDS else "",
        whole(query.one("before"), _DIGITS_AT_MOST),
        whole(query.one("page"), _DIGITS_AT_MOST) or 0,
    )


def _known(asked: _Asked, desk: Desk) -> _Asked:
    """Without a channel that is not there."""
    there = any(one.slug == asked.channel for one in desk.publication.channels)
    return (
        asked
        if there
        else _Asked(asked.past, "", asked.state, asked.kind, asked.before, asked.page)
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.year not in _YEARS:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
