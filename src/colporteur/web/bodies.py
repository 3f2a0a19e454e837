"""What a form of ours sends: bounded, read once, whatever else comes with it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

BODY_AT_MOST = 64 * 1024
BODY_WITHIN_S = 10
_FIELDS_AT_MOST = 2000


@dataclass(frozen=True)
class Form:
    """The fields of a form, each with its values in order; one that was not sent has none."""

    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """The last value of a field, without the space around it; empty if it was not sent."""
        return next(reversed(self.fields.get(name, ())), "").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        return tuple(self.fields.get(name, ()))


async def body_of(request: Request) -> bytes:
    """A request's body.

    Raises:
        HTTPException: it is longer than any form of ours (413), or does not arrive in time (408).
    """
    return await read_bounded(request, BODY_AT_MOST, BODY_WITHIN_S)


async def read_bounded(request: Request, at_most: int, within_s: float) -> bytes:
    """A request's body of at most so many octets.

    Raises:
        HTTPException: it is longer (413), or does not arrive in time (408).
    """
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > at_most:
                    raise HTTPException(413)
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(408) from None
    return bytes(body)


async def form_of(request: Request) -> Form:
    """A request's urlencoded fields. What no text may hold (NUL) is left out.

    Raises:
        HTTPException: as ``body_of``; or it has more fields than any form of ours (413).
    """
    return read_form(await body_of(request))


def read_form(body: bytes) -> Form:
    """The fields of a urlencoded body."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=_FIELDS_AT_MOST,
        )
    except ValueError:
        raise HTTPException(413) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\0", ""))
    return Form(fields)
