"""``/preferences/export/<token>`` and ``/preferences/erase/<token>``: by a link mailed for it only.

The page of choices opens from every digest, and digests are passed on. So its buttons act on
nothing: they mail the reader a link of its own purpose, which works for some hours.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from colporteur.audience.erasing import erase
from colporteur.audience.exporting_one import all_of
from colporteur.audience.links import OWN_DATA_FOR
from colporteur.audience.preferences import person
from colporteur.db import database_now, reading, writing
from colporteur.exceptions import TokenExpired
from colporteur.tasks import Runtime
from colporteur.tokens import ERASE, EXPORT
from colporteur.web.preferences.changing import BY
from colporteur.web.preferences.showing import Showing
from colporteur.web.preferences.visiting import Visit, at_home, visit
from colporteur.web.private import PRIVATE

_GONE = 410


def own_data_routes(runtime: Runtime, showing: Showing) -> APIRouter:
    """A page with a button on GET; the file, or the end of all, on POST."""
    own = _OwnData(runtime, showing)
    routes = APIRouter(prefix="/preferences")
    for path, act in (("/export", own.export), ("/erase", own.erase)):
        ask = own.asking(path.removeprefix("/"))
        routes.add_api_route(f"{path}/{{token}}", own.in_time(ask), methods=["GET"])
        routes.add_api_route(f"{path}/{{token}}", own.in_time(act), methods=["POST"])
    return routes


class _OwnData:
    """The two pages, which are called as the purposes of their links."""

    def __init__(self, runtime: Runtime, showing: Showing) -> None:
        self._runtime = runtime
        self._showing = showing

    def asking(self, purpose: str) -> Callable[[str], Response]:
        """What shows the page with the button; it changes nothing."""

        def ask(token: str) -> Response:
            with reading(self._runtime.engine) as connection:
                to = self._visit(connection, token, purpose, database_now(connection))
            action = f"/preferences/{purpose}/{token}"
            return self._showing.notice(to.publication, to.language, purpose, action=action)

        return ask

    def export(self, token: str) -> Response:
        """All that we hold about them, as a file."""
        with reading(self._runtime.engine) as connection:
            to = self._visit(connection, token, EXPORT, database_now(connection))
            found = all_of(connection, to.reader.id)
        name = {"Content-Disposition": 'attachment; filename="colporteur.json"'}
        body = json.dumps(found, ensure_ascii=False, indent=2)
        return Response(body, headers={**PRIVATE, **name}, media_type="application/json")

    def erase(self, token: str) -> Response:
        """Forget them."""
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            to = self._visit(connection, token, ERASE, now, lock=True)
            erase(connection, to.reader.id, by=BY, now=now)
        return self._showing.notice(to.publication, to.language, "erased")

    def in_time(self, answer: Callable[[str], Response]) -> Callable[[str], Response]:
        """The same, but who comes with an expired token is told where to ask for a new one."""

        @wraps(answer)
        def answered(token: str) -> Response:
            try:
                return answer(token)
            except TokenExpired as over:
                return self._over(over.value[0])

        return answered

    def _over(self, subscriber_id: int) -> Response:
        with reading(self._runtime.engine) as connection:
            reader = person(connection, subscriber_id)
            to = at_home(connection, self._runtime.settings, reader)
        return self._showing.notice(to.publication, to.language, "over", code=_GONE)

    def _visit(
        self,
        connection: Connection,
        token: str,
        purpose: str,
        now: datetime,
        *,
        lock: bool = False,
    ) -> Visit:
        settings, lasts = self._runtime.settings, OWN_DATA_FOR
        return visit(connection, settings, token, now, lock=lock, purpose=purpose, lasts=lasts)
