"""``/images/…``: our copies of articles' pictures, which stay the same for ever."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from colporteur.articles.pictures.store import copy_named
from colporteur.db import reading
from colporteur.tasks import Runtime
from colporteur.web.document_cache import FOR_EVER
from colporteur.web.validated import has_it


def image_routes(runtime: Runtime) -> APIRouter:
    """A copy by its name."""
    routes = APIRouter()

    @routes.get("/images/{name}")
    def image(request: Request, name: str) -> Response:
        kept = {"ETag": f'"{name}"', "Cache-Control": FOR_EVER}
        with reading(runtime.engine) as connection:
            found = copy_named(connection, name)
        if found is None:
            raise HTTPException(404)
        if has_it(request, kept["ETag"]):
            return Response(status_code=304, headers=kept)
        return Response(found.body, media_type=found.type, headers=kept)

    return routes
