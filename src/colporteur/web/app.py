"""Puts the pages together, with stored feeds served by a bare ASGI path in front of them."""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from colporteur.tasks import Runtime
from colporteur.web.api import ApiInFront, api_app
from colporteur.web.archive import archive_routes
from colporteur.web.clicks import click_routes
from colporteur.web.counted import Counted
from colporteur.web.document_cache import DocumentCache
from colporteur.web.editions import edition_routes
from colporteur.web.errors import handle_errors
from colporteur.web.feed_pages import feed_page_routes
from colporteur.web.feedback import feedback_routes
from colporteur.web.feeds import FeedsInFront
from colporteur.web.head import HeadAsGet
from colporteur.web.health import health_routes
from colporteur.web.hub import hub_routes
from colporteur.web.images import image_routes
from colporteur.web.leaving import leaving_routes
from colporteur.web.metrics import metrics_routes
from colporteur.web.newsroom import Room, newsroom_routes
from colporteur.web.outbox import outbox_routes
from colporteur.web.pages import Pages
from colporteur.web.preferences import preferences_routes
from colporteur.web.private_feed import private_feed_routes
from colporteur.web.routing import take_over
from colporteur.web.signing_up.confirming import confirming_routes
from colporteur.web.signing_up.subscribing import signing_up_routes
from colporteur.web.site import site_routes
from colporteur.web.well_known import well_known_routes


def create_app(runtime: Runtime) -> FeedsInFront:
    """The web of one installation, as an ASGI application.

    Its ``documents`` are as they were at this moment; who serves it keeps them fresh.
    """
    pages = Pages(runtime)
    app = FastAPI(title="Colporteur", openapi_url=None, docs_url=None, redoc_url=None)
    documents = DocumentCache(runtime)
    documents.refresh()
    room = Room(runtime, pages)
    take_over(
        app,
        health_routes(runtime, documents),
        metrics_routes(runtime),
        outbox_routes(runtime, pages),
        leaving_routes(runtime, pages),
        preferences_routes(runtime, pages),
        hub_routes(runtime, pages),
        feedback_routes(runtime),
        edition_routes(runtime, pages),
        archive_routes(runtime, pages),
        image_routes(runtime),
        click_routes(runtime),
        well_known_routes(runtime, pages),
    )
    app.mount("/static", _static(runtime, "site"), name="static")
    app.mount("/newsroom/static", _static(runtime, "newsroom"), name="newsroom-static")
    app.routes.extend(newsroom_routes(room))
    take_over(
        app,
        private_feed_routes(runtime),
        feed_page_routes(runtime, pages),
        signing_up_routes(runtime, pages),
        confirming_routes(runtime, pages),
        site_routes(runtime, pages),
    )
    handle_errors(app, pages)
    behind = HeadAsGet(Counted(ApiInFront(lambda: api_app(runtime), app)))
    return FeedsInFront(behind, documents, closing=room.lookout.close)


def _static(runtime: Runtime, part: str) -> StaticFiles:
    """Static files of the shipped templates, with the operator's in front, file by file."""
    folders = [folder / part / "static" for folder in runtime.templates.folders]
    static = StaticFiles(directory=folders[-1])
    static.all_directories = [*folders]
    return static
