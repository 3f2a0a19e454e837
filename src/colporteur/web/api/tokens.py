"""``/api/v1/tokens``: a program looks at its holder's tokens, makes narrower ones and ends them."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from colporteur.db import database_now, reading, writing
from colporteur.exceptions import ColporteurError, UnknownName
from colporteur.staff import people
from colporteur.staff import tokens as store
from colporteur.staff.people import Person
from colporteur.staff.permissions import May, may
from colporteur.staff.tokens import Scope, Token
from colporteur.tasks import Runtime
from colporteur.web.api.bodies import article_bytes
from colporteur.web.api.callers import Callers, Holder
from colporteur.web.api.edition_bodies import Line, read_as
from colporteur.web.api.noting import note
from colporteur.web.api.problems import Problem
from colporteur.web.api.schema import PROBLEMS, body_of

_TOKENS = "/api/v1/tokens"
Body = Annotated[bytes, Depends(article_bytes)]  # after the caller: nobody else's is read


class TokenBody(BaseModel):
    """A token to be made: its ``scopes`` are among those of the token that asks."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "importer", "scopes": ["articles:write"], "days": 30}]
        },
    )

    name: Annotated[Line, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    days: Annotated[int, Field(strict=True, ge=1, le=36_500)] | None = Field(
        None, description="It ends after so many; with the token that asks at the latest."
    )


class TokenView(BaseModel):
    """A token without its text; ``hint`` is how it begins."""

    hint: str
    name: str
    holder: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class OwnView(TokenView):
    """The token that asks, and what its holder's role allows of its scopes at this moment."""

    role: str
    allowed: list[str]


class MadeView(TokenView):
    """A new token with its text, which is never shown again."""

    token: str


class TokensView(BaseModel):
    """Tokens, those that ended included, the newest first."""

    tokens: list[TokenView]


def token_routes(runtime: Runtime, callers: Callers) -> APIRouter:
    """The routes of tokens."""
    routes = APIRouter(tags=["tokens"], responses=PROBLEMS)
    allowed = Annotated[Token, callers.having(Scope.TOKENS)]

    @routes.get("/api/v1/token", summary="The token that asks")
    def own(holder: Annotated[Holder, Depends(callers.anybody)]) -> OwnView:
        """What it is, and what it may do. Any token may ask."""
        held = sorted(holder.token.scopes)
        useful = [one.value for one in held if callers.allows(holder.person, one)]
        return OwnView(
            **_view(holder.token, holder.person).model_dump(),
            role=holder.person.role,
            allowed=useful,
        )

    @routes.get(_TOKENS, summary="List tokens")
    def every(token: allowed) -> TokensView:
        """Those of the holder; where they are admin, everybody's."""
        with reading(runtime.engine) as connection:
            asking = people.by_id(connection, token.user_id)
            all_of_them = may(asking, May.PEOPLE)
            everybody = {one.id: one for one in people.listing(connection)}
            found = store.listing(connection)
        shown = [
            _view(one, everybody[user_id])
            for user_id, held in found.items()
            for one in held
            if all_of_them or user_id == asking.id
        ]
        return TokensView(tokens=sorted(shown, key=lambda one: one.created_at, reverse=True))

    @routes.post(_TOKENS, status_code=201, summary="Make a token", openapi_extra=body_of(TokenBody))
    def make(token: allowed, data: Body, response: Response) -> MadeView:
        """Of the same holder, for less than the one that asks; its text is in this answer alone."""
        made = _made(runtime, token, read_as(TokenBody, data))
        response.headers["Location"] = f"{_TOKENS}/{made.hint}"
        return made

    @routes.delete(f"{_TOKENS}/{{hint}}", status_code=204, summary="End a token")
    def end(token: allowed, hint: str) -> None:
        """For ever, at once; one of the holder's, or anybody's where they are admin."""
        _end(runtime, token, hint)

    return routes


def _made(runtime: Runtime, token: Token, body: TokenBody) -> MadeView:
    _require_narrower(token, body)
    with writing(runtime.engine) as connection:
        now = database_now(connection)
        lasts, scopes = _lasts(token, body, now), sorted(set(body.scopes))
        try:
            text, made = store.mint(connection, token.user_id, body.name, scopes, now, lasts)
        except ColporteurError as error:
            raise Problem(422, error.message, error.cure, kind="invalid") from None
        said = f"token:{made.hint}"
        holder = note(connection, token, "token.made", said, now, name=made.name, scopes=scopes)
    return MadeView(**_view(made, holder).model_dump(), token=text)


def _end(runtime: Runtime, token: Token, hint: str) -> None:
    with writing(runtime.engine) as connection:
        now = database_now(connection)
        asking = people.by_id(connection, token.user_id)
        held = store.listing(connection)
        theirs = held if may(asking, May.PEOPLE) else {asking.id: held.get(asking.id, [])}
        if not any(one.hint == hint for ones in theirs.values() for one in ones):
            raise UnknownName(
                "There is no such token of this holder.", cure="GET /api/v1/tokens lists them."
            )
        if store.revoke(connection, hint, now):
            note(connection, token, "token.revoked", f"token:{hint}", now)


def _require_narrower(token: Token, body: TokenBody) -> None:
    beyond = sorted(set(body.scopes) - token.scopes)
    if beyond:
        raise Problem(
            403,
            f"This token does not have {', '.join(beyond)}, and makes none that has.",
            "Ask for scopes that it has; `colporteur users token` makes any.",
            kind="insufficient_scope",
            title="Insufficient scope",
        )


def _lasts(token: Token, body: TokenBody, now: datetime) -> timedelta | None:
    asked = timedelta(days=body.days) if body.days else None
    left = token.expires_at - now if token.expires_at else None
    known = [one for one in (asked, left) if one is not None]
    return min(known) if known else None


def _view(token: Token, holder: Person) -> TokenView:
    return TokenView(
        hint=token.hint,
        name=token.name,
        holder=holder.address,
        scopes=sorted(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )
