"""``/api/v1/ghost/…``: takes the webhooks of Ghost, each signed with its token's secret."""

import enum
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from colporteur.articles import further_ids
from colporteur.articles.formats.ghost import Happened, Post, read_event, read_post
from colporteur.articles.store import by_key, by_url
from colporteur.articles.submission import Told
from colporteur.articles.taking import Entry, refuse
from colporteur.articles.withdrawing import restore, withdraw
from colporteur.clock import utcnow
from colporteur.db import database_now, reading, writing
from colporteur.db.numbering import last_number
from colporteur.editions.freezing.moving import withdraw_from_frozen
from colporteur.exceptions import ArticleRefused
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import require
from colporteur.staff import people
from colporteur.staff.permissions import require_within_reach
from colporteur.staff.tokens import Token, ghost_secret
from colporteur.web.api.bodies import article_bytes, read_json
from colporteur.web.api.callers import Callers, address_of
from colporteur.web.api.intake import Intake
from colporteur.web.api.noting import note
from colporteur.web.api.problems import Problem
from colporteur.web.api.schema import GHOST_BODY, PROBLEMS

_SIGNATURE = re.compile(r"\s*sha256=([0-9a-f]{64})\s*,\s*t=(\d{1,15})\s*")
_FRESH_FOR = timedelta(minutes=5)


class GhostView(BaseModel):
    """What became of a webhook."""

    outcome: str = Field(description="added, updated, unchanged, withdrawn or ignored")


def ghost_routes(intake: Intake, callers: Callers) -> APIRouter:
    """The address that `colporteur users token --ghost` shows."""
    routes = APIRouter(tags=["ghost"], responses=PROBLEMS)
    door = _Door(intake, callers)

    @routes.post("/api/v1/ghost/{hint}", summary="A webhook of Ghost", openapi_extra=GHOST_BODY)
    def webhook(
        request: Request,
        token: Annotated[Token, Depends(door.token)],
        data: Annotated[bytes, Depends(article_bytes)],
    ) -> GhostView:
        """Posts published, updated, unpublished and deleted; other events are ignored."""
        form = door.check(request, token, data)
        return GhostView(outcome=door.take(read_json(data), token, form))

    return routes


class Form(enum.Enum):
    """What a signature is of."""

    WITH_TIME = enum.auto()
    BODY_ALONE = enum.auto()  # whoever has seen it can send it again at any time


def signed(secret: str, header: str, body: bytes, now: datetime) -> Form | None:
    """How Ghost signed this body within five minutes of now, or None if it did not.

    Ghost signs the body with the milliseconds after it; older versions sign the body alone.
    """
    found = _SIGNATURE.fullmatch(header)
    if not found:
        return None
    age = timedelta(milliseconds=now.timestamp() * 1000 - int(found[2]))
    if abs(age) > _FRESH_FOR:
        return None
    for form, what in ((Form.WITH_TIME, body + found[2].encode()), (Form.BODY_ALONE, body)):
        made = hmac.new(secret.encode(), what, hashlib.sha256).hexdigest()
        if hmac.compare_digest(made, found[1]):
            return form
    return None


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
        self._callers.rates.knock(address_of(request))
        found = self._callers.signer(hint)
        if found is None:
            raise self._stranger(request)
        return found

    def check(self, request: Request, token: Token, body: bytes) -> Form:
        """Let in what is signed with the token's secret; only that counts as the token's.

        Raises:
            Problem: 401 or 429.
        """
        now, said = utcnow(), request.headers.get("x-ghost-signature", "")
        keys = self._runtime.settings.secret_keys
        found = (signed(ghost_secret(one, token), said, body, now) for one in keys)
        form = next(filter(None, found), None)
        if form is None:
            raise self._stranger(request)
        self._callers.rates.write(token)
        self._callers.note_use(token, now)
        return form

    def take(self, payload: Any, token: Token, form: Form) -> str:
        """Do what a webhook tells, unless something newer was told before; the outcome."""
        post, once = read_event(payload), form is Form.BODY_ALONE
        if post.happened is Happened.NOTHING or (once and post.told_at is None):
            return "ignored"
        if post.happened is Happened.TAKEN_BACK:
            return self._withdraw(post, token, once=once)
        return self._bring(post, token, once=once)

    def _bring(self, post: Post, token: Token, *, once: bool) -> str:
        with reading(self._runtime.engine) as connection:
            publication = require(connection).publication
            topics = topic_names(publication, ids(connection, publication))
        entry = Entry(f"api:{token.name}", post.external_id)
        try:
            submission = read_post(post, topics, utcnow(), once=once)
        except ArticleRefused as error:
            refuse(self._runtime.engine, entry, "", error.message, error.cure)
            raise
        taken = self._intake.submit(submission, entry, token, significant=post.significant)
        if taken.old:
            return "ignored"
        outcome = str(taken.outcome)
        if post.happened is Happened.PUBLISHED:  # perhaps again, after it was unpublished
            with writing(self._runtime.engine) as connection:
                last_number(connection)  # what takes it back takes the same lock
                still = not _is_old(connection, post, once=False)
                now = database_now(connection)
                if still and restore(connection, taken.article_id, now):
                    said = f"article:{taken.article_id}"
                    person = note(
                        connection, token, "article.restored", said, now, title=taken.title
                    )
                    require_within_reach(connection, person, taken.article_id)
                    outcome = "updated"
        self._intake.ring()
        return outcome

    def _withdraw(self, post: Post, token: Token, *, once: bool) -> str:
        with writing(self._runtime.engine) as connection:
            last_number(connection)
            # By its address, if a source brought it before we were told of posts.
            found = by_key(connection, post.external_id) or by_url(connection, post.addresses)
            if found is None or _is_old(connection, post, once=once and not post.deleted):
                return "ignored"
            now = database_now(connection)
            person = people.by_id(connection, token.user_id)
            require_within_reach(connection, person, found.id)
            if withdraw(connection, found.slug, now):
                said = f"article:{found.id}"
                note(connection, token, "article.withdrawn", said, now, title=found.title)
            withdraw_from_frozen(connection, now)
            # After a deletion nothing of the same moment is true any more.
            after = timedelta(microseconds=1 if post.deleted else 0)
            told = post.told_at and post.told_at + after
            further_ids.note(connection, post.external_id, found.id, told)
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


def _is_old(connection: Connection, post: Post, *, once: bool) -> bool:
    """Whether something newer was told of a post; ``once``: or something of the same moment."""
    if post.told_at is None:
        return False
    return further_ids.is_old(connection, post.external_id, Told(post.told_at, once))


def topic_names(publication: Publication, names: Ids) -> dict[str, str]:
    """Every name that leads to a topic, case-folded: slugs, former ones too, and words."""
    words = {
        word.casefold(): slug
        for slug, topic in publication.topics.items()
        for word in topic.name.values()
    }
    return words | {name.casefold(): name for name in names.topics}
