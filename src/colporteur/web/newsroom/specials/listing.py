"""The list of special editions: those being written, those that wait, and those that were sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from colporteur.editions import store
from colporteur.editions.special_drafts import unfinished
from colporteur.editions.states import ENDED, State
from colporteur.editions.store import CORRECTION, SPECIAL, Edition
from colporteur.web.desk import Desk
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.specials import keeping
from colporteur.web.newsroom.specials.titles import titles_of, titles_of_drafts
from colporteur.web.newsroom.specials.words import Words
from colporteur.web.newsroom.visiting import Visit, as_id

_DRAFTS_AT_MOST = 100
_PAGE = 20
_COMING = tuple(one for one in State if one not in ENDED)
_KINDS = (SPECIAL, CORRECTION)
_REACHING = {State.HELD, State.FROZEN, State.SENDING, State.PAUSED, State.SENT}


@dataclass(frozen=True)
class Entry:
    """An edition in the list, in words."""

    id: int
    title: str
    correction: bool
    state: str
    alarm: bool
    moment: str
    readers: str
    correctable: bool


@dataclass(frozen=True)
class Written:
    """A draft in the list, in words."""

    id: int
    title: str
    correction: bool
    by: str
    moment: str


class Listing:
    """The page of all special editions."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def look(self, visit: Visit) -> Response:
        """Drafts first, then what waits or leaves, then what was sent, the newest first."""
        before = visit.query.one("before")
        with self._room.reading(visit) as desk:
            words = keeping.words_of(self._room, visit, desk.publication.timezone)
            connection = desk.connection
            drafts = unfinished(connection, _DRAFTS_AT_MOST)
            titles = titles_of_drafts(connection, drafts)
            coming = store.listing(connection, limit=_DRAFTS_AT_MOST, states=_COMING, kinds=_KINDS)
            past = store.listing(
                connection,
                limit=_PAGE + 1,
                before=as_id(before) if before else None,
                states=tuple(ENDED),
                kinds=_KINDS,
            )
            written = [
                Written(
                    one.id,
                    titles[one.id],
                    one.writing.corrects is not None,
                    one.changed_by,
                    words.moment(one.changed_at),
                )
                for one in drafts
            ]
            shown = _entries(desk, words, [*coming, *past[:_PAGE]])
        return self._room.page(
            visit,
            "specials",
            words.say("Special editions"),
            drafts=[] if before else written,
            coming=[] if before else shown[: len(coming)],
            past=shown[len(coming) :],
            older=past[_PAGE - 1].id if len(past) > _PAGE else None,
            before=before,
        )


def _entries(desk: Desk, words: Words, found: Sequence[Edition]) -> list[Entry]:
    titles = titles_of(desk.connection, found)
    frozen = store.readers(desk.connection, [one.id for one in found])
    return [
        Entry(
            one.id,
            titles[one.id],
            one.kind == CORRECTION,
            words.state(one),
            one.state in {State.AWAITING_APPROVAL, State.PAUSED, State.HELD},
            words.moment(one.send_at) if one.send_at else "",
            words.people(frozen[one.id]) if one.id in frozen and one.state in _REACHING else "",
            one.state in ENDED and one.first_left_at is not None,
        )
        for one in found
    ]
