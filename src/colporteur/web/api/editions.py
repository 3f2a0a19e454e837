"""``/api/v1/editions``: looked at, arranged, let go, held back, and special ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from colporteur.editions.states import State
from colporteur.exceptions import ColporteurError, SpecialRefused
from colporteur.staff.tokens import Scope, Token
from colporteur.web import edition_actions as actions
from colporteur.web.api.bodies import article_bytes, optional_bytes
from colporteur.web.api.callers import Callers
from colporteur.web.api.editing import Editing, Question
from colporteur.web.api.edition_bodies import (
    ArrangingBody,
    ConfirmingBody,
    CorrectionBody,
    SpecialBody,
    WhyBody,
    read_as,
    read_key,
    read_time,
)
from colporteur.web.api.edition_views import EditionsView, WholeView
from colporteur.web.api.repeating import PARAMETER, repeatable
from colporteur.web.api.schema import PROBLEMS, body_of, made
from colporteur.web.edition_actions import Action

PAGE = 50
PAGE_AT_MOST = 100
_EDITIONS = "/api/v1/editions"
_ONE = f"{_EDITIONS}/{{edition}}"
_CADENCE = "/api/v1/channels/{channel}/cadences/{cadence}"
Body = Annotated[bytes, Depends(article_bytes)]  # after the caller: nobody else's is read
AnyBody = Annotated[bytes, Depends(optional_bytes)]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="New for each new edition; required."),
]


@dataclass(frozen=True)
class _Steering:
    """Something that may be done to an edition for a reason."""

    name: str
    summary: str
    action: Action
    scope: Scope = Scope.EDITIONS_WRITE
    conflict: type[ColporteurError] | None = None


_STEERING = (
    _Steering("approve", "Let an edition leave", actions.approve, Scope.EDITIONS_APPROVE),
    _Steering("hold", "Keep an edition back", actions.hold),
    _Steering("release", "Let go an edition that was held", actions.release),
    _Steering("pause", "Stop sending an edition for now", actions.pause),
    _Steering("resume", "Send the rest of an edition", actions.resume),
    _Steering("cancel", "Stop for good what has not left", actions.cancel),
    _Steering("withdraw", "Take a special edition back", actions.withdraw, conflict=SpecialRefused),
)


def reading_editions(desk: Editing, callers: Callers) -> APIRouter:
    """The routes that look at editions."""
    routes = APIRouter(tags=["editions"], responses=PROBLEMS)
    reader = Annotated[Token, callers.having(Scope.EDITIONS_READ)]

    @routes.get(_EDITIONS, summary="List editions, the newest first")
    def page(
        request: Request,
        token: reader,
        state: Annotated[list[State] | None, Query()] = None,
        channel: Annotated[str | None, Query(max_length=200)] = None,
        since: Annotated[str | None, Query(description="Leaves then or later.")] = None,
        until: Annotated[str | None, Query(description="Leaves then or before.")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_AT_MOST)] = PAGE,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    ) -> EditionsView:
        """`next` is the address of those before them, or null."""
        span = {"since": read_time("since", since), "until": read_time("until", until)}
        question = Question(limit, before, state or (), channel, **span)
        shown, more = desk.some(question, token)
        if not more:
            return EditionsView(editions=shown, next=None)
        asked = [one for one in request.query_params.multi_items() if one[0] != "before"]
        following = urlencode([*asked, ("before", shown[-1].id)])
        return EditionsView(editions=shown, next=f"{request.url.path}?{following}")

    @routes.get(_ONE, summary="One edition, with its history")
    def get(token: reader, edition: str) -> WholeView:
        """Its state, how many deliveries stand in each status, and who changed what and why."""
        return desk.one(edition, token)

    return routes


def steering_editions(desk: Editing, callers: Callers) -> APIRouter:
    """The routes that arrange editions, send them, and hold them back."""
    once = repeatable(callers)
    routes = APIRouter(tags=["editions"], responses=PROBLEMS, route_class=once)
    writer = Annotated[Token, callers.having(Scope.EDITIONS_WRITE)]
    arranging = body_of(ArrangingBody)

    @routes.patch(_ONE, summary="Arrange an edition", openapi_extra=arranging)
    def patch(token: writer, edition: str, data: Body) -> WholeView:
        """Pins, order and words; what is not said stays. An approval that was given is void."""
        return desk.arrange(edition, read_as(ArrangingBody, data), token)

    @routes.put(
        f"{_CADENCE}/editions/{{slot}}",
        summary="Arrange a slot",
        openapi_extra=arranging,
        responses=made(WholeView, "Its edition was opened."),
    )
    def put(
        token: writer, channel: str, cadence: str, slot: str, data: Body, response: Response
    ) -> WholeView:
        """The same of an edition to come, by its slot, which the calendar shows."""
        at = read_time("slot", slot)
        assert at is not None
        body = read_as(ArrangingBody, data)
        return _answer(response, *desk.arrange_slot(channel, cadence, at, body, token))

    @routes.post(f"{_CADENCE}/send", summary="Send an edition now", openapi_extra=PARAMETER)
    def send(token: writer, channel: str, cadence: str) -> WholeView:
        """Each reader of the cadence gets what they have not had yet; nobody gets it twice."""
        return desk.send(channel, cadence, token)

    for one in _STEERING:
        routes.add_api_route(
            f"{_ONE}/{one.name}",
            _endpoint(desk, callers, one),
            methods=["POST"],
            name=one.name,
            summary=one.summary,
            openapi_extra=body_of(WhyBody, required=False),
        )
    return routes


def special_editions(desk: Editing, callers: Callers) -> APIRouter:
    """The routes that draft special editions and corrections, and confirm them."""
    routes = APIRouter(tags=["editions"], responses=PROBLEMS)
    writer = Annotated[Token, callers.having(Scope.EDITIONS_WRITE)]

    @routes.post(
        f"{_EDITIONS}/specials",
        summary="Draft a special edition",
        openapi_extra=body_of(SpecialBody),
        responses=made(WholeView, "It is new."),
    )
    def draft(token: writer, data: Body, response: Response, key: Key = None) -> WholeView:
        """`readers` says how many it would reach; nothing leaves before it is confirmed."""
        used = read_key(key)
        return _answer(response, *desk.draft(read_as(SpecialBody, data), used, token))

    @routes.post(
        f"{_ONE}/corrections",
        summary="Draft a correction",
        openapi_extra=body_of(CorrectionBody),
        responses=made(WholeView, "It is new."),
    )
    def correct(
        token: writer, edition: str, data: Body, response: Response, key: Key = None
    ) -> WholeView:
        """It goes to those who received the edition; to be confirmed like a special one."""
        used = read_key(key)
        body = read_as(CorrectionBody, data)
        return _answer(response, *desk.correct(edition, body, used, token))

    @routes.post(
        f"{_ONE}/confirm",
        summary="Confirm a special edition",
        openapi_extra=body_of(ConfirmingBody, required=False),
    )
    def confirm(token: writer, edition: str, data: AnyBody) -> WholeView:
        """It leaves when its hold is over, or at the time named; confirmed twice, it is one."""
        return desk.confirm(edition, read_as(ConfirmingBody, data), token)

    return routes


def _endpoint(desk: Editing, callers: Callers, what: _Steering) -> Callable[..., WholeView]:
    caller = Annotated[Token, callers.having(what.scope)]

    def steer(token: caller, edition: str, data: AnyBody) -> WholeView:
        why = read_as(WhyBody, data).why
        return desk.act(edition, token, what.action, why, conflict=what.conflict)

    steer.__doc__ = what.action.__doc__ and what.action.__doc__.partition("\n")[0]
    return steer


def _answer(response: Response, view: WholeView, new: bool) -> WholeView:  # noqa: FBT001
    if new:
        response.status_code = 201
        response.headers["Location"] = f"{_EDITIONS}/{view.id}"
    return view
