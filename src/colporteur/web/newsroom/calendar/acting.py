"""Does to an edition of the calendar what a form asks, once; a page that was too old is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.editions import store
from colporteur.editions.arranging import edition_at
from colporteur.editions.store import Edition
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.calendar.day import Day, day_asked
from colporteur.web.newsroom.calendar.page import PATH
from colporteur.web.newsroom.calendar.steps import MOVE, Refused, Step, Typed, moment_typed
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.numbers import whole
from colporteur.web.newsroom.places import Answer
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.states import STATES
from colporteur.web.newsroom.visiting import Visit, as_id

_MOMENT_AT_MOST = 40


@dataclass(frozen=True)
class _Done:
    """What came of it: where it is seen, or what somebody else changed, and the version now."""

    to: str = ""
    changes: Sequence[Changed] = ()
    seen: str = ""


class Acting:
    """The forms of a day."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def doing(self, step: Step) -> Answer:
        """What answers the form of a step."""
        return partial(self._answer, step)

    def _answer(self, step: Step, visit: Visit) -> Response:
        typed = Typed(visit.form.one("to"), visit.form.one("why"))
        try:
            with self._room.changing(visit, May.STEER) as desk:
                clock = Clockface(visit.tag, desk.publication.timezone, desk.now)
                day_asked(visit, clock)
                done = self._do(visit, desk, clock, step, typed)
        except Refused as fault:
            moments = {name: clock.moment(at) for name, at in fault.moments.items()}
            said = self._room.say(visit, fault.what, **moments)
            mark = f"{visit.form.one('mark')}/{step.name}"
            return Day(self._room).page(visit, code=422, mark=mark, fault=said, typed=typed)
        if done.changes:
            return self._room.conflict(visit, done.changes, done.seen, f"{PATH}/{visit.at('day')}")
        self._room.ring()
        return self._room.to(done.to)

    def _do(self, visit: Visit, desk: Desk, clock: Clockface, step: Step, typed: Typed) -> _Done:
        edition = _named(desk, visit)
        seen, version = visit.form.one("seen"), str(store.version(desk.connection, edition.id))
        history = store.history(desk.connection, edition.id)
        fresh = seen == version or (not seen and len(history) == 1)
        if not fresh and not _done_before(desk, edition, step, typed):
            return _Done(changes=self._changes(visit, clock, history, seen), seen=version)
        if fresh:
            before = edition.send_at
            step.does(desk, edition, typed)
            edition = store.load(desk.connection, edition.id)
            moved = {} if before == edition.send_at else {"was": str(before), "to": typed.to}
            desk.note(step.noted, f"edition:{edition.id}", why=typed.why, **moved)
        at = edition.send_at or desk.now
        day = clock.there(at).date()
        return _Done(to=f"{PATH}/{day}?done={step.name}#e{edition.id}")

    def _changes(
        self, visit: Visit, clock: Clockface, history: Sequence[Any], seen: str
    ) -> list[Changed]:
        last = whole(seen) or 0
        return [
            Changed(row.by, clock.moment(row.at), self._what(visit, row))
            for row in history
            if row.id > last
        ]

    def _what(self, visit: Visit, row: Any) -> str:
        if row.from_state == row.to_state:
            return self._room.say(visit, "Moved" if row.why.startswith("moved ") else "Changed")
        return self._room.say(visit, STATES[row.to_state])


def _named(desk: Desk, visit: Visit) -> Edition:
    """The edition that a form names: by its number, or as the calendar has it.

    Raises:
        HTTPException: 404, there is none.
        UnknownName: nor has the calendar one.
    """
    if number := visit.form.one("edition"):
        if not store.of_ids(desk.connection, [as_id(number)]):
            raise HTTPException(404)
        return store.load_in_turn(desk.connection, as_id(number))
    slot = _instant(visit.form.one("slot"))
    if slot is None:
        raise HTTPException(404)
    channel = desk.publication.channel(visit.form.one("channel"))
    found = edition_at(
        desk.connection,
        desk.revision,
        desk.names,
        channel,
        visit.form.one("cadence"),
        slot,
        by=desk.by,
        now=desk.now,
    )
    return store.load_in_turn(desk.connection, found.id)


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text[:_MOMENT_AT_MOST])
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _done_before(desk: Desk, edition: Edition, step: Step, typed: Typed) -> bool:
    """Whether the same person did just this last: the form was sent twice."""
    last = store.history(desk.connection, edition.id)[-1]
    if last.by != desk.by:
        return False
    if step is MOVE:
        return edition.send_at == moment_typed(desk, typed)
    return last.from_state != last.to_state and edition.state in step.leads_to
