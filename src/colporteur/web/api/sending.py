"""``/api/v1/sending``: whether mail leaves, and the brake."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from colporteur import tasks
from colporteur.db import database_now, reading, writing
from colporteur.editions import brakes
from colporteur.editions.since_backup import let_go
from colporteur.exceptions import ColporteurError
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.staff.permissions import May
from colporteur.staff.permissions import require as require_role
from colporteur.staff.tokens import Scope, Token
from colporteur.tasks import Runtime
from colporteur.web.api.bodies import article_bytes, read_object
from colporteur.web.api.callers import Callers
from colporteur.web.api.noting import note
from colporteur.web.api.problems import Problem
from colporteur.web.api.schema import PROBLEMS, SUSPEND_BODY

_SENDING = "/api/v1/sending"
Body = Annotated[bytes, Depends(article_bytes)]  # after the caller: nobody else's is read


class SuspensionView(BaseModel):
    """Who suspended all sending, when and why."""

    by: str
    at: datetime
    why: str


class SendingView(BaseModel):
    """What holds mail back; ``suspended`` is null when nothing does."""

    suspended: SuspensionView | None
    rehearsal: bool = Field(description="Only the newsroom's people get mail, until `go-live`.")


def sending_routes(runtime: Runtime, callers: Callers) -> APIRouter:
    """The routes that look at sending, suspend and release it."""
    routes = APIRouter(tags=["sending"], responses=PROBLEMS)
    allowed = Annotated[Token, callers.having(Scope.SENDING)]

    @routes.get(_SENDING, summary="Whether mail leaves")
    def look(token: allowed) -> SendingView:  # noqa: ARG001 - it must be allowed
        """What holds mail back now."""
        with reading(runtime.engine) as connection:
            return _view(connection, runtime)

    @routes.post(f"{_SENDING}/suspend", summary="Hold all mail back", openapi_extra=SUSPEND_BODY)
    def suspend(token: allowed, data: Body) -> SendingView:
        """Digests, specials and letters wait, from the next message on. Again is no mistake."""
        why = _why(read_object(data))
        with writing(runtime.engine) as connection:
            now = database_now(connection)
            try:
                brakes.suspend(connection, by=f"API: {token.name}", why=why, now=now)
                note(connection, token, "sending.suspended", "sending", now, why=why)
            except ColporteurError as error:
                raise Problem(422, error.message, error.cure) from None
            return _view(connection, runtime)

    @routes.post(f"{_SENDING}/release", summary="Let mail go again")
    def release(token: allowed) -> SendingView:
        """What is due leaves now; after a restore, what was due since the backup is left out.

        Again is no mistake.
        """
        with writing(runtime.engine) as connection:
            now = database_now(connection)
            holder = note(connection, token, "sending.released", "sending", now)
            require_role(holder, May.RELEASE)
            revision = require(connection)
            names = ids(connection, revision.publication)
            let_go(connection, revision, names, by=f"API: {token.name}", now=now)
            view = _view(connection, runtime)
        if not runtime.settings.embedded:
            tasks.ring(tasks.tick)
        return view

    return routes


def _why(record: dict[str, Any]) -> str:
    why = record.get("why")
    if not isinstance(why, str) or set(record) != {"why"}:
        raise Problem(422, "The body is no reason.", 'Send {"why": "…"}.')
    return why


def _view(connection: Connection, runtime: Runtime) -> SendingView:
    publication = require(connection).publication
    real_relay = runtime.settings.outbox is None
    held = brakes.in_force(connection, publication, real_relay=real_relay)
    found = held.suspended
    return SendingView(
        suspended=found and SuspensionView(by=found.by, at=found.at, why=found.why),
        rehearsal=held.rehearsal,
    )
