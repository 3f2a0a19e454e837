"""Whether this process lives (``/healthz``) and whether it can serve (``/readyz``)."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from colporteur.db import reading
from colporteur.db.migrate import require_current
from colporteur.exceptions import ColporteurError, ServiceUnavailable
from colporteur.publication.revisions import require
from colporteur.tasks import Runtime
from colporteur.web.document_cache import DocumentCache

_SILENT_AT_MOST_S = 60
_OK = "ok"


def health_routes(runtime: Runtime, documents: DocumentCache) -> APIRouter:
    """The two routes that supervisors ask."""
    routes = APIRouter()
    checks = _Checks(runtime, documents)

    @routes.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz")
    def ready() -> JSONResponse:
        revision, found = checks.all()
        wrong = [said for said in found.values() if said != _OK]
        if wrong:
            said = {"status": "not ready", "problem": wrong[0], "checks": dict(found)}
            return JSONResponse(said, 503)
        return JSONResponse({"status": "ok", "revision": revision, "checks": dict(found)})

    return routes


class _Checks:
    """What it takes to serve. Mail that does not leave is no reason to stop serving."""

    def __init__(self, runtime: Runtime, documents: DocumentCache) -> None:
        self._engine = runtime.engine
        self._documents = documents

    def all(self) -> tuple[int, Mapping[str, str]]:
        """The revision in force, 0 if it cannot be had, and each check with ``ok`` or its problem."""
        found = {"database": _outcome(self._database)}
        if found["database"] != _OK:  # the others would say the same, after as long a wait
            return 0, found
        revisions: list[int] = []
        found["migrations"] = _outcome(lambda: require_current(self._engine))
        found["publication"] = _outcome(lambda: revisions.append(self._revision()))
        found["feeds"] = _outcome(self._feeds)
        return sum(revisions), found

    def _database(self) -> None:
        with reading(self._engine) as connection:
            connection.execute(select(1))

    def _revision(self) -> int:
        with reading(self._engine) as connection:
            return require(connection).number

    def _feeds(self) -> None:
        if self._documents.silent_for() > _SILENT_AT_MOST_S:
            raise ServiceUnavailable("The feeds served here are not refreshed.")


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except (ColporteurError, DBAPIError) as error:
        return _problem(error)
    return _OK


def _problem(error: ColporteurError | DBAPIError) -> str:
    """The problem without the database's address: anybody may ask."""
    # What a driver said stands behind the one error and in the other; ours alone is without.
    if isinstance(error, DBAPIError) or error.__cause__ is not None:
        return "The database does not answer."
    return error.message
