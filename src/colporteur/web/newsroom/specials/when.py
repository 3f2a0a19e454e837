"""The third step: when. At once, or at a time; and what holds it back until then."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from colporteur.editions.moments import read_moment
from colporteur.editions.special_drafts import Draft
from colporteur.exceptions import ChoiceRefused
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.specials import keeping
from colporteur.web.newsroom.specials.typed import Typed, when_typed
from colporteur.web.newsroom.visiting import Visit


def leaves_at(at: str, zone: str, hold: timedelta, now: datetime) -> datetime:
    """When what is confirmed now leaves: at its time, and not before its hold is over.

    Raises:
        ChoiceRefused: its day was left out in that zone.
    """
    return max(read_moment(at, zone) if at else now, now + hold)


class When:
    """The page on which it is said when an edition leaves."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def look(self, visit: Visit) -> Response:
        """The form."""
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
        day, _, hour = draft.writing.at.partition("T")
        values = {"when": "later" if day else "now", "day": day, "hour": hour}
        return keeping.led_on(self._room, draft) or self._page(visit, draft, values, {})

    def write(self, visit: Visit) -> Response:
        """Save it."""
        typed = when_typed(visit.form)
        faults = dict(typed.faults)
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
            faults |= _past(typed, desk.publication.timezone, desk.now)
        if gone := keeping.led_on(self._room, draft):
            return gone
        if faults:
            values = {name: visit.form.one(name)[:40] for name in ("when", "day", "hour")}
            return self._page(visit, draft, values, faults, code=422)
        found = keeping.saved(self._room, visit, typed.parts)
        path = keeping.path_of(found.draft, "when")
        if other := keeping.refused(self._room, visit, found, path):
            return other
        if typed.do == "next":
            return self._room.to(keeping.path_of(found.draft, "summary"))
        return self._room.to(path, "saved")

    def _page(
        self,
        visit: Visit,
        draft: Draft,
        values: Mapping[str, Any],
        faults: Mapping[str, str],
        *,
        code: int = 200,
    ) -> Response:
        with self._room.reading(visit) as desk:
            publication, now = desk.publication, desk.now
        words = keeping.words_of(self._room, visit, publication.timezone)
        rules = publication.specials
        here = now.astimezone(ZoneInfo(publication.timezone))
        said = {
            "past": words.say("This time is past. It is %(now)s there.", now=words.moment(now)),
            "gap": words.say("This day was left out there. Choose another one."),
        }
        return self._room.page(
            visit,
            "special_when",
            words.say("When"),
            code=code,
            draft=draft,
            step="when",
            values=values,
            faults={name: said.get(one) or words.fault(one) for name, one in faults.items()},
            today=f"{here:%Y-%m-%d}",
            now_there=words.moment(now),
            hold=words.span(rules.hold) if rules.hold else "",
            approval=rules.approval,
        )


def _past(typed: Typed, zone: str, now: datetime) -> dict[str, str]:
    at = typed.parts.get("at", "")
    if not at:
        return {}
    try:
        return {"day": "past"} if read_moment(at, zone) <= now else {}
    except ChoiceRefused:
        return {"day": "gap"}
