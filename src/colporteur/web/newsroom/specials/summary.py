"""The last page before a special edition leaves: all of it at once, a test, and the button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from colporteur.delivery.draft_proofs import draft_seen, look_draft_over
from colporteur.delivery.looking_over import LookedOver
from colporteur.delivery.proofs import post
from colporteur.editions import special_drafts, specials
from colporteur.editions.drafting import meant_by
from colporteur.editions.freezing.special import readers_meant
from colporteur.editions.moments import read_moment
from colporteur.editions.special_drafts import Draft
from colporteur.editions.special_obstacles import Met, Obstacle, obstacles
from colporteur.exceptions import (
    AddressRefused,
    NumberRefused,
    SpecialRefused,
    UnknownName,
)
from colporteur.publication import Publication
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.findings import findings_of
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.specials import keeping
from colporteur.web.newsroom.specials.reaching import reach_of, told
from colporteur.web.newsroom.specials.titles import titles_of_drafts
from colporteur.web.newsroom.specials.typed import number_typed
from colporteur.web.newsroom.specials.when import leaves_at
from colporteur.web.newsroom.specials.words import STEPS, Words
from colporteur.web.newsroom.visiting import Visit

_NOT_COUNTED = {Obstacle.HOME_GONE, Obstacle.CORRECTED_GONE}


@dataclass(frozen=True)
class _Wrong:
    """What went wrong with a form of this page: by its field, or for the page's head."""

    number: str = ""
    test: str = ""
    head: str = ""
    code: int = 422


NOTHING_WRONG = _Wrong(code=200)


class Summary:
    """The page on which a draft is confirmed."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def look(self, visit: Visit) -> Response:
        """All that will be sent."""
        return self._page(visit, NOTHING_WRONG)

    def test(self, visit: Visit) -> Response:
        """Send it to whoever asks."""
        runtime = self._room.runtime
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
        if gone := keeping.led_on(self._room, draft):
            return gone
        try:
            made = draft_seen(
                runtime.engine, runtime.settings, runtime.templates, draft.writing, test=True
            )
            with self._room.changing(visit, May.STEER) as desk:
                post(desk.connection, made, [desk.person.address], desk.brake, desk.now)
                desk.note("special.tested", f"special-draft:{draft.id}", to=desk.person.address)
        except AddressRefused as error:
            return self._page(visit, _Wrong(test=f"{error.message} {error.cure}"))
        except SpecialRefused:
            return self._page(visit, _Wrong())  # the page says what is missing
        self._room.ring()
        return self._room.to(keeping.path_of(draft, "summary"), "tested")

    def send(self, visit: Visit) -> Response:
        """Confirm it: from here on it leaves by itself, once its hold is over."""
        text = visit.form.one("readers")
        try:
            with self._room.changing(visit, May.STEER) as desk:
                draft = special_drafts.load(desk.connection, visit.number(), to_change=True)
                if draft.edition_id is not None:
                    return self._room.to(keeping.sent_path(draft.edition_id), "already")
                changed = draft.version != keeping.seen_of(visit)
                number = None if changed else _confirmed(desk, draft, number_typed(text))
        except NumberRefused as error:
            return self._page(visit, self._mistyped(visit, text, error))
        except UnknownName:
            if not self._there(visit):
                raise
            return self._page(visit, _Wrong())
        except SpecialRefused:
            return self._page(visit, _Wrong())
        if number is None:
            return self._page(visit, self._changed(visit, draft))
        self._room.ring()
        return self._room.to(keeping.sent_path(number), "confirmed")

    def discard(self, visit: Visit) -> Response:
        """Throw the draft away."""
        with self._room.changing(visit, May.STEER) as desk:
            draft = special_drafts.load(desk.connection, visit.number(), to_change=True)
            if draft.edition_id is None:
                special_drafts.discard(desk.connection, draft)
                said = draft.writing.subject
                desk.note("special.discarded", f"special-draft:{draft.id}", title=said)
        gone = keeping.led_on(self._room, draft)
        return gone or self._room.to(keeping.HOME, "discarded")

    def _there(self, visit: Visit) -> bool:
        with self._room.reading(visit) as desk:
            try:
                keeping.opened(desk, visit)
            except UnknownName:
                return False
        return True

    def _mistyped(self, visit: Visit, text: str, error: NumberRefused) -> _Wrong:
        words = self._words(visit)
        right = words.number(error.readers)
        if not text:
            said = words.say("Type the number of readers: %(number)s.", number=right)
        else:
            said = words.say(
                "It is for %(number)s readers, and “%(typed)s” was typed.",
                number=right,
                typed=text[:20],
            )
        return _Wrong(number=said)

    def _changed(self, visit: Visit, draft: Draft) -> _Wrong:
        words = self._words(visit)
        said = words.say(
            "%(who)s changed this draft at %(moment)s: look at it once more. Nothing was sent.",
            who=draft.changed_by,
            moment=words.moment(draft.changed_at),
        )
        return _Wrong(head=said, code=409)

    def _words(self, visit: Visit) -> Words:
        with self._room.reading(visit) as desk:
            return keeping.words_of(self._room, visit, desk.publication.timezone)

    def _page(self, visit: Visit, wrong: _Wrong) -> Response:
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
            if gone := keeping.led_on(self._room, draft):
                return gone
            publication = desk.publication
            met = obstacles(desk.connection, publication, desk.names, draft.writing, desk.now)
            title = titles_of_drafts(desk.connection, [draft])[draft.id]
            rules, now = publication.specials, desk.now
            channels = {
                desk.names.channels[one.slug]: (one.title, one.language)
                for one in publication.channels
            }
        words = keeping.words_of(self._room, visit, publication.timezone)
        counted = not _NOT_COUNTED & {one.obstacle for one in met}
        found = reach_of(self._room.runtime, draft.writing) if counted else None
        links = visit.query.one("links") == "yes"
        looked = self._looked(draft, links=links) if found and found.get and not met else None
        path = keeping.path_of(draft)
        return self._room.page(
            visit,
            "special_summary",
            words.say("Look once more, then send"),
            code=wrong.code,
            draft=draft,
            step="summary",
            subject=title,
            wrong=wrong,
            obstacles=[(words.obstacle(one), _place(path, one.obstacle)) for one in met],
            told=told(words, found, channels) if found else None,
            number_asked=bool(found and found.meant > rules.confirm_above),
            looked=looked,
            findings=findings_of(
                self._room, visit, [one.as_json() for one in looked.findings] if looked else []
            ),
            links=links,
            hold=words.span(rules.hold) if rules.hold else "",
            approval=rules.approval,
            leaves=_leaves(words, publication, draft, met, now),
            typed=visit.form.one("readers")[:40],
        )

    def _looked(self, draft: Draft, *, links: bool) -> LookedOver | None:
        runtime = self._room.runtime
        try:
            return look_draft_over(
                runtime.engine, runtime.settings, runtime.templates, draft.writing, links=links
            )
        except (SpecialRefused, UnknownName):
            return None  # somebody changed something between two looks


def _confirmed(desk: Desk, draft: Draft, typed: int | None) -> int:
    """Draft the edition and confirm it, as one; its id."""
    writing, zone = draft.writing, desk.publication.timezone
    special = meant_by(desk.publication, desk.names, writing)
    met = obstacles(desk.connection, desk.publication, desk.names, writing, desk.now)
    if met:
        raise SpecialRefused(f"It cannot be sent: {met[0].obstacle}.", cure="Look at its page.")
    edition = specials.draft(
        desk.connection,
        special,
        desk.names,
        key=draft.key,
        by=desk.by,
        now=desk.now,
        hands=draft.hands,
    )
    after = specials.confirm(
        desk.connection,
        edition,
        desk.revision,
        typed=typed,
        at=read_moment(writing.at, zone) if writing.at else None,
        by=desk.by,
        now=desk.now,
        whom=desk.whom,
    )
    special_drafts.became(desk.connection, draft, after.id)
    desk.note(
        "special.confirmed",
        f"edition:{after.id}",
        draft=draft.id,
        title=writing.subject,
        readers=readers_meant(desk.connection, special.audience, desk.whom),
    )
    return after.id


def _place(path: str, obstacle: Obstacle) -> str:
    step = STEPS.get(obstacle, "")
    return f"{path}/{step}" if step else path


def _leaves(
    words: Words, publication: Publication, draft: Draft, met: Sequence[Met], now: datetime
) -> str:
    if not draft.writing.at or any(one.obstacle is Obstacle.PAST for one in met):
        return ""
    hold = publication.specials.hold
    return words.moment(leaves_at(draft.writing.at, publication.timezone, hold, now))
