"""``/preferences`` without a token: mails a new link to whoever is a reader."""

import logging
from typing import Annotated

from babel import negotiate_locale
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError
from starlette.background import BackgroundTask

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.preferences import person_of
from colporteur.db import database_now, reading, writing
from colporteur.delivery.to_readers import send_preferences
from colporteur.delivery.welcoming.gates import Gates
from colporteur.exceptions import AddressRefused, ColporteurError
from colporteur.publication import Publication
from colporteur.tasks import Runtime
from colporteur.web.bodies import Form, form_of
from colporteur.web.pages import Pages
from colporteur.web.preferences.showing import Showing
from colporteur.web.preferences.visiting import at_home

_log = logging.getLogger(__name__)


def asking_routes(runtime: Runtime, pages: Pages, showing: Showing) -> APIRouter:
    """The answer is the same whether or not the address is known, and takes as long."""
    routes = APIRouter()

    @routes.get("/preferences")
    def form(request: Request) -> Response:
        with reading(runtime.engine) as connection:
            publication = pages.publication(connection)
        return showing.notice(publication, _spoken(request, publication), "ask", typed="", fault="")

    @routes.post("/preferences")
    def ask(request: Request, form: Annotated[Form, Depends(form_of)]) -> Response:
        with reading(runtime.engine) as connection:
            publication = pages.publication(connection)
        tag, typed = _spoken(request, publication), form.one("address")
        client = request.client.host if request.client else None
        if Gates(runtime.limits, publication.subscribing.at_most).form(client):
            return showing.notice(publication, tag, "ask", typed=typed, fault="many", code=429)
        try:
            address = parse_address(typed)
        except AddressRefused:
            return showing.notice(publication, tag, "ask", typed=typed, fault="address", code=422)
        response = showing.notice(publication, tag, "sent")
        # Afterwards: how long it takes tells nobody whether there is such a reader.
        response.background = BackgroundTask(_send, runtime, address)
        return response

    return routes


def _send(runtime: Runtime, address: EmailAddress) -> None:
    try:
        with writing(runtime.engine) as connection:
            reader = person_of(connection, address)
            if reader is not None:
                to = at_home(connection, runtime.settings, reader)
                send_preferences(connection, reader, to.links, database_now(connection))
    except (ColporteurError, DBAPIError) as error:
        _log.error("A link to preferences could not be mailed: %s", type(error).__name__)


def _spoken(request: Request, publication: Publication) -> str:
    """Of the publication's languages the one that the browser asks for, else its first."""
    wanted = [
        one.partition(";")[0].strip()
        for one in request.headers.get("accept-language", "").split(",")
    ]
    found = negotiate_locale(wanted, publication.languages, sep="-")
    return found if found in publication.languages else publication.languages[0]
