"""What was changed, by whom, when and why; each change can be taken back, or gone back to."""

import re
from dataclasses import dataclass
from functools import partial

from starlette.responses import Response

from colporteur.exceptions import UnknownName
from colporteur.publication import Publication
from colporteur.publication.changes import changes
from colporteur.publication.editing import remade
from colporteur.publication.editing.undoing import taken_back
from colporteur.publication.revisions import Revision, numbered
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.settings.applying import (
    changed_since,
    is_stale,
    plan,
    put_in_force,
)
from colporteur.web.newsroom.settings.sheets import HOME
from colporteur.web.newsroom.settings.telling import Told, summary, told
from colporteur.web.newsroom.visiting import Visit, as_id

_ON_PAGE = 30
_PATH = f"{HOME}/history"
_RETURNED, _TAKEN_BACK = "Back to change %s", "Change %s taken back"
_NUMBER = re.compile("[0-9]+")
UNDO = "undo"


@dataclass(frozen=True)
class Entry:
    """A revision in the list."""

    number: int
    at: str
    by: str
    source: str
    why: str
    what: str


class History:
    """The settings' history."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def listed(self, visit: Visit) -> Response:
        """The revisions, the newest first."""
        with self._room.reading(visit) as desk:
            last = desk.revision.number
            asked = visit.query.one("before")
            top = min(last, as_id(asked) - 1) if asked else last
            rows, after = [], None
            for number in range(top, max(0, top - _ON_PAGE), -1):
                after = after or numbered(desk.connection, number)
                before = numbered(desk.connection, number - 1) if number > 1 else None
                rows.append(self._entry(visit, desk, before, after))
                after = before
        return self._room.page(
            visit,
            "settings/history",
            self._room.say(visit, "History of the settings"),
            rows=rows,
            older=top - _ON_PAGE + 1 if top > _ON_PAGE else 0,
        )

    def one(self, visit: Visit) -> Response:
        """What one revision changed."""
        number = visit.number("number")
        with self._room.reading(visit) as desk:
            before, after = _pair(desk, number)
            entry = self._entry(visit, desk, before, after)
            lines = self._lines(visit, before, after)
            last = desk.revision.number
        return self._room.page(
            visit,
            "settings/revision",
            self._room.say(visit, "Change %(number)s", number=number),
            entry=entry,
            lines=lines,
            first=before is None,
            last=last,
        )

    def change(self, visit: Visit) -> Response:
        """Take a change back, or go back to a state: looked at first, then put in force."""
        number, back = visit.number("number"), visit.form.one("act") == "return"
        action = f"{_PATH}/{number}"
        say = partial(self._room.say, visit)
        applying = visit.form.one("step") == "apply"
        opened = (
            self._room.changing(visit, May.SETTINGS, revising=True)
            if applying
            else self._room.reading(visit)
        )
        with opened as desk:
            if is_stale(desk, visit.form.one("seen")):
                found = changed_since(desk, visit.form.one("seen"), say, visit.tag)
                return self._room.conflict(visit, found, str(desk.revision.number), action)
            before, after = _pair(desk, number)
            if back or before is None:
                wanted, since = after.publication, []
            else:
                found_back = taken_back(before.publication, after.publication, desk.publication)
                since = found_back.changed_since
                wanted = desk.publication if since else remade(found_back.tree)
            if not applying or since:
                return self._preview(visit, desk, wanted, since, number, back=back)
            why = (_RETURNED if back else _TAKEN_BACK) % number
            put_in_force(desk, wanted, why, "settings.undone", UNDO)
        self._room.ring()
        return self._room.to(_PATH, "saved")

    def _preview(
        self,
        visit: Visit,
        desk: Desk,
        wanted: Publication,
        since: list[str],
        number: int,
        *,
        back: bool,
    ) -> Response:
        say = partial(self._room.say, visit)
        title = (
            say("Go back to how it was after change %(number)s", number=number)
            if back
            else say("Take change %(number)s back", number=number)
        )
        return self._room.page(
            visit,
            "settings/preview",
            title,
            about="",
            whose="",
            action=f"{_PATH}/{number}",
            back=f"{_PATH}/{number}",
            plan=plan(desk, wanted, say, visit.tag),
            since=since,
            kept=[("act", "return" if back else "undo")],
            seen=str(desk.revision.number),
            frames=[],
        )

    def _entry(self, visit: Visit, desk: Desk, before: Revision | None, after: Revision) -> Entry:
        say = partial(self._room.say, visit)
        what = summary(before.publication, after.publication, say, visit.tag) if before else ""
        at = Clock(visit.tag, desk.publication.timezone).in_full(after.made_at)
        why = self._why(visit, after)
        return Entry(after.number, at, after.made_by, after.source, why, what)

    def _why(self, visit: Visit, made: Revision) -> str:
        """Why, in the visitor's language where nobody wrote it."""
        if made.source == UNDO and (found := _NUMBER.search(made.why)):
            number = int(found[0])
            if made.why == _RETURNED % number:
                message = "Go back to how it was after change %(number)s"
                return self._room.say(visit, message, number=number)
            return self._room.say(visit, "Take change %(number)s back", number=number)
        title, colon, whose = made.why.partition(": ")
        return f"{self._room.say(visit, title)}{colon}{whose}"

    def _lines(self, visit: Visit, before: Revision | None, after: Revision) -> list[Told]:
        if before is None:
            return []
        found = [(one, -1) for one in changes(before.publication, after.publication)]
        say = partial(self._room.say, visit)
        return told(before.publication, after.publication, found, say, visit.tag)


def _pair(desk: Desk, number: int) -> tuple[Revision | None, Revision]:
    """A revision with the one before it, None for the first.

    Raises:
        UnknownName: there is none of that number.
    """
    if not 0 < number <= desk.revision.number:
        raise UnknownName("There is no such change.", cure="See the history of the settings.")
    after = numbered(desk.connection, number)
    return (numbered(desk.connection, number - 1) if number > 1 else None), after
