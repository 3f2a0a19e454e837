"""What the newsroom's forms send: fields, and files where a page takes them."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from colporteur.web.bodies import Form, read_bounded, read_form
from colporteur.web.newsroom.visiting import Upload

FIELDS_AT_MOST = 2 * 1024 * 1024
_WITHIN_S = 60.0
_FILES_AT_MOST = 20
_NAME_AT_MOST = 200


async def read_sent(request: Request, files_at_most: int) -> tuple[Form, Mapping[str, Upload]]:
    """The fields and the files of a form; ``files_at_most`` are octets, 0 where none are taken.

    Raises:
        HTTPException: it is too long (413), late (408) or cannot be read (400).
    """
    body = await read_bounded(request, FIELDS_AT_MOST + files_at_most, _WITHIN_S)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return read_form(body), {}
    return await _parts(request, body, files_at_most)


async def _parts(
    request: Request, body: bytes, files_at_most: int
) -> tuple[Form, dict[str, Upload]]:
    _, said = parse_options_header(request.headers["content-type"])
    if said.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(400)  # no browser says another; some of them make what no text holds

    async def stream() -> AsyncGenerator[bytes]:
        yield body

    parser = MultiPartParser(
        request.headers,
        stream(),
        max_files=_FILES_AT_MOST if files_at_most else 0,
        max_part_size=FIELDS_AT_MOST,
    )
    try:
        found = await parser.parse()
    except (MultiPartException, FormParserError, KeyError, ValueError):
        raise HTTPException(400) from None
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for name, value in found.multi_items():
        if not isinstance(value, UploadFile):
            fields.setdefault(name, []).append(value.replace("\0", ""))
            continue
        with suppress(OSError):
            data = await value.read()
            if value.filename and data:
                cut = value.filename.replace("\0", "")[-_NAME_AT_MOST:]
                files[name] = Upload(cut, value.content_type or "", data)
    await found.close()
    return Form(fields), files
