"""Unsubscribing: a page with a button on GET, at once on POST (RFC 8058); and the way back.

The token of a mail's link never expires and grants leaving only, for mails are passed on. The way
back has a token of its own: it is on the page that follows the button, and in the farewell.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from colporteur.audience.addresses import mask
from colporteur.audience.leaving import (
    Reason,
    ended_with,
    leave,
    may_take_back,
    note_reason,
    take_back,
)
from colporteur.audience.links import EVERYTHING, RETURN_FOR, return_link
from colporteur.audience.preferences import person
from colporteur.audience.states import State
from colporteur.audience.subscribing import Subscription, subscription
from colporteur.db import database_now, reading, writing
from colporteur.delivery.to_readers import Links, say_goodbye
from colporteur.exceptions import TokenExpired, UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import channel_of, ids
from colporteur.publication.site import site_in_force
from colporteur.tasks import Runtime
from colporteur.tokens import RETURN, UNSUBSCRIBE, read_passing, read_token, works_until
from colporteur.web.bodies import body_of, read_form
from colporteur.web.pages import Pages
from colporteur.web.private import PRIVATE

BY_LINK, BY_ONE_CLICK = "link", "one-click"
_ONE_CLICK = b"One-Click"
_GONE = 410
Body = Annotated[bytes, Depends(body_of)]


def leaving_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """GET shows and changes nothing: mail scanners open every link. POST leaves the channel."""
    leaving = _Leaving(runtime, pages)
    routes = APIRouter(prefix="/unsubscribe")
    routes.add_api_route("/undo/{token}", leaving.ask_back, methods=["GET"])
    routes.add_api_route("/undo/{token}", leaving.come_back, methods=["POST"])
    routes.add_api_route("/{token}", leaving.ask, methods=["GET"])
    routes.add_api_route("/{token}", leaving.leave, methods=["POST"])
    routes.add_api_route("/{token}/why", leaving.why, methods=["POST"])
    return routes


@dataclass(frozen=True)
class _Found:
    """A subscription, and all that a page of it says."""

    publication: Publication
    channel: Channel
    subscription: Subscription


class _Leaving:
    """The pages of one installation."""

    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self._runtime = runtime
        self._pages = pages
        self._key = runtime.settings.secret_keys

    def ask(self, token: str, edition: str = "") -> HTMLResponse:
        """The page with its button."""
        wanted = read_token(self._key, UNSUBSCRIBE, token)
        with reading(self._runtime.engine) as connection:
            found = self._found(connection, wanted)
        left = found.subscription.state == State.UNSUBSCRIBED
        return self._page(found, token, "left" if left else "ask", edition=edition)

    def leave(self, token: str, body: Body, edition: str = "") -> HTMLResponse:
        """Leave, whatever the body; a farewell only goes to who pressed the page's own button.

        A mail provider's POST (RFC 8058) stands for somebody who wants no mail, not one more.
        """
        wanted = read_token(self._key, UNSUBSCRIBE, token)
        by = BY_ONE_CLICK if _ONE_CLICK in body else BY_LINK
        undo = ""
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            found = self._found(connection, wanted)
            if leave(connection, wanted, by=by, edition=edition, now=now):
                if may_take_back(connection, wanted, now):
                    undo = return_link(self._key, "", wanted, now)
                if by == BY_LINK and read_form(body).one("from") == "page":
                    self._farewell(connection, found, wanted, now)
        return self._page(found, token, "left", undo=undo)

    def why(self, token: str, body: Body) -> HTMLResponse:
        """Keep why they left, if they say."""
        wanted = read_token(self._key, UNSUBSCRIBE, token)
        form = read_form(body)
        reason = form.one("reason")
        known = Reason(reason) if reason in {*Reason} else None
        with writing(self._runtime.engine) as connection:
            found = self._found(connection, wanted)
            note_reason(connection, wanted, known, form.one("words"))
        return self._page(found, token, "thanks", undo=self._undo_in(form.one("undo")))

    def ask_back(self, token: str) -> HTMLResponse:
        """The page that asks whether to come back."""
        with reading(self._runtime.engine) as connection:
            wanted, _, left_at = self._return(connection, token)
            found = self._found(connection, wanted)
            now = database_now(connection)
            back = found.subscription.state in {State.ACTIVE, State.PAUSED}
            over = left_at is None or not may_take_back(connection, wanted, now, left_at)
        stage = "back" if back else "over" if over else "return"
        return self._page(found, token, stage, code=_GONE if stage == "over" else 200)

    def come_back(self, token: str) -> HTMLResponse:
        """Come back, with the choices that they had."""
        with writing(self._runtime.engine) as connection:
            wanted, everything, left_at = self._return(connection, token)
            now = database_now(connection)
            ended = ended_with(connection, wanted) if everything else [wanted]
            for one in ended if left_at is not None else ():
                take_back(connection, one, by=BY_LINK, now=now, left_at=left_at)
            found = self._found(connection, wanted)
        back = found.subscription.state in {State.ACTIVE, State.PAUSED}
        return self._page(found, token, "back" if back else "over", code=200 if back else _GONE)

    def _return(self, connection: Connection, token: str) -> tuple[int, bool, datetime | None]:
        """What a token takes back: a subscription's id, whether all with it, and its leaving.

        That is a moment to the second; None: it is too long ago.
        """
        try:
            wanted, text = read_passing(self._key, RETURN, token, database_now(connection))
        except TokenExpired as error:
            return error.value[0], False, None
        left_at = works_until(self._key, RETURN, token) - RETURN_FOR
        return wanted, text == EVERYTHING, left_at

    def _undo_in(self, link: str) -> str:
        """The way back that a form of ours handed on, if it is one."""
        return link if link.startswith("/unsubscribe/undo/") else ""

    def _farewell(self, connection: Connection, found: _Found, wanted: int, now: datetime) -> None:
        reader = person(connection, found.subscription.subscriber_id)
        if reader.state is State.ACTIVE and may_take_back(connection, wanted, now):
            site = site_in_force(connection, self._runtime.settings, found.publication)
            titles = [found.channel.title]
            say_goodbye(connection, reader, [wanted], titles, Links(self._key, site), now)

    def _found(self, connection: Connection, wanted: int) -> _Found:
        publication = self._pages.publication(connection)
        found = subscription(connection, wanted)
        channel = channel_of(publication, ids(connection, publication), found.channel_id)
        if channel is None:
            raise UnknownName(
                "This channel is not published any more.", cure="Nothing is sent for it."
            )
        return _Found(publication, channel, found)

    def _page(
        self, found: _Found, token: str, stage: str, *, code: int = 200, **more: Any
    ) -> HTMLResponse:
        values = {"edition": "", "undo": "", **more}
        response = self._pages.render(
            "unsubscribe",
            found.publication,
            found.channel.language,
            found.channel.title,
            noindex=True,
            code=code,
            stage=stage,
            token=token,
            channel_title=found.channel.title,
            address=mask(found.subscription.address),
            **values,
        )
        response.headers.update(PRIVATE)
        return response
