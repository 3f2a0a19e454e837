"""``GET /newsroom/live/12``, or ``12,13``: server-sent events of editions as they leave.

Each event is an edition's: its state, how far it is, and texts in the listener's language. One
that was told before is not told again (``Last-Event-ID``); once all have ended, ``end`` follows
and nothing more, and who comes back is told so by 204 (HTML, "Server-sent events").
"""

import json
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from colporteur.editions.states import ENDED
from colporteur.editions.store import of_ids
from colporteur.editions.watching import Seen
from colporteur.staff.permissions import May
from colporteur.web.head import asked_for_head
from colporteur.web.newsroom.live.telling import Told, telling
from colporteur.web.newsroom.lookout import Lookout
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit, as_id

AT_ONCE = 10
"""So many editions are told of by one stream, for one page."""
_RETRY_MS = 3000
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # proxies pass it on as it comes
    "X-Robots-Tag": "noindex",
}
_TYPE = "text/event-stream"


def live_places(room: Room) -> list[Place]:
    """Where pages listen to what leaves."""
    return [Place("GET", "/newsroom/live/{id}", May.LOOK, _Live(room).listen)]


class _Live:
    """Live progress."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def listen(self, visit: Visit) -> Response:
        """A stream of what becomes of some editions."""
        wanted = _ids(visit.at("id"))
        with self._room.reading(visit) as desk:
            known = of_ids(desk.connection, wanted)
            zone = desk.publication.timezone
        if set(known) != set(wanted):
            raise HTTPException(404)
        before = visit.request.headers.get("last-event-id", "")[:200]
        if before.startswith("end") and all(one.state in ENDED for one in known.values()):
            return Response(status_code=204, headers=_HEADERS)
        if asked_for_head(visit.request.scope):
            return Response(headers=_HEADERS, media_type=_TYPE)
        if not self._room.lookout.has_room(visit.person.id):
            return Response(status_code=429, headers={**_HEADERS, "Retry-After": "60"})
        gettext = self._room.runtime.templates.catalogue(visit.tag).gettext
        tell = telling(gettext, visit.tag, zone)

        def still() -> bool:
            return self._room.who(visit.request) is not None

        def data(seen: Seen) -> str:
            return _data(tell(seen))

        listening = _Listening(self._room.lookout, visit, wanted, data, still, before)
        return _Events(listening.events())


@dataclass
class _Listening:
    """Somebody who listens; ``still`` says whether they are signed in yet."""

    lookout: Lookout
    visit: Visit
    editions: Sequence[int]
    tell: Callable[[Seen], str]
    still: Callable[[], bool]
    before: str  # the last event's id, of who comes back

    async def events(self) -> AsyncIterator[str]:
        """What they are sent."""
        yield f"retry: {_RETRY_MS}\n\n"
        told: dict[int, str] = {}
        rhythm = self.lookout.rhythm
        asked = spoke = monotonic()
        with self.lookout.listening(self.visit.person.id, self.editions) as listener:
            over = False
            while not over:
                over = listener.over  # before what is told: nothing is seen after it
                for event in self._news(told, listener.told(self.visit.tag, self.tell)):
                    yield event
                    spoke = monotonic()
                if monotonic() - spoke >= rhythm.heartbeat:  # the same was seen again and again
                    yield ": still here\n\n"
                    spoke = monotonic()
                if not over:
                    await listener.wait(rhythm.heartbeat)
                if monotonic() - asked > rhythm.still_in:
                    if not await run_in_threadpool(self.still):
                        return
                    asked = monotonic()
            if listener.ended:
                yield f"event: end\nid: end-{_mark(told)}\ndata: {{}}\n\n"

    def _news(self, told: dict[int, str], now: dict[int, str]) -> Sequence[str]:
        """The events of what they do not know; ``told`` is what they do."""
        news = [data for edition_id, data in now.items() if told.get(edition_id) != data]
        told |= now
        mark, before, self.before = _mark(told), self.before, self.before if not now else ""
        return [] if mark == before else [f"id: {mark}\ndata: {data}\n\n" for data in news]


class _Events(StreamingResponse):
    """A stream of events, closed as soon as nobody listens."""

    def __init__(self, events: AsyncIterator[str]) -> None:
        super().__init__(events, headers=_HEADERS, media_type=_TYPE)

    async def stream_response(self, send: Send) -> None:
        """Send it, and leave nothing behind."""
        async with aclosing(self.body_iterator):  # type: ignore[type-var]
            await super().stream_response(send)


def _ids(text: str) -> Sequence[int]:
    parts = text.split(",")
    if len(parts) > AT_ONCE:
        raise HTTPException(404)
    return sorted({as_id(one) for one in parts})


def _data(told: Told) -> str:
    said = {
        "edition": told.edition,
        "state": told.state,
        "done": told.done,
        "readers": told.readers,
        "texts": told.texts,
    }
    return json.dumps(said, ensure_ascii=False)


def _mark(told: dict[int, str]) -> str:
    """What tells one moment from another."""
    return f"{zlib.crc32(repr(sorted(told.items())).encode()):08x}"
