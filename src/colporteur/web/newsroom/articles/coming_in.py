"""How articles come in: what was refused, with its cure, and how the sources do."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.articles import refusals
from colporteur.articles.refusals import Refusal
from colporteur.articles.sources import store
from colporteur.articles.sources.store import Polled
from colporteur.staff.permissions import May
from colporteur.web.newsroom.articles.words import when
from colporteur.web.newsroom.articles.writing import HOME
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_SHOWN = 200


@dataclass(frozen=True)
class SourceRow:
    """A source, in the visitor's words."""

    source: Polled
    channel: str
    tried: str
    succeeded: str
    next: str
    failing_since: str
    asked_soon: bool


class ComingIn:
    """The pages of refused entries and of sources."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def refused(self, visit: Visit) -> Response:
        """What stands refused, the newest first."""
        with self._room.reading(visit) as desk:
            zone = desk.publication.timezone
            found = refusals.listing(desk.connection, _SHOWN)
        rows: list[tuple[Refusal, str]] = [(one, when(one.at, visit, zone)) for one in found]
        return self._room.page(
            visit,
            "articles/refused",
            self._room.say(visit, "What was not taken in"),
            rows=rows,
            whole=len(rows) < _SHOWN,
        )

    def sources(self, visit: Visit) -> Response:
        """Each source, and how polling it goes."""
        with self._room.reading(visit) as desk:
            zone = desk.publication.timezone
            channels = {
                desk.names.channels[one.slug]: one.title for one in desk.publication.channels
            }
            rows = [
                SourceRow(
                    one,
                    channels.get(one.channel_id, ""),
                    when(one.tried_at, visit, zone),
                    when(one.succeeded_at, visit, zone),
                    when(one.next_at, visit, zone),
                    when(one.failing_since, visit, zone),
                    one.next_at <= desk.now,
                )
                for one in store.listing(desk.connection)
            ]
        return self._room.page(
            visit, "articles/sources", self._room.say(visit, "Sources"), rows=rows
        )

    def poll(self, visit: Visit) -> Response:
        """Have a source asked now."""
        with self._room.changing(visit, May.EDIT) as desk:
            url = store.ask_now(desk.connection, visit.number(), desk.now)
            if url is None:
                raise HTTPException(404)
            desk.note("source.asked", f"source:{visit.number()}", url=url)
        self._room.ring()
        return self._room.to(f"{HOME}/sources", "asked")
