"""Why one reader got or did not get an edition, and each of its articles, in the visitor's words."""

from dataclasses import dataclass

from starlette.responses import Response

from colporteur.editions.explaining.reasons import Because, Outcome
from colporteur.editions.explaining.regular import Delivered, Explanation
from colporteur.editions.explaining.special import explain
from colporteur.web.desk import Desk
from colporteur.web.newsroom.editions import words
from colporteur.web.newsroom.editions.readers import reader_named
from colporteur.web.newsroom.editions.telling import clock_of, edition_of, head, why_said
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit


@dataclass(frozen=True)
class Fate:
    """What became of one article for a reader; ``place`` where they get it."""

    id: int
    title: str
    place: int | None
    why: str


@dataclass(frozen=True)
class Explained:
    """Why a reader did or did not get an edition, in sentences."""

    reader_id: int
    address: str
    sentences: list[str]
    answer: str
    fates: list[Fate]
    agrees: bool


class Explaining:
    """The page that explains."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def ask(self, visit: Visit) -> Response:
        """The form; with the number of a reader in the question, the answer too."""
        return self._page(visit, visit.query.one("reader"))

    def answer(self, visit: Visit) -> Response:
        """The explanation for the reader of an address or number. Nothing changes."""
        return self._page(visit, visit.form.one("reader"), required=True)

    def _page(self, visit: Visit, name: str, *, required: bool = False) -> Response:
        found: Explained | None = None
        with self._room.reading(visit) as desk:
            edition = edition_of(desk, visit)
            one = head(self._room, visit, desk, edition)
            reader = reader_named(desk.connection, name)
            if reader is not None:
                explained = explain(desk.connection, edition, reader, desk.now)
                found = self._told(visit, desk, explained, reader.id, reader.address)
        wrong = found is None and (required or bool(name))
        fault = self._room.say(visit, "No reader has this address or number.") if wrong else ""
        return self._room.page(
            visit,
            "edition_explain",
            self._room.say(visit, "Why did they get it, or not?"),
            code=422 if wrong else 200,
            one=one,
            found=found,
            typed=name[:320],
            faults={"reader": fault} if fault else {},
        )

    def _told(
        self, visit: Visit, desk: Desk, found: Explanation, reader_id: int, address: str
    ) -> Explained:
        room, delivery = self._room, found.delivery
        sentences, answer = [], ""
        if delivery is None or found.outcome is Outcome.WELCOMED:
            sentences.append(room.say(visit, words.OUTCOMES[found.outcome]))
        if delivery is None and found.edition.reason and found.edition.frozen_at is None:
            sentences.append(why_said(room, visit, desk, found.edition.reason))
        if delivery is not None:
            sentences += self._of_delivery(visit, desk, delivery)
            parts = (delivery.smtp_code, delivery.reply)
            answer = " ".join(str(part) for part in parts if part)
        fates = [
            Fate(one.id, one.title, one.place, self._why(visit, one)) for one in found.articles
        ]
        return Explained(reader_id, address, sentences, answer, fates, found.agrees)

    def _of_delivery(self, visit: Visit, desk: Desk, one: Delivered) -> list[str]:
        room, clock = self._room, clock_of(visit, desk)
        at = {"pending": one.due_at, "deferred": one.next_attempt_at}.get(one.status, one.ended_at)
        said = room.say(
            visit,
            words.DELIVERED[one.status],
            moment=clock.moment(at) if at else "",
        )
        sentences = [said]
        if one.status == "skipped" and (why := words.SKIPPED.get(one.reason or "")):
            sentences.append(room.say(visit, why))
        if one.possible_duplicates:
            times = one.possible_duplicates + 1
            sentences.append(room.say(visit, "Perhaps it came %(count)s times.", count=times))
        return sentences

    def _why(self, visit: Visit, one: Because) -> str:
        if one.place is not None:
            return self._room.say(visit, words.FATES[one.fate])
        if one.edition is not None and one.fate in words.BY_EDITION:
            return self._room.say(visit, words.BY_EDITION[one.fate], number=one.edition)
        return self._room.say(visit, words.FATES[one.fate])
