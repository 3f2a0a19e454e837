"""Fetches one picture: the edge that asks, measures, copies and writes down."""

import logging
from collections.abc import Callable

from sqlalchemy import Engine

from colporteur.articles.pictures import store
from colporteur.articles.pictures.copying import copies, measure
from colporteur.articles.sources.polling import status_problem
from colporteur.db import database_now, writing
from colporteur.exceptions import AnswerTooLong, FetchFailed, FetchRefused, PictureRefused
from colporteur.fetch import Fetcher
from colporteur.publication.revisions import require

LIMIT_BYTES = 10 * 1024 * 1024
_OK = 200
_ACCEPTED = {"Accept": "image/jpeg, image/png, image/webp, image/gif, image/avif"}
_log = logging.getLogger(__name__)


def fetch_picture(
    engine: Engine,
    fetcher: Fetcher,
    picture_id: int,
    at_hand: Callable[[str], bytes | None] = lambda _url: None,
) -> bool:
    """Fetch a picture that is due; whether it was ours to fetch. ``at_hand`` has our own files.

    What may be there another time is tried again, five times at most; what mails cannot show is
    refused with the reason.
    """
    with writing(engine) as connection:
        due = store.take(connection, picture_id, database_now(connection))
        ours = require(connection).publication.serve_images
    if due is None:
        return False
    try:
        body = at_hand(due.url) or _ask(fetcher, due.url)
        found = measure(body)
        copied = copies(body) if ours else []
    except (FetchRefused, PictureRefused, AnswerTooLong) as error:
        _log.info("The picture %s is shown nowhere: %s", due.url, error.message)
        with writing(engine) as connection:
            store.refuse(connection, due.id, error.message)
    except FetchFailed as error:
        with writing(engine) as connection:
            store.put_off(connection, due, error.message)
    else:
        with writing(engine) as connection:
            store.keep(connection, due, found, copied, database_now(connection))
    return True


def _ask(fetcher: Fetcher, url: str) -> bytes:
    answer = fetcher.get(url, _ACCEPTED, limit_bytes=LIMIT_BYTES)
    if answer.status != _OK:
        raise FetchFailed(status_problem(answer.status, answer.headers))
    return answer.body
