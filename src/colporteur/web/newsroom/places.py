"""The newsroom's pages, each with whom it lets in: one guard stands before them all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from colporteur.exceptions import ColporteurError, Forbidden, ServiceUnavailable, UnknownName
from colporteur.staff.permissions import May
from colporteur.web.bodies import Form, read_form
from colporteur.web.newsroom.forms import read_sent
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Upload, Visit

NO_FILES: Mapping[str, Upload] = {}
Answer = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Place:
    """A page, or what a form does. ``may`` is None for what everybody who is signed in may.

    ``files_at_most`` are the octets of files that its form may bring.
    """

    method: Literal["GET", "POST"]
    path: str  # whole: /newsroom/articles/{id}
    may: May | None
    answer: Answer
    files_at_most: int = 0


def routes_of(room: Room, places: Sequence[Place]) -> list[BaseRoute]:
    """The routes of these places, each guarded."""
    return [
        Route(one.path, _guarded(room, one), methods=[one.method], include_in_schema=False)
        for one in places
    ]


def _guarded(room: Room, place: Place) -> Endpoint:
    async def answer(request: Request) -> Response:
        sent, files = Form({}), NO_FILES
        if place.method == "POST":
            sent, files = await read_sent(request, place.files_at_most)
        asked = read_form(request.url.query[:8000].encode())

        def within() -> Response:
            found = room.who(request)
            if found is None:
                return room.sign_in_first(request, sent, files)
            person, session = found
            tag = room.language_of(request, person)
            visit = Visit(request, person, session, tag, asked, sent, files)
            if place.may is not None and not visit.may(place.may):
                return room.forbidden(visit)
            if place.method == "POST" and not room.own_form(visit):
                return room.foreign_form(visit)
            return _answered(room, place, visit)

        return await run_in_threadpool(within)

    return answer


def _answered(room: Room, place: Place, visit: Visit) -> Response:
    try:
        return place.answer(visit)
    except Forbidden:
        return room.forbidden(visit)
    except HTTPException as error:
        return room.missing(visit, error.status_code)
    except UnknownName as error:
        return room.refused(visit, error, 404)
    except ServiceUnavailable:
        raise
    except ColporteurError as error:
        return room.refused(visit, error, 422)
