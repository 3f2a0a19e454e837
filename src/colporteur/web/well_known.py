"""``/robots.txt`` (RFC 9309) and ``/.well-known/security.txt`` (RFC 9116): for machines and finders."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.db import reading
from colporteur.publication import Publication
from colporteur.tasks import Runtime
from colporteur.web.pages import Pages

_DAY = {"Cache-Control": "public, max-age=86400"}
_HOLDS_FOR = timedelta(days=180)  # less than a year, as section 2.5.5 of RFC 9116 advises
# Nothing that a search would find there. Readers' own pages are not named here: those say noindex,
# which only who reads them can heed.
_NOT_TO_CRAWL = ("/api/", "/go/", "/hub", "/newsroom/", "/outbox")


def well_known_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """The two files."""
    routes = APIRouter()

    @routes.get("/robots.txt")
    def robots() -> PlainTextResponse:
        lines = ["User-agent: *", *(f"Disallow: {one}" for one in _NOT_TO_CRAWL)]
        return PlainTextResponse("\n".join(lines) + "\n", headers=_DAY)

    @routes.get("/.well-known/security.txt")
    def security() -> PlainTextResponse:
        with reading(runtime.engine) as connection:
            publication = pages.publication(connection)
        said = security_txt(runtime.settings, publication, pages.site(publication), utcnow())
        return PlainTextResponse(said, headers=_DAY)

    return routes


def security_txt(settings: Settings, publication: Publication, site: str, now: datetime) -> str:
    """Whom to tell of a weakness. Pure.

    Without a contact of its own it is whom readers' answers reach.
    """
    desk = publication.reply_to or publication.sender.address
    until = (now + _HOLDS_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.security_contact or f'mailto:{desk}'}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(publication.languages)}",
        f"Canonical: {site}/.well-known/security.txt",
    ]
    return "\n".join(lines) + "\n"
