"""Pages that may be kept for a while: an ETag of their bytes, and 304 for who has them."""

import hashlib
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import Response

from colporteur.web.conditional import not_modified

FOR_A_WHILE = "public, max-age=300"
_NO_DATE = datetime.max.replace(tzinfo=UTC)  # a page has none: only its tag tells


def has_it(request: Request, etag: str) -> bool:
    """Whether who asks has this version already."""
    return not_modified(request.headers, etag, _NO_DATE)


def validated(request: Request, page: Response) -> Response:
    """The page with its validator, or 304 (RFC 9110 section 15.4.5)."""
    etag = f'W/"{hashlib.sha256(page.body).hexdigest()[:32]}"'
    kept = {"ETag": etag, "Cache-Control": FOR_A_WHILE}
    if has_it(request, etag):
        return Response(status_code=304, headers=kept)
    page.headers.update(kept)
    return page
