"""Whether this process lives (``/healthz``) and whether it can serve (``/readyz``)."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from colporteur.db import reading
from colporteur.db.migrate import require_current
from colporteur.exceptions import ColporteurError, ServiceUnavailable
from colporteur.publication.revisions import require
from colporteur.tasks import Runtime
from colporteur.web.document_cache import DocumentCache

_SILENT_AT_MOST_S = 60


def health_routes(runtime: Runtime, documents: DocumentCache) -> APIRouter:
    """The two routes that supervisors ask."""
    routes = APIRouter()

    @routes.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    def ready() -> JSONResponse:
        try:
            require_current(runtime.engine)
            with reading(runtime.engine) as connection:
                revision = require(connection).number
            if documents.silent_for() > _SILENT_AT_MOST_S:
                raise ServiceUnavailable("The feeds served here are not refreshed.")
        except (ColporteurError, DBAPIError) as error:
            return JSONResponse({"status": "not ready", "problem": _problem(error)}, 503)
        return JSONResponse({"status": "ok", "revision": revision})

    return routes


def _problem(error: ColporteurError | DBAPIError) -> str:
    """The problem without the database's address: anybody may ask."""
    # What a driver said stands behind the one error and in the other; ours alone is without.
    if isinstance(error, DBAPIError) or error.__cause__ is not None:
        return "The database does not answer."
    return error.message
