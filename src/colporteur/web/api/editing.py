"""Does to editions what programs ask: one transaction each, and then the tick is rung."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from colporteur import tasks
from colporteur.db import database_now, reading, writing
from colporteur.db.numbering import last_number
from colporteur.editions import arranging, scheduling, specials, store
from colporteur.editions.brakes import in_force
from colporteur.editions.drafting import Wanted, correction_of
from colporteur.editions.specials import Special
from colporteur.editions.states import State
from colporteur.editions.store import Edition
from colporteur.exceptions import ColporteurError
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.staff import people
from colporteur.staff.tokens import Token
from colporteur.tasks import Runtime
from colporteur.web.api.edition_bodies import (
    ArrangingBody,
    ConfirmingBody,
    CorrectionBody,
    SpecialBody,
)
from colporteur.web.api.edition_desk import Desk, special_of, wishes_of
from colporteur.web.api.edition_problems import refusals, said
from colporteur.web.api.edition_views import EditionView, WholeView
from colporteur.web.api.noting import note
from colporteur.web.api.problems import Problem

_NOTED = {
    "approve": "edition.approved",
    "hold": "edition.held",
    "release": "edition.released",
    "pause": "edition.paused",
    "resume": "edition.resumed",
    "cancel": "edition.cancelled",
    "withdraw": "special.withdrawn",
    "confirmed": "special.confirmed",
}
"""What the log calls an action."""

Action = Callable[[Desk, Edition, str], object]


@dataclass(frozen=True)
class Question:
    """Which editions are asked for."""

    limit: int
    before: int | None = None
    states: Sequence[State] = ()
    channel: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Editing:
    """The API's way to the editions of one installation."""

    runtime: Runtime

    def some(self, question: Question, token: Token) -> tuple[list[EditionView], bool]:
        """A page of editions, the newest first; whether there are more."""
        with reading(self.runtime.engine) as connection:
            desk = self._desk(connection, token)
            channel_id = None
            if question.channel is not None:
                with said():
                    channel = desk.revision.publication.channel(question.channel)
                channel_id = desk.names.channels[channel.slug]
            found = store.listing(
                connection,
                limit=question.limit + 1,
                before=question.before,
                states=question.states,
                channel_id=channel_id,
                since=question.since,
                until=question.until,
            )
            return desk.telling.some(found[: question.limit]), len(found) > question.limit

    def one(self, key: str, token: Token) -> WholeView:
        """One edition, with its history."""
        with reading(self.runtime.engine) as connection:
            desk = self._desk(connection, token)
            return desk.telling.whole(desk.edition(key, to_change=False))

    def act(
        self,
        key: str,
        token: Token,
        action: Action,
        why: str,
        *,
        conflict: type[ColporteurError] | None = None,
    ) -> WholeView:
        """Have something done to an edition, for a reason."""
        with self._writing(token, conflict=conflict) as desk:
            edition = desk.edition(key)
            action(desk, edition, why)
            self._note(desk, token, _NOTED[action.__name__], edition.id, why)
            view = self._view(desk, edition.id)
        self._ring()
        return view

    def arrange(self, key: str, body: ArrangingBody, token: Token) -> WholeView:
        """Change what an edition looks like."""
        with self._writing(token) as desk:
            view = self._arranged(desk, desk.edition(key), body, token)
        self._ring()
        return view

    def arrange_slot(
        self, channel: str, cadence: str, slot: datetime, body: ArrangingBody, token: Token
    ) -> tuple[WholeView, bool]:
        """The same of a slot that the calendar shows; whether its edition was opened for it."""
        with self._writing(token) as desk:
            found = desk.revision.publication.channel(channel)
            found.cadence(cadence)
            last_number(desk.connection)  # who opens it at the same moment waits
            channel_id = desk.names.channels[found.slug]
            known = store.of_slot(desk.connection, channel_id, cadence, slot)
            edition = arranging.edition_at(
                desk.connection,
                desk.revision,
                desk.names,
                found,
                cadence,
                slot,
                by=desk.by,
                now=desk.now,
            )
            in_turn = store.load_in_turn(desk.connection, edition.id)
            view = self._arranged(desk, in_turn, body, token)
        self._ring()
        return view, known is None

    def send(self, channel: str, cadence: str, token: Token) -> WholeView:
        """Send an edition now.

        Raises:
            Problem: 409, all sending is suspended.
        """
        with self._writing(token) as desk:
            if held := desk.brake.suspended:
                raise Problem(
                    409,
                    f"All sending is suspended, by {held.by}: {held.why}",
                    "Have it released first.",
                    kind="suspended",
                )
            edition, _ = scheduling.send_now(
                desk.connection,
                desk.revision,
                desk.names,
                desk.revision.publication.channel(channel),
                cadence,
                by=desk.by,
                now=desk.now,
                brake=desk.brake,
            )
            self._note(desk, token, "edition.sent_now", edition.id)
            view = self._view(desk, edition.id)
        self._ring()
        return view

    def draft(self, body: SpecialBody, key: str, token: Token) -> tuple[WholeView, bool]:
        """Draft a special; it, and whether it is new under this key."""
        with self._writing(token) as desk, said():
            return self._drafted(desk, special_of(desk, body), key, token)

    def correct(
        self, edition: str, body: CorrectionBody, key: str, token: Token
    ) -> tuple[WholeView, bool]:
        """Draft a correction for those who received an edition; whether it is new."""
        with self._writing(token) as desk:
            wrong = desk.edition(edition, to_change=False)
            wanted = Wanted(note=body.note, subject=body.subject, preheader=body.preheader)
            with said():
                special = correction_of(desk.revision.publication, desk.names, wrong, wanted)
            return self._drafted(desk, special, key, token)

    def confirm(self, key: str, body: ConfirmingBody, token: Token) -> WholeView:
        """Send a draft, now or at a time, once its hold is over."""

        def confirmed(desk: Desk, edition: Edition, _: str) -> None:
            specials.confirm(
                desk.connection,
                edition,
                desk.revision,
                typed=body.readers,
                at=body.at,
                by=desk.by,
                now=desk.now,
                whom=desk.whom,
            )

        return self.act(key, token, confirmed, "")

    @contextmanager
    def _writing(
        self, token: Token, *, conflict: type[ColporteurError] | None = None
    ) -> Iterator[Desk]:
        with refusals(conflict=conflict), writing(self.runtime.engine) as connection:
            yield self._desk(connection, token)

    def _desk(self, connection: Connection, token: Token) -> Desk:
        revision = require(connection)
        names = ids(connection, revision.publication)
        real_relay = self.runtime.settings.outbox is None
        brake = in_force(connection, revision.publication, real_relay=real_relay)
        person = people.by_id(connection, token.user_id)
        return Desk(connection, revision, names, person, database_now(connection), brake)

    def _view(self, desk: Desk, edition_id: int) -> WholeView:
        return desk.telling.whole(store.load(desk.connection, edition_id))

    def _note(self, desk: Desk, token: Token, what: str, edition_id: int, why: str = "") -> None:
        subject = f"edition:{edition_id}"
        note(desk.connection, token, what, subject, desk.now, why=why)

    def _arranged(
        self, desk: Desk, edition: Edition, body: ArrangingBody, token: Token
    ) -> WholeView:
        with said():
            wishes = wishes_of(desk, edition, body)
            arranging.arrange(desk.connection, edition, wishes, by=desk.by, now=desk.now)
        self._note(desk, token, "edition.arranged", edition.id)
        return self._view(desk, edition.id)

    def _drafted(
        self, desk: Desk, special: Special, key: str, token: Token
    ) -> tuple[WholeView, bool]:
        mine = f"api:{token.user_id}:{key}"  # another holder's key is another key
        last_number(desk.connection)  # the same at the same moment waits
        known = store.of_key(desk.connection, mine)
        edition = specials.draft(
            desk.connection, special, desk.names, key=mine, by=desk.by, now=desk.now
        )
        if known is None:
            self._note(desk, token, "special.begun", edition.id)
        return self._view(desk, edition.id), known is None

    def _ring(self) -> None:
        if not self.runtime.settings.embedded:
            tasks.ring(tasks.tick)  # embedded, the engine's own tick finds it within a second
