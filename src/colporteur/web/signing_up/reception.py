"""Takes what somebody asks for, by form or by program: past the gates, then into the database.

What it comes to is the same for who asks, whether the address is known, unknown or on the
do-not-mail list, and whether a letter leaves at once, waits, or was one too many.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from colporteur.db import database_now, writing
from colporteur.delivery.welcoming.asking import Wish, receive
from colporteur.delivery.welcoming.gates import Gates, Passage
from colporteur.delivery.welcoming.waiting import tell_of_the_breaker
from colporteur.publication import Publication
from colporteur.tasks import Runtime
from colporteur.tasks.signing_up import office_of

Then = Callable[[Connection, datetime], None]
_log = logging.getLogger(__name__)


class Reception:
    """Takes wishes for one installation."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def wait(self, publication: Publication, ip: str | None) -> timedelta:
        """Count a form from an IP address; how long it must wait, nothing where it passes."""
        return self._gates(publication).form(ip)

    def take(self, publication: Publication, wish: Wish, then: Then | None = None) -> None:
        """Keep a wish, and write to its address, if the gates let it through.

        ``then`` is what else is done in the same transaction, at that moment.
        """
        gates = self._gates(publication)
        if not gates.address(wish.address):
            return  # enough letters went there already
        passage = gates.letter(wish.address.domain)
        with writing(self._runtime.engine) as connection:
            office = office_of(connection, self._runtime)
            assert office is not None
            now = database_now(connection)
            receive(connection, office, wish, now, at_once=passage is Passage.OPEN)
            if then is not None:
                then(connection, now)
            if passage is Passage.ALL_FULL and tell_of_the_breaker(connection, office, now):
                _log.warning("More sign up than the limit lets through: letters to them wait.")

    def _gates(self, publication: Publication) -> Gates:
        return Gates(self._runtime.limits, publication.subscribing.at_most)
