"""``Idempotency-Key``: what was asked once already is answered again, and not done again.

draft-ietf-httpapi-idempotency-key-header. Answers are kept in the database for a day: the same
key with another request is 422, and 409 while the first is being answered. A refusal is not kept,
so that it can be corrected under its key. A process that dies between what it did and its answer
leaves the key to whoever asks next: what these routes do once is nothing when it is done again
(articles and readers are known by their ids and addresses, a slot has one edition).
"""

import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from colporteur.db import database_now, writing
from colporteur.db.tables.api import api_answers
from colporteur.web.api.bodies import BULK_AT_MOST, BULK_WITHIN_S, read_bytes
from colporteur.web.api.callers import Callers, Holder
from colporteur.web.api.edition_bodies import read_key
from colporteur.web.api.problems import Problem
from colporteur.web.api.rates import tell_standing

HEADER = "idempotency-key"
LEASE = timedelta(minutes=3)  # longer than any answer takes
PARAMETER: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 150},
            "description": "A new UUID for each new request, and the same when it is sent again: "
            "then it is answered as the first time. Kept for a day.",
        }
    ]
}
_KEPT_HEADERS = ("location", "content-type")
_OK = 400
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class _Asked:
    """A request under a key, as it is told from others."""

    user_id: int
    key_hash: str
    request_hash: str


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def repeatable(callers: Callers) -> type[APIRoute]:
    """A kind of route that answers a request under a known ``Idempotency-Key`` as it did before."""

    class Repeatable(APIRoute):
        """Reads the key and the body, and asks the route itself only for what is new."""

        def get_route_handler(self) -> Handler:
            usual = super().get_route_handler()

            async def handler(request: Request) -> Response:
                if request.method != "POST" or HEADER not in request.headers:
                    return await usual(request)
                return await _once(callers, usual, request)

            return handler

    return Repeatable


async def _once(callers: Callers, usual: Handler, request: Request) -> Response:
    holder = await run_in_threadpool(callers.holder, _bearer(request))
    if holder is None:
        return await usual(request)  # which refuses it
    key = read_key(request.headers[HEADER])
    sized = request.headers.get("content-length", "0") != "0"
    sent = sized or "transfer-encoding" in request.headers
    body = await read_bytes(request, BULK_AT_MOST, BULK_WITHIN_S) if sent else b""
    asked = _asked(holder, request, key, body)
    until = await run_in_threadpool(_claim, callers, asked)
    if isinstance(until, _Answer):
        tell_standing(request, callers.rates.read(holder.token))
        return Response(until.body, until.status, {**until.headers, "Idempotency-Replayed": "true"})
    try:
        answer = await usual(Request(request.scope, _once_more(body)))
    except BaseException:
        await run_in_threadpool(_forget, callers, asked, until)
        raise
    await run_in_threadpool(_keep, callers, asked, until, answer)
    return answer


def _bearer(request: Request) -> str:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


def _asked(holder: Holder, request: Request, key: str, body: bytes) -> _Asked:
    # Of one token and one role: an answer is never given again to who may not ask for it any more.
    whose = f"{holder.token.id}:{holder.person.role}"
    where = f"{request.method} {request.url.path}?{request.url.query}\n"
    return _Asked(
        holder.token.user_id,
        hashlib.sha256(f"{whose}:{key}".encode()).hexdigest(),
        hashlib.sha256(where.encode(errors="surrogatepass") + _same(body)).hexdigest(),
    )


def _same(body: bytes) -> bytes:
    """What is the same however a program writes its JSON."""
    try:
        return json.dumps(json.loads(body), sort_keys=True).encode()
    except (ValueError, RecursionError):
        return body


def _once_more(body: bytes) -> Callable[[], Coroutine[Any, Any, Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _claim(callers: Callers, asked: _Asked) -> datetime | _Answer:
    """Take the key until a moment; or what was answered under it.

    Raises:
        Problem: 422, it stands for another request; 409, that is being answered.
    """
    with writing(callers.runtime.engine) as connection:
        now = database_now(connection)
        until = now + LEASE
        if _insert(connection, asked, now, until):
            return until
        mine = api_answers.c.key_hash == asked.key_hash
        row = connection.execute(select(api_answers).where(mine).with_for_update()).one()
        if row.request_hash != asked.request_hash:
            raise Problem(
                422,
                "This Idempotency-Key was used for another request.",
                "Take a new one for each new request.",
                kind="key-reused",
                title="Key used before",
            )
        if row.status is not None:
            return _Answer(row.status, row.headers, row.body)
        if row.leased_until > now:
            raise Problem(
                409,
                "The first request with this Idempotency-Key is being answered.",
                "Ask again in a moment.",
                kind="in-flight",
                title="Being answered",
                headers={"Retry-After": "1"},
            )
        connection.execute(update(api_answers).where(mine).values(leased_until=until))
        return until


def _insert(connection: Connection, asked: _Asked, now: datetime, until: datetime) -> bool:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"user_id": asked.user_id, "key_hash": asked.key_hash, "at": now}
    values |= {"request_hash": asked.request_hash, "leased_until": until}
    added = dialect.insert(api_answers).values(values).on_conflict_do_nothing()
    return connection.scalar(added.returning(api_answers.c.id)) is not None


def _keep(callers: Callers, asked: _Asked, until: datetime, answer: Response) -> None:
    if answer.status_code >= _OK:
        _forget(callers, asked, until)
        return
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    values = {"status": answer.status_code, "headers": headers, "body": bytes(answer.body)}
    with writing(callers.runtime.engine) as connection:
        held = update(api_answers).where(*_held(asked, until))
        connection.execute(held.values(**values, leased_until=None))


def _forget(callers: Callers, asked: _Asked, until: datetime) -> None:
    with writing(callers.runtime.engine) as connection:
        connection.execute(delete(api_answers).where(*_held(asked, until)))


def _held(asked: _Asked, until: datetime) -> tuple[Any, ...]:
    return (api_answers.c.key_hash == asked.key_hash, api_answers.c.leased_until == until)
