"""``/api/v1/subscribers`` and ``/api/v1/subscriptions``: readers, and what they chose."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from colporteur.audience import rosters
from colporteur.audience.addresses import parse_address
from colporteur.audience.states import State
from colporteur.db import reading
from colporteur.exceptions import AddressRefused
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.staff.tokens import Scope, Token
from colporteur.tasks import Runtime
from colporteur.web.api.bodies import article_bytes
from colporteur.web.api.callers import Callers
from colporteur.web.api.edition_bodies import read_as
from colporteur.web.api.edition_problems import said
from colporteur.web.api.paging import PAGE, Before, Limit, following
from colporteur.web.api.problems import Problem
from colporteur.web.api.repeating import PARAMETER, repeatable
from colporteur.web.api.schema import PROBLEMS, body_of, made
from colporteur.web.api.subscriber_bodies import ChoiceBody, PauseBody, SubscriberBody
from colporteur.web.api.subscriber_views import (
    Naming,
    SubscribersView,
    SubscriberView,
    SubscriptionsView,
)
from colporteur.web.api.subscribing import Subscribing, require_id, unknown_subscriber

_SUBSCRIBERS = "/api/v1/subscribers"
_ONE = f"{_SUBSCRIBERS}/{{subscriber}}"
_OF_CHANNEL = f"{_ONE}/subscriptions/{{channel}}"
Body = Annotated[bytes, Depends(article_bytes)]  # after the caller: nobody else's is read
OfChannel = Annotated[str | None, Query(max_length=200, description="By its slug.")]
OfState = Annotated[State | None, Query()]


def _number(subscriber: int) -> int:
    return require_id(subscriber)


Number = Annotated[int, Depends(_number)]


def reading_subscribers(runtime: Runtime, callers: Callers) -> APIRouter:
    """The routes that look at readers."""
    routes = APIRouter(tags=["subscribers"], responses=PROBLEMS)
    reader = Annotated[Token, callers.having(Scope.SUBSCRIBERS_READ)]

    @routes.get(_SUBSCRIBERS, summary="List subscribers, the newest first")
    def page(
        request: Request,
        token: reader,  # noqa: ARG001 - it must be a reader
        address: Annotated[str | None, Query(max_length=1000)] = None,
        channel: OfChannel = None,
        state: OfState = None,
        limit: Limit = PAGE,
        before: Before = None,
    ) -> SubscribersView:
        """`next` is the address of those before them, or null. Who was erased is not among them."""
        key = None if address is None else _key(address)
        with reading(runtime.engine) as connection:
            publication = require(connection).publication
            naming = Naming(publication, ids(connection, publication))
            found = rosters.readers(
                connection,
                limit=limit + 1,
                before=before,
                address_key=key,
                channel_id=_channel_id(naming, channel),
                state=state,
            )
        shown = [naming.reader(one) for one in found[:limit]]
        more = following(request, shown[-1].id) if len(found) > limit else None
        return SubscribersView(subscribers=shown, next=more)

    @routes.get(_ONE, summary="One subscriber")
    def get(token: reader, subscriber: Number) -> SubscriberView:  # noqa: ARG001
        """With all their subscriptions, ended ones too."""
        with reading(runtime.engine) as connection:
            publication = require(connection).publication
            found = rosters.reader(connection, subscriber)
            if found is None:
                raise unknown_subscriber(subscriber)
            return Naming(publication, ids(connection, publication)).reader(found)

    @routes.get("/api/v1/subscriptions", summary="List subscriptions, the newest first")
    def subscriptions(
        request: Request,
        token: reader,  # noqa: ARG001 - it must be a reader
        channel: OfChannel = None,
        state: OfState = None,
        limit: Limit = PAGE,
        before: Before = None,
    ) -> SubscriptionsView:
        """One for each reader and channel; `next` is the address of those before them, or null."""
        with reading(runtime.engine) as connection:
            publication = require(connection).publication
            naming = Naming(publication, ids(connection, publication))
            of_channel = _channel_id(naming, channel)
            found = rosters.chosen(
                connection, limit=limit + 1, before=before, channel_id=of_channel, state=state
            )
        shown = [naming.subscription(one) for one in found[:limit]]
        more = following(request, shown[-1].id) if len(found) > limit else None
        return SubscriptionsView(subscriptions=shown, next=more)

    return routes


def writing_subscribers(runtime: Runtime, callers: Callers) -> APIRouter:
    """The routes that subscribe readers, change what they chose, and let them go."""
    once = repeatable(callers)
    routes = APIRouter(tags=["subscribers"], responses=PROBLEMS, route_class=once)
    writer = Annotated[Token, callers.having(Scope.SUBSCRIBERS_WRITE)]
    office = Subscribing(runtime)

    @routes.post(
        _SUBSCRIBERS,
        summary="Subscribe somebody",
        openapi_extra=body_of(SubscriberBody) | PARAMETER,
        responses=made(SubscriberView, "It is new."),
    )
    def add(token: writer, data: Body, response: Response) -> SubscriberView:
        """Who asked for it, as the caller answers for; who has the channel has it like this now."""
        view, new = office.add(read_as(SubscriberBody, data), token)
        return _answer(response, view, new=new)

    @routes.put(
        _OF_CHANNEL,
        summary="Set a subscription",
        openapi_extra=body_of(ChoiceBody),
        responses=made(SubscriberView, "It is new."),
    )
    def put(
        token: writer, subscriber: Number, channel: str, data: Body, response: Response
    ) -> SubscriberView:
        """It acts from the next edition; a pause goes on. Who had left comes back."""
        body = read_as(ChoiceBody, data)
        view, new = office.choose(subscriber, channel, body, token)
        return _answer(response, view, new=new)

    @routes.delete(_OF_CHANNEL, status_code=204, summary="End a subscription")
    def leave(token: writer, subscriber: Number, channel: str) -> None:
        """At once: what is queued for it is not sent. Again is no mistake."""
        office.leave(subscriber, channel, token)

    @routes.post(
        f"{_OF_CHANNEL}/pause", summary="Pause a subscription", openapi_extra=body_of(PauseBody)
    )
    def pause(token: writer, subscriber: Number, channel: str, data: Body) -> SubscriberView:
        """Nothing is sent of it until a moment."""
        return office.pause(subscriber, channel, read_as(PauseBody, data), token)

    @routes.post(f"{_OF_CHANNEL}/resume", summary="End a pause")
    def resume(token: writer, subscriber: Number, channel: str) -> SubscriberView:
        """Mail comes again from now on."""
        return office.resume(subscriber, channel, token)

    @routes.post(f"{_ONE}/erase", status_code=204, summary="Forget a subscriber")
    def erase(token: writer, subscriber: Number) -> None:
        """All that tells who they are goes at once, and no imported list brings them back."""
        office.erase(subscriber, token)

    return routes


def _answer(response: Response, view: SubscriberView, *, new: bool) -> SubscriberView:
    if new:
        response.status_code = 201
        response.headers["Location"] = f"{_SUBSCRIBERS}/{view.id}"
    return view


def _key(address: str) -> str:
    try:
        return parse_address(address).key
    except AddressRefused as error:
        raise Problem(422, error.message, error.cure, kind="invalid") from None


def _channel_id(naming: Naming, slug: str | None) -> int | None:
    if slug is None:
        return None
    with said():
        return naming.names.channels[naming.publication.channel(slug).slug]
