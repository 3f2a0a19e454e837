"""Lists in pages: the newest first, each page leading to those before it."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request

PAGE = 50
PAGE_AT_MOST = 100
ID_AT_MOST = 2**62
Limit = Annotated[int, Query(ge=1, le=PAGE_AT_MOST)]
Before = Annotated[
    int | None, Query(ge=1, le=ID_AT_MOST, description="As `next` has it: what follows this id.")
]


def following(request: Request, before: int) -> str:
    """The address of what follows an id, asked as this was."""
    asked = [one for one in request.query_params.multi_items() if one[0] != "before"]
    return f"{request.url.path}?{urlencode([*asked, ('before', before)])}"
