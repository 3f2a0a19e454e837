"""``/api/v1/ghost/…``: takes the webhooks of Ghost, each signed with its token's secret."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from colporteur.articles.formats.ghost import Happened, Post, read_event, read_post
from colporteur.articles.store import by_key
from colporteur.articles.taking import Entry, refuse
from colporteur.articles.withdrawing import restore, withdraw
from colporteur.clock import utcnow
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import ArticleRefused
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import require
from colporteur.staff.tokens import Token, ghost_secret
from colporteur.web.api.bodies import article_bytes, read_json
from colporteur.web.api.callers import Callers, address_of
from colporteur.web.api.intake import Intake
from colporteur.web.api.problems import Problem
from colporteur.web.api.schema import GHOST_BODY

_SIGNATURE = re.compile(r"\s*sha256=([0-9a-f]{64})\s*,\s*t=(\d{1,15})\s*")
_FRESH_FOR = timedelta(minutes=5)


class GhostView(BaseModel):
    """What became of a webhook."""

    outcome: str = Field(description="added, updated, unchanged, withdrawn or ignored")


def ghost_routes(intake: Intake, callers: Callers) -> APIRouter:
    """The address that `colporteur users token --ghost` shows."""
    routes = APIRouter(tags=["ghost"])
    door = _Door(intake, callers)

    @routes.post("/api/v1/ghost/{hint}", summary="A webhook of Ghost", openapi_extra=GHOST_BODY)
    def webhook(
        request: Request,
        token: Annotated[Token, Depends(door.token)],
        data: Annotated[bytes, Depends(article_bytes)],
    ) -> GhostView:
        """Posts published, updated, unpublished and deleted; other events are ignored."""
        door.check(request, token, data)
        return GhostView(outcome=door.take(read_json(data), token))

    return routes


def signed(secret: str, header: str, body: bytes, now: datetime) -> bool:
    """Whether Ghost signed this body within five minutes of now.

    Ghost signs the body with the milliseconds after it; older versions sign the body alone.
    """
    found = _SIGNATURE.fullmatch(header)
    if not found:
        return False
    age = timedelta(milliseconds=now.timestamp() * 1000 - int(found[2]))
    if abs(age) > _FRESH_FOR:
        return False
    known = [
        hmac.new(secret.encode(), what, hashlib.sha256).hexdigest()
        for what in (body + found[2].encode(), body)
    ]
    return any(hmac.compare_digest(one, found[1]) for one in known)


class _Door:
    """Lets in what is signed, and does what it tells."""

    def __init__(self, intake: Intake, callers: Callers) -> None:
        self._intake = intake
        self._callers = callers
        self._runtime = intake.runtime

    def token(self, request: Request, hint: str) -> Token:
        """The token of the address, before anything of the body is read.

        Raises:
            Problem: 401 or 429.
        """
        found = self._callers.signer(hint)
        if found is None:
            raise self._stranger(request)
        self._callers.rates.write(found)
        return found

    def check(self, request: Request, token: Token, body: bytes) -> None:
        """Let in what is signed with the token's secret.

        Raises:
            Problem: 401 or 429.
        """
        secret, now = ghost_secret(self._runtime.settings.secret_key, token), utcnow()
        if not signed(secret, request.headers.get("x-ghost-signature", ""), body, now):
            raise self._stranger(request)
        self._callers.note_use(token, now)

    def take(self, payload: Any, token: Token) -> str:
        """Do what a webhook tells; the outcome."""
        post = read_event(payload)
        if post.happened is Happened.NOTHING:
            return "ignored"
        if post.happened is Happened.TAKEN_BACK:
            return self._withdraw(post)
        return self._bring(post, token)

    def _bring(self, post: Post, token: Token) -> str:
        with reading(self._runtime.engine) as connection:
            publication = require(connection).publication
            topics = topic_names(publication, ids(connection, publication))
        entry = Entry(f"api:{token.name}", post.external_id)
        try:
            submission = read_post(post, topics, utcnow())
        except ArticleRefused as error:
            refuse(self._runtime.engine, entry, "", error.message, error.cure)
            raise
        taken = self._intake.submit(submission, entry, significant=post.significant)
        outcome = str(taken.outcome)
        if post.happened is Happened.PUBLISHED:  # perhaps again, after it was unpublished
            with writing(self._runtime.engine) as connection:
                if restore(connection, taken.article_id, database_now(connection)):
                    outcome = "updated"
        self._intake.ring()
        return outcome

    def _withdraw(self, post: Post) -> str:
        with writing(self._runtime.engine) as connection:
            found = by_key(connection, post.external_id)
            if found is None:  # it was published before we were told of posts
                return "ignored"
            withdraw(connection, found.slug, database_now(connection))
        self._intake.ring()
        return "withdrawn"

    def _stranger(self, request: Request) -> Problem:
        self._callers.rates.failure(address_of(request))
        return Problem(
            401,
            "This is not signed with the secret of this address, or not within five minutes.",
            "Make both anew: colporteur users token ADDRESS --name ghost --ghost",
            kind="unauthorized",
            headers={"WWW-Authenticate": 'Ghost-Signature realm="colporteur"'},
        )


def topic_names(publication: Publication, names: Ids) -> dict[str, str]:
    """Every name that leads to a topic, case-folded: slugs, former ones too, and words."""
    words = {
        word.casefold(): slug
        for slug, topic in publication.topics.items()
        for word in topic.name.values()
    }
    return words | {name.casefold(): name for name in names.topics}
