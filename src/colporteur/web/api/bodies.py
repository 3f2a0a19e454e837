"""Reads what a program sends: JSON, and never more than the limit."""

import asyncio
import json
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from colporteur.web.api.problems import Problem

ARTICLE_AT_MOST = 2 * 1024 * 1024
BULK_AT_MOST = 20 * 1024 * 1024
# Who is still sending when the connection is closed may lose the answer that says why.
DROPPED_AT_MOST = 16 * 1024 * 1024
ARTICLE_WITHIN_S = 10.0
BULK_WITHIN_S = 60.0


async def read_bytes(request: Request, at_most: int, within_s: float) -> bytes:
    """The body, counted while it comes in: ``Content-Length`` may be wrong or not there.

    Raises:
        Problem: 400 if it breaks off, 408, 413 or 415.
    """
    _check_kind(request)
    try:
        async with asyncio.timeout(within_s):
            return await _counted(request, at_most)
    except TimeoutError:
        raise Problem(
            408,
            f"The body took more than {within_s:.0f} seconds.",
            "Send it faster, or fewer articles at once.",
            headers={"Connection": "close"},
        ) from None
    except ClientDisconnect:  # who hears this, if anybody, is a proxy in between
        raise Problem(400, "The body broke off.", "Send it again.") from None


async def _counted(request: Request, at_most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= at_most:
            parts.append(part)
        elif size > at_most + DROPPED_AT_MOST:
            break
        else:
            parts.clear()
    if size <= at_most:
        return b"".join(parts)
    raise Problem(
        413,
        f"The body has more than {at_most // 1_048_576} MiB.",
        "Send fewer articles at once, or leave out what is embedded in them.",
        headers={"Connection": "close"},
    )


async def article_bytes(request: Request) -> bytes:
    """The body of one article: a dependency.

    Raises:
        Problem: 400 if it breaks off, 408, 413 or 415.
    """
    return await read_bytes(request, ARTICLE_AT_MOST, ARTICLE_WITHIN_S)


async def optional_bytes(request: Request) -> bytes:
    """The same of a body that may be left out: then an empty object.

    Raises:
        Problem: 400 if it breaks off, 408, 413 or 415.
    """
    sized = request.headers.get("content-length", "0") != "0"
    if not sized and "transfer-encoding" not in request.headers:
        return b"{}"
    return await article_bytes(request)


async def bulk_bytes(request: Request) -> bytes:
    """The body of many articles: a dependency.

    Raises:
        Problem: 400 if it breaks off, 408, 413 or 415.
    """
    return await read_bytes(request, BULK_AT_MOST, BULK_WITHIN_S)


def read_json(data: bytes) -> Any:
    """What a body says.

    Raises:
        Problem: 400, it is no JSON in UTF-8.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        said = f"it is not UTF-8 (byte {error.start})"
    except RecursionError:
        said = "it nests too deep"
    except json.JSONDecodeError as error:
        said = str(error)
    except ValueError:  # Python reads no integer of more than 4,300 digits
        said = "it holds a number that is too large"
    raise Problem(
        400, f"The body is not valid JSON: {said}.", "Send JSON in UTF-8.", kind="not-json"
    )


def read_object(data: bytes) -> dict[str, Any]:
    """The one object that a body holds.

    Raises:
        Problem: 400 or 422, it holds something else.
    """
    found = read_json(data)
    if isinstance(found, dict):
        return found
    raise Problem(
        422,
        "The body is no object.",
        'Send {"id": "…", "title": "…", "body": "…"}.',
        kind="no-object",
    )


def _check_kind(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise Problem(
            415,
            f"The body is {kind[:80] or 'of no known kind'}, not JSON.",
            "Send the header Content-Type: application/json.",
            headers={"Accept": "application/json"},
        )
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise Problem(
            415,
            f"The body is coded as {coding[:40]}.",
            "Send it as it is.",
            headers={"Accept-Encoding": "identity"},
        )
