"""Takes a picture that somebody uploads: measured, copied anew, and kept among our own."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from colporteur.articles.pictures import store
from colporteur.articles.pictures.copying import Copied, copies, measure
from colporteur.articles.pictures.fetching import LIMIT_BYTES
from colporteur.articles.submission import Image
from colporteur.db.numbering import last_number
from colporteur.exceptions import PictureRefused


def read_upload(body: bytes) -> list[Copied]:
    """The copies of a picture that came with a form, the smallest first.

    What it held beside what one sees (where it was taken, by whom) is not in them.

    Raises:
        PictureRefused: no picture that mails show, too large, or damaged.
    """
    if len(body) > LIMIT_BYTES:
        raise PictureRefused(f"It has more than {LIMIT_BYTES // 1024 // 1024} MB.")
    measure(body)
    return copies(body)


def keep_upload(connection: Connection, copied: list[Copied], site: str, now: datetime) -> str:
    """Keep an uploaded picture; the address of its largest copy, at which feeds show it.

    The same picture once more is the same.
    """
    last_number(connection)  # its lock: two pictures are noted in turn
    mark = hashlib.sha256(copied[-1].body).hexdigest()
    return store.keep_own(connection, f"{site}/newsroom/{mark}", copied, site, now)


def image_at(connection: Connection, url: str, alt: str) -> Image:
    """The picture at an address, with the size that is known of it."""
    found = store.known(connection, [url]).get(url)
    return Image(url, alt, found.width, found.height) if found else Image(url, alt)
