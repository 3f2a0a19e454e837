"""``/feeds/private/…``: a reader's own feed, for their program and for nobody else."""

import gzip

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import Connection

from colporteur.audience.preferences import Person, held_by, person
from colporteur.audience.states import State
from colporteur.db import reading
from colporteur.editions.choosing import Profile
from colporteur.exceptions import TokenInvalid, UnknownName
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.publication.site import site_in_force
from colporteur.syndication.feed import FORMATS
from colporteur.syndication.private import Made, Own, private_feed
from colporteur.tasks import Runtime
from colporteur.tokens import PRIVATE_FEED, read_pair
from colporteur.web.conditional import choose_coding, http_date, not_modified

_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Robots-Tag": "noindex",
}
_TAKING = (State.ACTIVE, State.PAUSED)
"""A pause is of mail; who unsubscribes leaves their feed, too."""


def private_feed_routes(runtime: Runtime) -> APIRouter:
    """No page stands in front of it, no cache between, and no other site may read it (no CORS)."""
    routes = APIRouter()

    @routes.get("/feeds/private/{token}.{suffix}")
    def serve(request: Request, token: str, suffix: str) -> Response:
        found = _feed(runtime, token, suffix)
        if isinstance(found, Response):
            found.headers.update({**_HEADERS, "Cache-Control": "no-store"})
            return found
        return _answer(request, found)

    return routes


def _feed(runtime: Runtime, token: str, suffix: str) -> Made | Response:
    """The document; or that there is none (404), or none any more (410)."""
    if suffix not in FORMATS:
        return _say(404, "There is no such feed.")
    try:
        subscriber_id, key = read_pair(runtime.settings.secret_keys, PRIVATE_FEED, token)
    except TokenInvalid:
        return _say(404, "There is no such feed.")
    with reading(runtime.engine) as connection:
        try:
            reader = person(connection, subscriber_id)
        except UnknownName:
            return _say(410, "This feed is gone.")
        if reader.feed_key != key:
            return _say(404, "This address is not in use any more: its reader has a new one.")
        own = _own(connection, reader, token)
        if not own.tastes:
            return _say(410, "This feed is gone: its reader left.")
        revision = require(connection)
        publication = revision.publication
        site = site_in_force(connection, runtime.settings, publication)
        names = ids(connection, publication)
        return private_feed(connection, revision, names, runtime.templates, site, own, suffix)


def _own(connection: Connection, reader: Person, token: str) -> Own:
    chosen = (one.standing for one in held_by(connection, reader.id))
    tastes = {
        one.choice.channel_id: Profile(
            frozenset(one.choice.topics_in), frozenset(one.choice.topics_out), ""
        )
        for one in chosen
        if one.state in _TAKING
    }
    return Own(reader.id, token, reader.language, tastes)


def _answer(request: Request, made: Made) -> Response:
    headers = {**_HEADERS, "Last-Modified": http_date(made.last_modified)}
    headers["Link"] = f'<{made.url}>; rel="self"'
    coding = choose_coding(request.headers.get("accept-encoding", ""), ["gzip"])
    # Of each coding its own (RFC 9110 section 8.8.3.3); either is known again, however coded.
    headers["ETag"] = f'{made.etag[:-1]}-gzip"' if coding else made.etag
    asked = request.headers.get("if-none-match", "").replace('-gzip"', '"')
    known = {**request.headers, **({"if-none-match": asked} if asked else {})}
    if not_modified(known, made.etag, made.last_modified):
        return Response(status_code=304, headers=headers)
    body = made.body
    if coding:
        headers["Content-Encoding"] = coding
        body = gzip.compress(body, 6, mtime=0)
    return Response(body, headers=headers, media_type=made.content_type)


def _say(status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(f"{text}\n", status)
