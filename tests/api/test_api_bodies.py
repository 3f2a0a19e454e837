"""Bodies that come slowly, or never whole."""

import asyncio
import json
import logging
from typing import Any

import pytest
from api_house import Mint
from asking import make_app
from house import House
from starlette.requests import Request
from starlette.types import Message

from colporteur.staff.tokens import Scope
from colporteur.web.api.bodies import read_bytes
from colporteur.web.api.problems import Problem

JSON = [(b"content-type", b"application/json")]
PART: Message = {"type": "http.request", "body": b'{"id":', "more_body": True}


def scope(path: str = "/", headers: list[tuple[bytes, bytes]] = JSON) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "headers": headers}
    return said | {"raw_path": path.encode(), "query_string": b"", "client": ("127.0.0.1", 1)}


def test_a_body_that_never_comes_is_not_waited_for():
    async def stuck() -> bytes:
        waiting: asyncio.Queue[Message] = asyncio.Queue()
        waiting.put_nowait(PART)  # and no more
        return await read_bytes(Request(scope(), waiting.get), 1000, 0.05)

    with pytest.raises(Problem) as caught:
        asyncio.run(asyncio.wait_for(stuck(), 5))
    assert (caught.value.status, caught.value.headers) == (408, {"Connection": "close"})


@pytest.mark.parametrize("path", ["/api/v1/articles", "/api/v1/articles/bulk", "/api/v1/ghost/"])
def test_a_body_that_breaks_off_is_no_fault_of_ours(
    house: House, mint: Mint, tmp_path, caplog: pytest.LogCaptureFixture, path: str
):
    text, _ = mint()
    headers = [*JSON, (b"authorization", f"Bearer {text}".encode())]
    if path.endswith("/ghost/"):
        path += mint(Scope.GHOST)[1].hint
    app = make_app(house, tmp_path)
    messages = iter([PART, {"type": "http.disconnect"}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope(path, headers), receive, send))
    assert sent[0]["status"] == 400
    assert json.loads(sent[1]["body"])["detail"] == "The body broke off."
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
