"""The log: what people and their programs changed, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from colporteur.staff import audit, people
from colporteur.staff.audit import Noted
from colporteur.staff.permissions import May
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.numbers import whole
from colporteur.web.newsroom.people.sentences import FAMILIES, PLACES, SENTENCES
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_HERE = "/newsroom/audit"
_ON_A_PAGE = 50


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
    about: str  # the subject as people know it; empty where it is who did it
    href: str
    detail: list[tuple[str, str]]


class _Log:
    """The log's page."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """A page of it, by the filters that the address names."""
        asked = {name: visit.query.one(name)[:320] for name in ("by", "what", "subject")}
        before = whole(visit.query.one("before"))
        family = FAMILIES.get(asked["what"], ("", ()))
        with self._room.reading(visit) as desk:
            found = audit.noted(
                desk.connection,
                limit=_ON_A_PAGE + 1,
                before=before,
                subject=asked["subject"] or None,
                by=asked["by"] or None,
                families=family[1],
            )
            names = audit.who_did(desk.connection)
            known = {f"person:{one.id}": one.address for one in people.listing(desk.connection)}
            zone = desk.publication.timezone
        shown = found[:_ON_A_PAGE]
        filters = {name: value for name, value in asked.items() if value}
        older = urlencode({**filters, "before": shown[-1].id}) if len(found) > len(shown) else ""
        return self._room.page(
            visit,
            "people/log",
            self._room.say(visit, "Log"),
            found=[_entry(one, visit.tag, zone, known) for one in shown],
            names=names,
            families=FAMILIES,
            asked=asked,
            newest=f"{_HERE}?{urlencode(filters)}" if before is not None else "",
            older=f"{_HERE}?{older}" if older else "",
        )


def _entry(one: Noted, tag: str, zone: str, known: Mapping[str, str]) -> Entry:
    """An entry in words; ``known`` are the addresses of people by their subjects."""
    kind, _, key = one.subject.partition(":")
    place = PLACES.get(kind, "")
    return Entry(
        at=Clock(tag, zone).when(one.at),
        by=one.by,
        sentence=SENTENCES.get(one.action, ""),
        action=one.action,
        subject=one.subject,
        about="" if known.get(one.subject) == one.by else known.get(one.subject, one.subject),
        href=place.format(key) if place and key.isascii() and key.isdecimal() else "",
        detail=[(name, str(value)) for name, value in sorted(one.detail.items())],
    )
