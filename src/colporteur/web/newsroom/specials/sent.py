"""After the button: approval, the hold in which an edition can be withdrawn, progress, report."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.editions import specials, steering
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import Edition, load, load_in_turn, readers
from colporteur.exceptions import ApprovalRefused, SpecialRefused, TransitionRefused
from colporteur.staff.permissions import May
from colporteur.web.newsroom.live import shown
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.specials import keeping
from colporteur.web.newsroom.specials.titles import titles_of
from colporteur.web.newsroom.specials.words import Words
from colporteur.web.newsroom.visiting import Visit

_SHOWN_LIVE = (State.FROZEN, State.SENDING, State.PAUSED, State.SENT)
_COUNTED_WITHIN = timedelta(days=1)
_MINUTE = 60


@dataclass(frozen=True)
class Holding:
    """Until when an edition can be withdrawn, for ``_holding.html.j2`` and its countdown.

    ``until`` and ``now`` are ISO 8601, ``left`` is what the countdown says at first (4:32), empty
    where it is too far away to be counted; ``moment`` is the same in words.
    """

    edition_id: int
    until: str
    now: str
    left: str
    moment: str


def holding(edition: Edition, words: Words, now: datetime) -> Holding | None:
    """The hold of an edition; None where it cannot be withdrawn any more, or waits for no time."""
    until = specials.withdrawable_until(edition)
    if until is None or edition.state is State.AWAITING_APPROVAL:
        return None
    span = until - now
    left = "" if span > _COUNTED_WITHIN else countdown(max(0, int(span.total_seconds())))
    return Holding(edition.id, until.isoformat(), now.isoformat(), left, words.moment(until))


def countdown(seconds: int) -> str:
    """``4:32``, or ``1:04:32``."""
    minutes, rest = divmod(seconds, _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Sent:
    """The page of a special edition that was confirmed."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def look(self, visit: Visit) -> Response:
        """How it stands."""
        return self._page(visit)

    def withdraw(self, visit: Visit) -> Response:
        """Take it back before it leaves."""
        path = keeping.sent_path(visit.number())
        with self._room.changing(visit, May.STEER) as desk:
            edition = _special(load_in_turn(desk.connection, visit.number()))
            if edition.state is not State.CANCELLED:
                try:
                    specials.withdraw(
                        desk.connection, edition, by=desk.by, why="withdrawn", now=desk.now
                    )
                except SpecialRefused:
                    return self._room.to(path, "late")
                desk.note("special.withdrawn", f"edition:{edition.id}")
        self._room.ring()
        return self._room.to(path, "withdrawn")

    def approve(self, visit: Visit) -> Response:
        """Let it leave, as somebody else than who wrote it where the publication wants that."""
        path = keeping.sent_path(visit.number())
        with self._room.changing(visit, May.APPROVE) as desk:
            edition = _special(load_in_turn(desk.connection, visit.number()))
            try:
                steering.approve(
                    desk.connection, edition, desk.revision, desk.names, by=desk.by, now=desk.now
                )
            except ApprovalRefused:
                return self._room.to(path, "own")
            except TransitionRefused:
                return self._room.to(path)  # it is, or it was withdrawn: the page says which
            desk.note("special.approved", f"edition:{edition.id}")
        self._room.ring()
        return self._room.to(path, "approved")

    def _page(self, visit: Visit) -> Response:
        with self._room.reading(visit) as desk:
            edition = _special(load(desk.connection, visit.number()))
            words = keeping.words_of(self._room, visit, desk.publication.timezone)
            title = titles_of(desk.connection, [edition])[edition.id]
            frozen = readers(desk.connection, [edition.id]).get(edition.id, 0)
            four_eyes, suspended = desk.publication.four_eyes, desk.brake.suspended
            now, by = desk.now, desk.by
            live = edition.state in _SHOWN_LIVE
            told = shown(self._room, visit, desk, [edition.id])[0] if live else None
        draft = edition.state is State.OPEN and edition.send_at is None
        return self._room.page(
            visit,
            "special_sent",
            title or words.say("A special edition"),
            edition=edition,
            draft=draft,
            state=words.state(edition),
            awaiting=edition.state is State.AWAITING_APPROVAL,
            holding=None if draft else holding(edition, words, now),
            told=told,
            ended=edition.state in ENDED,
            nothing_left=edition.state in {State.SKIPPED, State.MISSED},
            sent=edition.state is State.SENT,
            readers=words.people(frozen) if frozen else "",
            leaves=words.moment(edition.send_at) if edition.send_at else "",
            own=four_eyes and by in edition.arranged_by,
            four_eyes=four_eyes,
            suspended=suspended,
        )


def _special(edition: Edition) -> Edition:
    if edition.regular:
        raise HTTPException(404)
    return edition
