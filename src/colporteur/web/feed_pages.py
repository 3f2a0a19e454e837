"""What a browser shows at a feed's address: how to subscribe, instead of XML."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from colporteur.db import reading
from colporteur.exceptions import UnknownName
from colporteur.publication import Publication
from colporteur.syndication.feed import FORMATS, LABELS
from colporteur.syndication.scopes import Scope, editions_scope, scopes
from colporteur.tasks import Runtime
from colporteur.web.document_cache import VARY
from colporteur.web.pages import Alternate, FeedLink, Pages

# Not even for a moment: a cache that ignores Vary would hand the page to feed readers.
_HEADERS = {"Cache-Control": "no-store", "Vary": VARY}


def feed_page_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """The page of a feed; only what navigates is led here, see ``FeedsInFront``."""
    routes = APIRouter()

    @routes.get("/feeds/{name:path}.{suffix}")
    def feed(name: str, suffix: str) -> HTMLResponse:
        with reading(runtime.engine) as connection:
            publication = pages.publication(connection)
        feed_path = f"feeds/{name}".partition("/archive/")[0]  # a page of its past leads to it
        found = _scope(runtime, publication, feed_path, suffix)
        address = f"{pages.site(publication)}/{found.path}"
        title = runtime.templates.catalogue(found.language).gettext("Subscribe to this feed")
        response = pages.render(
            "feed",
            publication,
            found.language,
            title,
            noindex=True,
            alternates=[
                Alternate(kind, f"{found.title} ({LABELS[one]})", f"{address}.{one}")
                for one, kind in FORMATS.items()
            ],
            feed_title=found.title,
            feed_label=LABELS[suffix],
            feed_url=f"{address}.{suffix}",
            others=[FeedLink(LABELS[one], f"{address}.{one}") for one in FORMATS if one != suffix],
        )
        response.headers.update(_HEADERS)
        return response

    return routes


def _scope(runtime: Runtime, publication: Publication, path: str, suffix: str) -> Scope:
    of_editions = (
        editions_scope(
            publication, one, runtime.templates.catalogue(one.language).gettext("Editions")
        )
        for one in publication.channels
    )
    for scope in (*scopes(publication), *of_editions):
        if scope.path == path and suffix in FORMATS:
            return scope
    raise UnknownName(f"There is no feed {path}.{suffix}.", cure="See /feeds.opml.")
