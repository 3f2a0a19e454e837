"""The log: what people and their programs changed, the newest first."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from colporteur.staff import audit
from colporteur.staff.audit import Noted
from colporteur.staff.permissions import May
from colporteur.web.newsroom.people.sentences import FAMILIES, PLACES, SENTENCES
from colporteur.web.newsroom.people.telling import moment
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_HERE = "/newsroom/audit"
_ON_A_PAGE = 50
_DIGITS_AT_MOST = 18


def log_places(room: Room) -> list[Place]:
    """The log's page."""
    return [Place("GET", _HERE, May.AUDIT, _Log(room).show)]


@dataclass(frozen=True)
class Entry:
    """An entry as the page tells it. ``sentence`` is a message; of what it does not know, empty."""

    at: str
    by: str
    sentence: str
    action: str
    subject: str
    href: str
    detail: list[tuple[str, str]]


class _Log:
    """The log's page."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """A page of it, by the filters that the address names."""
        asked = {name: visit.query.one(name)[:320] for name in ("by", "what", "subject")}
        before = visit.query.one("before")
        known = before.isascii() and before.isdecimal() and len(before) <= _DIGITS_AT_MOST
        family = asked["what"] if asked["what"] in FAMILIES else ""
        with self._room.reading(visit) as desk:
            found = audit.noted(
                desk.connection,
                limit=_ON_A_PAGE + 1,
                before=int(before) if known else None,
                subject=asked["subject"] or None,
                by=asked["by"] or None,
                family=family or None,
            )
            names = audit.who_did(desk.connection)
            zone = desk.publication.timezone
        shown = found[:_ON_A_PAGE]
        filters = {name: value for name, value in asked.items() if value}
        older = urlencode({**filters, "before": shown[-1].id}) if len(found) > len(shown) else ""
        return self._room.page(
            visit,
            "people/log",
            self._room.say(visit, "Log"),
            found=[_entry(one, visit.tag, zone) for one in shown],
            names=names,
            families=FAMILIES,
            asked={**asked, "what": family},
            newest=f"{_HERE}?{urlencode(filters)}" if known else "",
            older=f"{_HERE}?{older}" if older else "",
        )


def _entry(one: Noted, tag: str, zone: str) -> Entry:
    kind, _, key = one.subject.partition(":")
    place = PLACES.get(kind, "")
    return Entry(
        at=moment(one.at, tag, zone),
        by=one.by,
        sentence=SENTENCES.get(one.action, ""),
        action=one.action,
        subject=one.subject,
        href=place.format(key) if place and key.isascii() and key.isdecimal() else "",
        detail=[(name, str(value)) for name, value in sorted(one.detail.items())],
    )
