"""``/preferences/new-address/<token>``: a reader confirms their new address, at that address."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from colporteur.audience.addresses import EmailAddress, mask
from colporteur.audience.links import NEW_ADDRESS_FOR, preferences_link
from colporteur.audience.new_address import Standing, move_to, standing_of
from colporteur.audience.preferences import Person, links_count_from, person
from colporteur.db import database_now, reading, writing
from colporteur.delivery.to_readers import asked_address, tell_old_address
from colporteur.exceptions import TokenExpired
from colporteur.tasks import Runtime
from colporteur.tokens import NEW_ADDRESS, read_passing, works_until
from colporteur.web.preferences.changing import BY
from colporteur.web.preferences.showing import Showing
from colporteur.web.preferences.visiting import at_home

_GONE, _NOT_FREE = 410, 409


def moving_routes(runtime: Runtime, showing: Showing) -> APIRouter:
    """A page with a button on GET; the address changes on POST, once."""
    moving = _Moving(runtime, showing)
    routes = APIRouter()
    routes.add_api_route("/preferences/new-address/{token}", moving.ask, methods=["GET"])
    routes.add_api_route("/preferences/new-address/{token}", moving.press, methods=["POST"])
    return routes


@dataclass(frozen=True)
class _Asked:
    """Who asked for which address; None where the button works no more."""

    reader: Person
    new: EmailAddress | None
    mark: str

    @property
    def done(self) -> bool:
        """Whether they have it already."""
        return self.new is not None and self.reader.address == self.new.text


class _Moving:
    """The one page."""

    def __init__(self, runtime: Runtime, showing: Showing) -> None:
        self._runtime = runtime
        self._showing = showing

    def ask(self, token: str) -> Response:
        """The page with its button; it changes nothing."""
        with reading(self._runtime.engine) as connection:
            now = database_now(connection)
            return self._answer(connection, token, self._asked(connection, token, now), now)

    def press(self, token: str) -> Response:
        """Write to them there from now on, and tell the old address."""
        with writing(self._runtime.engine) as connection:
            now = database_now(connection)
            found = self._asked(connection, token, now, lock=True)
            if found.new is not None and not found.done:
                before = found.reader
                if move_to(connection, before, found.new, by=BY, now=now):
                    tell_old_address(connection, before, found.mark, now)
                    found = self._asked(connection, token, now)
            return self._answer(connection, token, found, now)

    def _asked(
        self, connection: Connection, token: str, now: datetime, *, lock: bool = False
    ) -> _Asked:
        """What a token asks for. One from before they last moved works no more, nor an old one."""
        secret_key, over = self._runtime.settings.secret_keys, False
        try:
            number, mark = read_passing(secret_key, NEW_ADDRESS, token, now)
        except TokenExpired as error:
            (number, mark), over = error.value, True
        reader = person(connection, number, lock=lock)
        found = _Asked(reader, asked_address(connection, reader, mark), mark)
        made = works_until(secret_key, NEW_ADDRESS, token) - NEW_ADDRESS_FOR
        moved = links_count_from(connection, reader.id)
        stale = moved is not None and made < moved.replace(microsecond=0)
        return _Asked(reader, None, mark) if over or (stale and not found.done) else found

    def _answer(self, connection: Connection, token: str, found: _Asked, now: datetime) -> Response:
        to = at_home(connection, self._runtime.settings, found.reader)
        say = self._showing.notice
        if found.new is None:
            return say(to.publication, to.language, "over", code=_GONE)
        if found.done:
            there = preferences_link(to.links.secret_key, "", to.reader.id, now)
            return say(to.publication, to.language, "moved", there=there)
        free = standing_of(connection, found.reader, found.new) in {Standing.FREE, Standing.OWN}
        if not free:
            return say(to.publication, to.language, "not-free", code=_NOT_FREE)
        return say(
            to.publication,
            to.language,
            "move",
            action=f"/preferences/new-address/{token}",
            old=mask(found.reader.address),
            new=found.new.masked,
        )
