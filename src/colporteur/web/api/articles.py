"""``/api/v1/articles``: articles brought in, looked at and withdrawn."""

from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Depends, Query, Request, Response

from colporteur.articles.intake import Outcome
from colporteur.articles.store import by_key, listing
from colporteur.db import reading
from colporteur.staff.tokens import Scope, Token
from colporteur.web.api.bodies import article_bytes, bulk_bytes, read_json, read_object
from colporteur.web.api.callers import Callers
from colporteur.web.api.intake import Intake
from colporteur.web.api.problems import Problem, unknown_article
from colporteur.web.api.repeating import PARAMETER, repeatable
from colporteur.web.api.schema import ARTICLE_BODY, BULK_BODY, PART_BODY, PROBLEMS, made
from colporteur.web.api.views import ArticleView, BulkView, PageView, TakenView, location, views

BULK_ARTICLES_AT_MOST = 500
PAGE = 50
PAGE_AT_MOST = 100
_ARTICLES = "/api/v1/articles"
_ONE = f"{_ARTICLES}/{{key:path}}"


def article_key(request: Request, key: str) -> str:
    """The id in an address: a dependency.

    Raises:
        Problem: 400, it is not UTF-8, so that two ids would look the same; 404, it is blank.
    """
    try:
        unquote_to_bytes(request.scope.get("raw_path") or b"").decode()
    except UnicodeDecodeError:
        raise Problem(
            400, "The address is not UTF-8.", "Percent-encode the id's bytes in UTF-8."
        ) from None
    if not key.strip():
        raise unknown_article(key)
    return key


Key = Annotated[str, Depends(article_key)]
Body = Annotated[bytes, Depends(article_bytes)]  # after the caller: nobody else's is read
BulkBody = Annotated[bytes, Depends(bulk_bytes)]


def writing_routes(intake: Intake, callers: Callers) -> APIRouter:
    """The routes that bring articles in and take them back."""
    once = repeatable(callers)
    routes = APIRouter(tags=["articles"], responses=PROBLEMS, route_class=once)
    writer = Annotated[Token, callers.having(Scope.ARTICLES_WRITE)]

    @routes.post(
        _ARTICLES,
        summary="Add an article, or update it",
        openapi_extra=ARTICLE_BODY | PARAMETER,
        responses=made(TakenView, "It was added."),
    )
    def post(token: writer, data: Body, response: Response) -> TakenView:
        """One that was taken in before, by its `id`, is updated; twice the same is once."""
        return _answer(response, intake.one(read_object(data), token))

    @routes.post(
        f"{_ARTICLES}/bulk", summary="Add or update many", openapi_extra=BULK_BODY | PARAMETER
    )
    def bulk(token: writer, data: BulkBody) -> BulkView:
        """Each is added, updated, unchanged or refused with the reason; one bad one stops none."""
        records = read_json(data)
        if not isinstance(records, list) or len(records) > BULK_ARTICLES_AT_MOST:
            raise Problem(
                422,
                f"The body is no list of at most {BULK_ARTICLES_AT_MOST} articles.",
                "Send [{…}, {…}], in several turns if need be.",
                kind="no-list",
            )
        callers.rates.write(token, max(0, len(records) - 1))  # one is counted already
        return BulkView(results=intake.many(records, token))

    @routes.put(
        _ONE,
        summary="Add or update the article of an id",
        openapi_extra=ARTICLE_BODY,
        responses=made(TakenView, "It was added."),
    )
    def put(token: writer, key: Key, data: Body, response: Response) -> TakenView:
        """What is not said of a known article stays as it was."""
        return _answer(response, intake.at(key, read_object(data), token))

    @routes.patch(_ONE, summary="Update what is said of an article", openapi_extra=PART_BODY)
    def patch(token: writer, key: Key, data: Body) -> TakenView:
        """What is not said, or null, stays as it was."""
        return intake.part(key, read_object(data), token)

    @routes.delete(_ONE, status_code=204, summary="Withdraw an article")
    def delete(token: writer, key: Key) -> None:
        """Its page is gone, its feeds say so, no digest brings it. Again is no mistake."""
        intake.withdraw(key, token)

    return routes


def reading_routes(intake: Intake, callers: Callers) -> APIRouter:
    """The routes that look at articles."""
    routes = APIRouter(tags=["articles"], responses=PROBLEMS)
    reader = Annotated[Token, callers.having(Scope.ARTICLES_READ)]
    runtime = intake.runtime

    @routes.get(_ARTICLES, summary="List articles, the newest first")
    def page(
        request: Request,
        token: reader,  # noqa: ARG001 - it must be a reader
        limit: Annotated[int, Query(ge=1, le=PAGE_AT_MOST)] = PAGE,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    ) -> PageView:
        """`next` is the address of those before them, or null."""
        with reading(runtime.engine) as connection:
            found = listing(connection, limit + 1, before)
            shown = views(connection, runtime.settings, found[:limit])
        if len(found) <= limit:
            return PageView(articles=shown, next=None)
        before_these = found[limit - 1].id
        more = f"{request.url.path}?limit={limit}&before={before_these}"
        return PageView(articles=shown, next=more)

    @routes.get(_ONE, summary="One article")
    def get(token: reader, key: Key) -> ArticleView:  # noqa: ARG001 - it must be a reader
        """By the caller's id, or by the id that feeds give."""
        with reading(runtime.engine) as connection:
            found = by_key(connection, key)
            if found is None:
                raise unknown_article(key)
            return views(connection, runtime.settings, [found])[0]

    return routes


def _answer(response: Response, view: TakenView) -> TakenView:
    if view.outcome == Outcome.ADDED:
        response.status_code = 201
        response.headers["Location"] = location(view)
    return view
