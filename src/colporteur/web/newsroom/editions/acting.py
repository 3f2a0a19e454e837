"""Does to an edition what a form of its page asks, once, and tells whose page was too old."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from colporteur.editions import store
from colporteur.editions.store import Edition
from colporteur.web.desk import Desk
from colporteur.web.newsroom.editions.showing import Showing
from colporteur.web.newsroom.editions.steps import WHY_AT_MOST, Step, offered
from colporteur.web.newsroom.editions.telling import changed_since, edition_of, home_of
from colporteur.web.newsroom.places import Answer
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.visiting import Visit

_IN_PLACE = ("approve", "send")  # which leave an edition in its state


@dataclass(frozen=True)
class _Outcome:
    """What came of it; ``seen`` is the edition's version now."""

    done: bool
    changes: Sequence[Changed] = ()
    seen: str = ""


class Acting:
    """The forms of an edition's page."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def doing(self, step: Step) -> Answer:
        """What answers the form of a step."""
        return partial(self._answer, step)

    def _answer(self, step: Step, visit: Visit) -> Response:
        why = visit.form.one("why")
        if fault := _fault(step, why):
            faults = {step.name: self._room.say(visit, fault)}
            return Showing(self._room).page(visit, code=422, faults=faults, typed=why)
        with self._room.changing(visit, step.may) as desk:
            outcome = self._do(visit, desk, step, why)
        here = f"/newsroom/editions/{visit.number()}"
        if outcome.changes:
            return self._room.conflict(visit, outcome.changes, outcome.seen, here)
        if not outcome.done:
            return Showing(self._room).page(visit, code=409, not_now=True)
        self._room.ring()
        return self._room.to(here, step.name)

    def _do(self, visit: Visit, desk: Desk, step: Step, why: str) -> _Outcome:
        edition = edition_of(desk, visit, to_change=True)
        version, seen = str(store.version(desk.connection, edition.id)), visit.form.one("seen")
        if seen != version:
            if _done_before(desk, edition, step):
                return _Outcome(done=True)
            changes = changed_since(self._room, visit, desk, edition, seen)
            return _Outcome(done=False, changes=changes, seen=version)
        if step not in offered(desk, edition, home_of(desk, edition)):
            return _Outcome(done=False)
        step.does(desk, edition, why)
        desk.note(step.noted, f"edition:{edition.id}", why=why)
        return _Outcome(done=True)


def _done_before(desk: Desk, edition: Edition, step: Step) -> bool:
    """Whether the same person did the same last: the form was sent twice."""
    last = store.history(desk.connection, edition.id)[-1]
    moved = last.from_state != last.to_state or step.name in _IN_PLACE
    return moved and last.by == desk.by and edition.state in step.leads_to


def _fault(step: Step, why: str) -> str:
    """What is wrong with a reason, as a message of the catalogues."""
    if step.due and not why:
        return "Say why, in a few words: others will read it."
    if len(why) > WHY_AT_MOST or not why.isprintable():
        return "Say it in one line of at most 200 characters."
    return ""
