"""What a program is told when something is wrong: always a problem, with nothing of the inside."""

import contextlib
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from api_house import Mint
from asking import Ask, asker, make_app
from house import House
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from starlette.types import Receive, Scope, Send

from colporteur.exceptions import ServiceUnavailable, TransitionRefused
from colporteur.staff import tokens
from colporteur.staff.tokens import Scope as Allowed
from colporteur.web.api import articles as api_articles
from colporteur.web.api.bodies import ARTICLE_AT_MOST, BULK_AT_MOST, DROPPED_AT_MOST

DATABASES = ("sqlite",)  # the stores below have their tests on both

SECRET = "postgresql://db.internal/colporteur"
ONE = {"id": "a", "title": "Un", "teaser": "Un extrait."}
READ, WRITE = Allowed.ARTICLES_READ, Allowed.ARTICLES_WRITE


def problem(found: httpx.Response, status: int) -> dict[str, object]:
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/problem+json"
    said: dict[str, object] = found.json()
    assert {"type", "title", "status", "detail", "cure", "instance"} <= set(said)
    assert said["status"] == status
    assert said["detail"]
    return said


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/articles", READ),
        ("GET", "/articles/a", READ),
        ("POST", "/articles", WRITE),
        ("PUT", "/articles/a", WRITE),
        ("PATCH", "/articles/a", WRITE),
        ("POST", "/articles/bulk", WRITE),
        ("DELETE", "/articles/a", WRITE),
    ],
)
def test_each_route_needs_its_scope(ask: Ask, mint: Mint, method: str, path: str, needed: Allowed):
    for scope in Allowed:
        text, _ = mint(scope)
        body = [ONE] if path.endswith("bulk") else ONE
        options = {} if method in {"GET", "DELETE"} else {"json": body}
        headers = {"Authorization": f"Bearer {text}"}
        found = ask(method, f"/api/v1{path}", headers=headers, **options)
        if scope is needed:
            assert found.status_code in {200, 201, 204, 404}
        else:
            said = problem(found, 403)
            assert str(said["type"]).endswith("insufficient_scope")
            assert f'scope="{needed}"' in found.headers["www-authenticate"]


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer col_" + "a" * 43, "col_x"],
)
def test_without_a_token_that_is_valid_nothing_is_answered(ask: Ask, authorization: str | None):
    headers = {"Authorization": authorization} if authorization else {}
    for method, path in (("POST", "/articles"), ("GET", "/articles"), ("DELETE", "/articles/a")):
        found = ask(method, f"/api/v1{path}", headers=headers)
        problem(found, 401)
        assert found.headers["www-authenticate"].startswith("Bearer")


def test_a_token_in_the_address_is_no_token(ask: Ask, mint: Mint):
    text, _ = mint()
    problem(ask("GET", f"/api/v1/articles?access_token={text}&token={text}"), 401)


def test_a_revoked_token_is_refused_at_once(ask: Ask, mint: Mint, house: House):
    text, made = mint()
    headers = {"Authorization": f"Bearer {text}"}
    assert ask("GET", "/api/v1/articles", headers=headers).status_code == 200
    with house.open() as (connection, _, _):
        tokens.revoke(connection, made.hint, house.now)
    problem(ask("GET", "/api/v1/articles", headers=headers), 401)


def test_a_use_is_noted(ask: Ask, mint: Mint, house: House):
    text, made = mint()
    ask("GET", "/api/v1/articles", headers={"Authorization": f"Bearer {text}"})
    with house.open() as (connection, _, _):
        (known,) = tokens.listing(connection)[made.user_id]
    assert known.last_used_at is not None


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2", "/api/v1/rien", "/api/%00"])
def test_an_unknown_address_is_a_problem_too(ask: Ask, path: str):
    said = problem(ask("GET", path), 404)
    assert said["type"] == "about:blank"
    assert said["instance"] == path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/v1/articles", "GET, HEAD, POST"),
        ("POST", "/api/v1/articles/a", "DELETE, GET, HEAD, PATCH, PUT"),
        ("GET", "/api/v1/ghost/col_12345678", "POST"),
    ],
)
def test_another_method_is_told_those_there_are(ask: Ask, method: str, path: str, allowed: str):
    found = ask(method, path)
    problem(found, 405)
    assert found.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 200_000, 400),
        (b"9" * 5000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"a"', 422),
        (b"{}", 422),
        (b'{"title": 1e400, "teaser": "a"}', 422),
        (b'{"title": ["a"]}', 422),
        (b'{"title": "a", "teaser": "b", "significant": "no"}', 422),
        (b'{"title": "a", "teaser": "b", "\\ud800": 1}', 422),
        (b'{"title": "a", "teaser": "b", "topics": ["\\u0000"]}', 422),
        (b'{"title": "a", "teaser": "b", "channels": ["\\ud800"]}', 422),
        (b'{"title": "a", "teaser": "b", "url": "javascript:alert(1)"}', 422),
    ],
)
def test_a_body_that_cannot_be_is_refused_with_the_cure(call: Ask, body: bytes, status: int):
    for method, path in (("POST", "/articles"), ("PUT", "/articles/a")):
        said = problem(call(method, path, content=body), status)
        assert said["cure"]
        assert "Traceback" not in str(said)


@pytest.mark.parametrize("body", [b"{}", b"null", b'{"a": []}', json.dumps([{}] * 501).encode()])
def test_many_are_a_list_of_at_most_500(call: Ask, body: bytes):
    problem(call("POST", "/articles/bulk", content=body), 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
    ],
)
def test_only_json_is_read(call: Ask, headers: dict[str, str]):
    problem(call("POST", "/articles", json=ONE, headers=headers), 415)


def test_json_of_a_kind_and_with_a_byte_order_mark_is_read(call: Ask):
    headers = {"Content-Type": "application/vnd.cms+json; charset=utf-8"}
    body = b"\xef\xbb\xbf" + json.dumps(ONE).encode()
    assert call("POST", "/articles", content=body, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("path", "at_most"), [("/articles", ARTICLE_AT_MOST), ("/articles/bulk", BULK_AT_MOST)]
)
def test_a_body_without_end_is_left_at_the_limit(call: Ask, path: str, at_most: int):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    problem(call("POST", path, content=endless(), headers={"Content-Length": "2"}), 413)
    assert at_most < sent <= at_most + DROPPED_AT_MOST + 2 * 65_536


def test_nothing_is_read_of_a_strangers_body(ask: Ask):
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    problem(ask("POST", "/api/v1/articles", content=never()), 401)


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=0", "before=x"])
def test_a_bad_question_names_its_parameter(call: Ask, query: str):
    said = problem(call("GET", f"/articles?{query}"), 422)
    (error,) = said["errors"]  # type: ignore[misc]
    assert error["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ServiceUnavailable(f"The database {SECRET} cannot be opened", cure=SECRET), 503),
        (TransitionRefused(SECRET), 500),
        (DBAPIError(SECRET, {"slug": SECRET}, Exception(f"server closed\nDETAIL: {SECRET}")), 503),
    ],
)
def test_an_error_of_ours_is_logged_and_not_shown(
    call: Ask,
    error: Exception,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(api_articles, "listing", fail)
    found = call("GET", "/articles")
    problem(found, status)
    assert SECRET not in found.text
    assert ("retry-after" in found.headers) is (status == 503)
    assert len([one for one in caplog.records if one.levelno == logging.ERROR]) == 1


def test_a_surprise_is_a_problem_without_details(
    house: House, bearer: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(api_articles, "listing", fail)
    app = make_app(house, tmp_path)

    async def as_servers_do(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(ZeroDivisionError):  # servers log it, after the answer
            await app(scope, receive, send)

    found = asker(as_servers_do)("GET", "/api/v1/articles", headers=bearer)
    problem(found, 500)
    assert SECRET not in found.text


def test_without_a_publication_a_problem_says_how_to_make_one(engine: Engine, tmp_path: Path):
    empty = House(engine)
    headers = {"Authorization": f"Bearer {Mint(empty)()[0]}"}
    found = asker(make_app(empty, tmp_path))("POST", "/api/v1/articles", json=ONE, headers=headers)
    assert "publication apply" in str(problem(found, 404)["cure"])


def test_pages_keep_their_own_errors(ask: Ask):
    assert ask("GET", "/rien").headers["content-type"].startswith("text/html")
    assert ask("GET", "/apis").headers["content-type"].startswith("text/html")


def test_the_description_has_every_route_and_how_to_sign_in(ask: Ask):
    found = ask("GET", "/api/openapi.json")
    assert found.headers["content-type"] == "application/json"
    said = found.json()
    routes = {path: set(methods) for path, methods in said["paths"].items()}
    assert routes == {
        "/api/v1/articles": {"get", "post"},
        "/api/v1/articles/bulk": {"post"},
        "/api/v1/articles/{key}": {"get", "put", "patch", "delete"},
        "/api/v1/ghost/{hint}": {"post"},
        "/api/v1/sending": {"get"},
        "/api/v1/sending/release": {"post"},
        "/api/v1/sending/suspend": {"post"},
        "/api/v1/signups": {"post"},
        "/api/v1/editions": {"get"},
        "/api/v1/editions/specials": {"post"},
        "/api/v1/editions/{edition}": {"get", "patch"},
        "/api/v1/channels/{channel}/cadences/{cadence}/editions/{slot}": {"put"},
        "/api/v1/channels/{channel}/cadences/{cadence}/send": {"post"},
        "/api/v1/channels": {"get"},
        "/api/v1/channels/{channel}": {"get"},
        "/api/v1/reports": {"get"},
        "/api/v1/editions/{edition}/report": {"get"},
        "/api/v1/subscribers": {"get", "post"},
        "/api/v1/subscribers/{subscriber}": {"get"},
        "/api/v1/subscribers/{subscriber}/erase": {"post"},
        "/api/v1/subscribers/{subscriber}/subscriptions/{channel}": {"put", "delete"},
        "/api/v1/subscribers/{subscriber}/subscriptions/{channel}/pause": {"post"},
        "/api/v1/subscribers/{subscriber}/subscriptions/{channel}/resume": {"post"},
        "/api/v1/subscriptions": {"get"},
        "/api/v1/token": {"get"},
        "/api/v1/tokens": {"get", "post"},
        "/api/v1/tokens/{hint}": {"delete"},
        **{
            f"/api/v1/editions/{{edition}}/{action}": {"post"}
            for action in (
                *("approve", "hold", "release", "pause", "resume", "cancel", "withdraw"),
                *("confirm", "corrections"),
            )
        },
    }
    assert said["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for methods in said["paths"].values():
        for one in methods.values():
            assert one["summary"]
    for path in ("/api/redoc", "/openapi.json"):
        assert ask("GET", path).status_code == 404
