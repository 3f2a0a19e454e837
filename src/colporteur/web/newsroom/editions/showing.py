"""An edition's own page: how it stands, what it brings, who did what, and what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from colporteur.editions import store
from colporteur.editions.lineup import Listed, lineup
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.staff.permissions import May
from colporteur.web.newsroom.editions.steps import needs_other_eyes, offered, waits_for_approval
from colporteur.web.newsroom.editions.telling import (
    clock_of,
    edition_of,
    head,
    home_of,
    readers_of,
    told,
)
from colporteur.web.newsroom.findings import Finding, findings_of
from colporteur.web.newsroom.live import shown
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_AT_MOST = 60
_ARRANGED = (State.OPEN, State.HELD, State.AWAITING_APPROVAL, State.FROZEN, State.PAUSED)
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Title:
    """An article of an edition, and where its own page is."""

    id: int
    title: str
    language: str
    lead: bool


class Showing:
    """An edition's own page."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """The page."""
        return self.page(visit)

    def page(
        self,
        visit: Visit,
        *,
        code: int = 200,
        faults: Mapping[str, str] = NOTHING,
        typed: str = "",
        not_now: bool = False,
    ) -> Response:
        """The page, with what is wrong with a form of it, if something is."""
        room = self._room
        with room.reading(visit) as desk:
            edition = edition_of(desk, visit)
            channel = home_of(desk, edition)
            one = head(room, visit, desk, edition)
            found = lineup(desk.connection, edition, channel, desk.whom)
            history = told(room, visit, desk, store.history(desk.connection, edition.id))
            readers = clock_of(visit, desk).number(readers_of(desk, edition))
            steps = offered(desk, edition, channel)
            live = shown(room, visit, desk, [edition.id]) if _leaves(edition) else []
            version = store.version(desk.connection, edition.id)
            others = (
                visit.may(May.APPROVE)
                and waits_for_approval(edition, channel)
                and needs_other_eyes(desk, edition)
            )
        titles = _titles(edition, found)
        return room.page(
            visit,
            "edition",
            one.title,
            code=code,
            one=one,
            edition=edition,
            fixed=edition.frozen_at is not None,
            readers=readers,
            titles=titles[:_AT_MOST],
            more=len(titles) - _AT_MOST,
            history=list(reversed(history)),
            steps=steps,
            others_approve=others,
            findings=self._findings(visit, edition),
            version=version,
            can_arrange=edition.regular and edition.state in _ARRANGED and visit.may(May.ARRANGE),
            faults=faults,
            typed=typed,
            not_now=not_now,
            live=next(iter(live), None),
        )

    def _findings(self, visit: Visit, edition: Edition) -> list[Finding]:
        return findings_of(self._room, visit, edition.findings)


def _leaves(edition: Edition) -> bool:
    """Whether it is on its way, or was: there is progress to tell of."""
    return edition.frozen_at is not None and edition.state not in {State.SKIPPED, State.MISSED}


def _titles(edition: Edition, found: list[Listed]) -> list[Title]:
    """What it brings in its order, without what an editor left out."""
    arrangement = edition.arrangement
    places = {one: place for place, one in enumerate(arrangement.pinned)}
    left_out = frozenset() if edition.frozen_at else arrangement.left_out
    brought = [one for one in found if one.id not in left_out]
    ordered = sorted(brought, key=lambda one: places.get(one.id, len(places)))
    return [
        Title(one.id, one.article.title, one.article.language, one.id == arrangement.lead)
        for one in ordered
    ]
