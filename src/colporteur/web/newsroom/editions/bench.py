"""The page of the desk: what was typed, what there is, and what was found or done."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

from colporteur.articles.store import topic_slugs
from colporteur.digests.subject import ABOUT
from colporteur.editions import store
from colporteur.editions.arranging import SUBJECT_AT_MOST, Openness
from colporteur.editions.calendar import slots
from colporteur.editions.lineup import Listed
from colporteur.staff.permissions import May
from colporteur.typography import one_line, shorten
from colporteur.web.desk import Desk
from colporteur.web.newsroom.editions.telling import clock_of, edition_of, head, home_of, readers_of
from colporteur.web.newsroom.editions.typed import Typed
from colporteur.web.newsroom.editions.wishing import Wishing
from colporteur.web.newsroom.findings import Finding, findings_of
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_TEASER_AT_MOST = 160
_PREHEADER_ABOUT = 90  # characters that lists of mails show


@dataclass(frozen=True)
class Shown:
    """What the page shows beside the edition: what was typed, found or done.

    ``typed`` is None for the edition as it is kept; ``moved`` the article that a button moved;
    ``gone`` titles that vanished; ``checked`` what a check found just now.
    """

    typed: Typed | None = None
    code: int = 200
    faults: Mapping[str, str] = field(default_factory=dict)
    moved: str = ""
    gone: Sequence[str] = ()
    closed: bool = False
    checked: Sequence[Finding] | None = None
    nothing: bool = False
    tested: Sequence[str] = ()


@dataclass(frozen=True)
class Card:
    """An article of the desk. ``place`` is where it stands among all, the newest first."""

    id: int
    title: str
    teaser: str
    language: str
    topics: str
    date: str
    readers: str
    nobody: bool
    scheduled: bool
    brought: bool
    place: int


class Bench:
    """The page of the desk."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def page(self, visit: Visit, shown: Shown) -> Response:
        """The page."""
        room = self._room
        with room.reading(visit) as desk:
            edition = edition_of(desk, visit)
            wishing = Wishing(desk, edition)
            one = head(room, visit, desk, edition)
            cards = self._cards(visit, desk, wishing.listed)
            version = store.version(desk.connection, edition.id)
            clock = clock_of(visit, desk)
            meant = clock.number(readers_of(desk, edition))
            earlier = _earlier(desk, wishing)
        gone = list(shown.gone)
        typed = wishing.fitted(shown.typed) if shown.typed else wishing.as_kept()
        lead = edition.arrangement.lead
        return room.page(
            visit,
            "edition_arrange",
            one.title,
            code=shown.code,
            one=one,
            edition=edition,
            shown=shown,
            typed=typed,
            cards=cards,
            gone=gone,
            lost_lead=lead is not None and lead not in cards and shown.typed is None,
            all_open=wishing.open is Openness.ALL,
            any_open=wishing.open is not Openness.NOTHING,
            readers=meant,
            earlier=earlier,
            seen=visit.form.one("seen") or str(version),
            nonce=secrets.token_urlsafe(12),
            to=visit.form.one("to") or visit.person.address,
            reader=visit.form.one("reader")[:320] if visit.may(May.READERS) else "",
            findings=findings_of(room, visit, edition.findings),
            checked_at=clock.moment(edition.checked_at) if edition.checked_at else "",
            about=ABOUT,
            preheader_about=_PREHEADER_ABOUT,
            at_most=SUBJECT_AT_MOST,
            faults=shown.faults,
        )

    def _cards(self, visit: Visit, desk: Desk, listed: Sequence[Listed]) -> dict[int, Card]:
        topics = topic_slugs(desk.connection)
        return {
            one.id: self._card(visit, desk, topics, one, place) for place, one in enumerate(listed)
        }

    def _card(
        self, visit: Visit, desk: Desk, topics: Mapping[int, str], one: Listed, place: int
    ) -> Card:
        article, publication, clock = one.article, desk.publication, clock_of(visit, desk)
        slugs = [topics[topic] for topic in article.topics if topic in topics]
        named = [
            publication.topics[slug].name.get(visit.tag)
            or publication.topics[slug].name.get(article.language, slug)
            for slug in slugs
            if slug in publication.topics
        ]
        return Card(
            id=one.id,
            title=one_line(article.title),
            teaser=shorten(one_line(article.teaser), _TEASER_AT_MOST),
            language=article.language,
            topics=", ".join(named),
            date=clock.moment(one.dated_at),
            readers="" if one.readers is None else clock.number(one.readers),
            nobody=one.readers == 0,
            scheduled=one.scheduled,
            brought=one.brought,
            place=place,
        )


def _earlier(desk: Desk, wishing: Wishing) -> bool:
    """Whether an earlier edition of the cadence comes first, and brings what waits now."""
    edition, channel = wishing.edition, home_of(desk, wishing.edition)
    rules = channel.digest if channel else None
    rule = rules.cadences.get(edition.cadence or "") if rules else None
    if rules is None or rule is None or edition.slot is None or edition.frozen_at is not None:
        return False
    zone = desk.publication.zone_of(rule)
    before = slots(rule, zone, desk.now, edition.slot, frozenset(rules.skip))
    return any(slot != edition.slot for slot in before)
