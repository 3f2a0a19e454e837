"""The list of readers: searched by address, narrowed by channel and state, some at a time."""

import time
from contextlib import suppress
from urllib.parse import urlencode

from starlette.responses import Response

from colporteur.audience import searching
from colporteur.audience.addresses import parse_address
from colporteur.audience.searching import SHOWN, Wanted, key_begins, search
from colporteur.audience.states import State
from colporteur.audience.suppressing import suppression_of
from colporteur.exceptions import AddressRefused
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit, as_id

_AT_ONCE = 50
_SLOW_S, _KEPT_S = 0.25, 60.0
"""What takes so long to count, of a million readers, is not counted anew for a minute."""
Counts = tuple[dict[int, dict[State, int]], dict[State, int]]


class Listing:
    """The page of all readers."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._kept: tuple[float, Counts] | None = None

    def show(self, visit: Visit) -> Response:
        """Those that are looked for."""
        query = visit.query
        begins, slug, state = query.one("address")[:320], query.one("channel"), query.one("state")
        with self._room.reading(visit) as desk:
            wanted = Wanted(
                key_begins(begins),
                desk.names.channels.get(slug),
                State(state) if state in SHOWN else None,
                as_id(query.one("after")) if query.one("after") else None,
            )
            found = search(desk.connection, wanted, _AT_ONCE + 1)
            whole = wanted == Wanted()
            counts, known = self._counts(desk) if whole else ({}, {})
            barred = _barred(desk, begins) if not found else None
            titles = {
                desk.names.channels[one.slug]: one.title
                for one in desk.publication.channels
                if one.digest
            }
            slugs = {desk.names.channels[one.slug]: one.slug for one in desk.publication.channels}
            zone = desk.publication.timezone
        asked = {"address": begins, "channel": slug, "state": state}
        more = found[_AT_ONCE - 1].id if len(found) > _AT_ONCE else None
        return self._room.page(
            visit,
            "readers/list",
            self._room.say(visit, "Readers"),
            found=found[:_AT_ONCE],
            asked=asked,
            narrowed=not whole,
            next=_address(asked, more) if more else "",
            counts=counts,
            known=known,
            titles=titles,
            slugs=slugs,
            states=SHOWN,
            barred=barred,
            clock=Clock(visit.tag, zone),
        )

    def _counts(self, desk: Desk) -> Counts:
        """How many subscriptions and readers there are, by state; perhaps as a minute ago."""
        began, kept = time.monotonic(), self._kept
        if kept is not None and kept[0] > began:
            return kept[1]
        found = searching.counted(desk.connection), searching.known(desk.connection)
        took = time.monotonic() - began
        self._kept = (began + _KEPT_S, found) if took > _SLOW_S else None
        return found


def _barred(desk: Desk, typed: str) -> str | None:
    """Why nothing is sent to a whole address that is no reader's, if so."""
    with suppress(AddressRefused):
        return suppression_of(desk.connection, parse_address(typed).hash)
    return None


def _address(asked: dict[str, str], after: int) -> str:
    said = {name: value for name, value in asked.items() if value}
    return f"/newsroom/readers?{urlencode(said | {'after': after})}"
