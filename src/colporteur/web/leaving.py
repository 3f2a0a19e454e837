"""Unsubscribing: a page with a button on GET, at once on POST (RFC 8058)."""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from colporteur.audience.addresses import mask
from colporteur.audience.subscribing import Subscription, subscription, unsubscribe
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import ids
from colporteur.tasks import Runtime
from colporteur.tokens import UNSUBSCRIBE, read_token
from colporteur.web.pages import Pages

_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def leaving_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """GET shows and changes nothing: mail scanners open every link. POST leaves the channel."""
    routes = APIRouter()

    @routes.get("/unsubscribe/{token}")
    def ask(token: str) -> HTMLResponse:
        return answer(token, leave=False)

    @routes.post("/unsubscribe/{token}")
    def leave(token: str) -> HTMLResponse:
        return answer(token, leave=True)

    def answer(token: str, *, leave: bool) -> HTMLResponse:
        wanted = read_token(runtime.settings.secret_key, UNSUBSCRIBE, token)
        with reading(runtime.engine) as connection:
            publication = pages.publication(connection)
            found = subscription(connection, wanted)
            names = ids(connection, publication).channels
        if leave:
            with writing(runtime.engine) as connection:
                unsubscribe(connection, wanted, by="link", now=database_now(connection))
        channel = _channel(publication, names, found)
        response = pages.render(
            "unsubscribe",
            publication,
            channel.language,
            channel.title,
            noindex=True,
            channel_title=channel.title,
            address=mask(found.address),
            action=f"/unsubscribe/{token}",
            done=leave or found.state == "unsubscribed",
        )
        response.headers.update(_PRIVATE)
        return response

    return routes


def _channel(publication: Publication, names: Mapping[str, int], found: Subscription) -> Channel:
    for channel in publication.channels:
        if names[channel.slug] == found.channel_id:
            return channel
    raise UnknownName("This channel is not published any more.", cure="Nothing is sent for it.")
