"""Reads a form that a browser sends (``application/x-www-form-urlencoded``), and no more of it."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

AT_MOST = 16 * 1024
WITHIN_S = 10.0
_FIELDS_AT_MOST = 200


class Form:
    """The fields of a form; one that is not there is empty."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields

    def one(self, name: str) -> str:
        """The first value of a field."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> Sequence[str]:
        """The values of a field, in order."""
        return self._fields.get(name, ())


async def read_form(request: Request) -> Form:
    """What a form holds; bytes that are no UTF-8 become replacement characters.

    Raises:
        HTTPException: 400 if it breaks off or is no form, 408, 413 or 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = bytearray()
    try:
        async with asyncio.timeout(WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > AT_MOST:
                    raise HTTPException(413, headers={"Connection": "close"})
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    try:
        fields = parse_qs(
            body.decode(errors="replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_FIELDS_AT_MOST,
        )
    except ValueError:
        raise HTTPException(400) from None
    return Form(fields)
