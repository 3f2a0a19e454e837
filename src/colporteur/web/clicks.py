"""``/go/…``: leads to an article, and counts that someone followed the link."""

import logging
import string
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from colporteur.db import reading, writing
from colporteur.editions.clicks import count_click
from colporteur.publication.revisions import require
from colporteur.tasks import Runtime
from colporteur.tokens import CLICK, read_pair
from colporteur.web.head import asked_for_head

_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_AS_THEY_ARE = string.printable.strip()
_log = logging.getLogger(__name__)


def click_routes(runtime: Runtime) -> APIRouter:
    """Only addresses that we signed: nobody is led elsewhere in our name."""
    routes = APIRouter()

    @routes.get("/go/{token}")
    def go(request: Request, token: str) -> Response:
        edition_id, url = read_pair(runtime.settings.secret_keys, CLICK, token)
        # Counted when the reader is on their way: a database that is busy holds nobody up.
        later = BackgroundTask(_count, runtime, edition_id, url)
        return Response(
            status_code=302,
            headers={**_PRIVATE, "Location": quote(url, safe=_AS_THEY_ARE)},
            background=None if asked_for_head(request.scope) else later,
        )

    return routes


def _count(runtime: Runtime, edition_id: int, url: str) -> None:
    try:
        with reading(runtime.engine) as connection:
            wanted = require(connection).publication.count_clicks
        if wanted:
            with writing(runtime.engine) as connection:
                count_click(connection, edition_id, url)
    except Exception as error:  # noqa: BLE001 - a count is worth nobody's trouble
        _log.warning("A click was not counted: %s", type(error).__name__)
