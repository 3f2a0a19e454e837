"""The first step: what a special edition says. Articles, a note, or both; subject and preheader."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.articles.article import Article
from colporteur.articles.searching import matching
from colporteur.articles.store import by_ids, newest_in
from colporteur.delivery.draft_proofs import draft_seen
from colporteur.editions import special_drafts
from colporteur.editions.special_drafts import KEY_AT_MOST, Draft
from colporteur.editions.special_obstacles import Met, Obstacle
from colporteur.editions.special_writing import Writing
from colporteur.editions.states import ENDED
from colporteur.editions.store import Edition, of_ids
from colporteur.exceptions import SpecialRefused, UnknownName
from colporteur.publication import Channel
from colporteur.publication.identities import channel_of
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.frames import framed
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.specials import keeping
from colporteur.web.newsroom.specials.titles import titles_of
from colporteur.web.newsroom.specials.typed import Typed, line, shown, what_typed
from colporteur.web.newsroom.specials.words import Words
from colporteur.web.newsroom.visiting import Visit, as_id

_OFFERED = 8
_ASKED_AT_MOST = 200


@dataclass(frozen=True)
class Piece:
    """An article as the form lists it; ``wrong`` says why it cannot be sent."""

    id: int
    title: str
    language: str
    date: str
    wrong: str = ""


@dataclass(frozen=True)
class _Sheet:
    """The form as it is shown: a draft, or none yet; a key where it begins one."""

    draft: Draft | None
    values: Mapping[str, Any]
    key: str = ""
    faults: Mapping[str, str] | None = None
    asked: str = ""


class What:
    """The pages on which an edition is written."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def begin(self, visit: Visit) -> Response:
        """An empty form; or one that is filled with another edition, to send again or correct."""
        with self._room.reading(visit) as desk:
            writing = _first(desk, visit)
        key = secrets.token_hex(KEY_AT_MOST // 2)
        return self._page(visit, _Sheet(None, writing.as_json(), key))

    def begun(self, visit: Visit) -> Response:
        """Keep what was typed as a new draft, once for each form."""
        key = visit.form.one("key")[:KEY_AT_MOST] or secrets.token_hex(KEY_AT_MOST // 2)
        corrects = visit.form.one("corrects")
        typed = what_typed(visit.form, correction=bool(corrects))
        with self._room.changing(visit, May.STEER) as desk:
            base = _base(desk, as_id(corrects) if corrects else None)
            found = None if typed.faults else _kept(desk, visit, base, typed, key)
        if found is None:
            sheet = _Sheet(None, shown(base, typed), key, typed.faults, typed.asked)
            return self._page(visit, sheet, code=422)
        return self._onward(visit, found, typed)

    def look(self, visit: Visit) -> Response:
        """The form of a draft."""
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
        asked = line(visit.query.one("q"))[:_ASKED_AT_MOST]
        sheet = _Sheet(draft, draft.writing.as_json(), asked=asked)
        return keeping.led_on(self._room, draft) or self._page(visit, sheet)

    def write(self, visit: Visit) -> Response:
        """Save it."""
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
        if gone := keeping.led_on(self._room, draft):
            return gone
        typed = what_typed(visit.form, correction=draft.writing.corrects is not None)
        if typed.faults:
            values = shown(draft.writing, typed)
            sheet = _Sheet(draft, values, faults=typed.faults, asked=typed.asked)
            return self._page(visit, sheet, code=422)
        parts = _with_its_readers(draft.writing, typed.parts)
        return self._onward(visit, keeping.saved(self._room, visit, parts), typed)

    def preview(self, visit: Visit) -> Response:
        """A draft's mail, as it was saved."""
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
        return self._framed(visit, draft.writing)

    def preview_typed(self, visit: Visit) -> Response:
        """The mail of what is typed, saved or not."""
        number, corrects = visit.form.one("draft"), visit.form.one("corrects")
        typed = what_typed(visit.form, correction=bool(corrects))
        with self._room.reading(visit) as desk:
            base = (
                special_drafts.load(desk.connection, as_id(number)).writing
                if number
                else _base(desk, as_id(corrects) if corrects else None)
            )
        known = {name: value for name, value in typed.parts.items() if name not in typed.faults}
        return self._framed(visit, Writing(**_tupled(base.as_json() | known)))

    def _onward(self, visit: Visit, found: keeping.Saved, typed: Typed) -> Response:
        path = keeping.path_of(found.draft)
        if other := keeping.refused(self._room, visit, found, path):
            return other
        if typed.do == "next":
            return self._room.to(keeping.path_of(found.draft, "to"))
        if typed.asked:
            path = f"{path}?{urlencode({'q': typed.asked})}"
        if typed.do in {"add", "out", "up", "down", "find"}:
            return keeping.led(path, "articles" if typed.do != "find" else "finding")
        return self._room.to(path, "saved")

    def _page(self, visit: Visit, sheet: _Sheet, *, code: int = 200) -> Response:
        values, draft = sheet.values, sheet.draft
        with self._room.reading(visit) as desk:
            words = keeping.words_of(self._room, visit, desk.publication.timezone)
            home = channel_of(desk.publication, desk.names, values["home"])
            number = values["corrects"]
            corrected = of_ids(desk.connection, [number]).get(number) if number else None
            context = {
                "home": home,
                "homes": _homes(desk),
                "chosen": _chosen(desk, words, values["articles"], home),
                "offered": _offered(desk, words, sheet.asked, values["articles"], home),
                "corrected": corrected,
                "corrected_title": titles_of(desk.connection, [corrected] if corrected else []).get(
                    number, ""
                ),
                "still_sends": corrected is not None and corrected.state not in ENDED,
            }
        title = words.say("A correction") if number else words.say("A special edition")
        return self._room.page(
            visit,
            "special_what",
            title,
            code=code,
            draft=draft,
            values=values,
            key=sheet.key,
            asked=sheet.asked,
            faults={name: words.fault(one) for name, one in (sheet.faults or {}).items()},
            step="what",
            **context,
        )

    def _framed(self, visit: Visit, writing: Writing) -> Response:
        runtime = self._room.runtime
        with self._room.reading(visit) as desk:
            site = self._room.pages.site(desk.publication)
        try:
            made = draft_seen(
                runtime.engine, runtime.settings, runtime.templates, writing, test=False
            ).rendering.html
        except (SpecialRefused, UnknownName):
            made = runtime.templates.render("newsroom/special_nothing.html.j2", visit.tag)
        return framed(made, site)


def _kept(desk: Desk, visit: Visit, base: Writing, typed: Typed, key: str) -> keeping.Saved:
    """The draft of a form that begins one, new or sent once more."""
    writing = Writing(**_tupled(base.as_json() | dict(typed.parts)))
    if writing.corrects is None and not writing.channels:
        writing = Writing(**_tupled(writing.as_json() | {"channels": (writing.home,)}))
    draft, new = special_drafts.begin(desk.connection, writing, key=key, by=desk.by, now=desk.now)
    if new:
        desk.note("special.begun", f"special-draft:{draft.id}", title=writing.subject)
        return keeping.Saved(draft)
    return keeping.saved_in(desk, draft, typed.parts, keeping.seen_of(visit))


def _with_its_readers(writing: Writing, parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is typed; where it was for the readers of its own channel, for those of the new one."""
    home = parts.get("home", writing.home)
    if home == writing.home or writing.channels != (writing.home,):
        return parts
    return {**parts, "channels": (home,)}


def _first(desk: Desk, visit: Visit) -> Writing:
    """What a new form is filled with."""
    like, corrects = visit.query.one("like"), visit.query.one("corrects")
    if corrects:
        return _base(desk, as_id(corrects))
    if not like:
        return _base(desk, None)
    number = as_id(like)
    known = of_ids(desk.connection, [number]).get(number)
    if known is None:
        raise HTTPException(404)
    return _again(known)


def _again(known: Edition) -> Writing:
    """What an edition said, to be said once more; of a regular one what it says beside articles."""
    wished, audience = known.arrangement, known.audience or {}
    return Writing(
        home=known.channel_id,
        articles=wished.pinned,
        note=wished.intro,
        subject=wished.subject,
        preheader=wished.preheader,
        channels=tuple(audience.get("channels", () if known.audience else (known.channel_id,))),
        topics=tuple(audience.get("topics", ())),
        corrects=audience.get("edition"),
    )


def _base(desk: Desk, corrects: int | None) -> Writing:
    """Nothing yet, from the first channel; or from that of an edition that is corrected."""
    if corrects is None:
        return Writing(desk.names.channels[desk.publication.channels[0].slug])
    known = of_ids(desk.connection, [corrects]).get(corrects)
    if known is None:
        raise HTTPException(404)
    return Writing(known.channel_id, corrects=corrects)


def _tupled(values: Mapping[str, Any]) -> dict[str, Any]:
    lists = ("articles", "channels", "topics")
    return dict(values) | {name: tuple(values[name]) for name in lists}


def _homes(desk: Desk) -> list[tuple[int, str]]:
    return [(desk.names.channels[one.slug], one.title) for one in desk.publication.channels]


def _chosen(desk: Desk, words: Words, numbers: Sequence[int], home: Channel | None) -> list[Piece]:
    known = by_ids(desk.connection, numbers)
    pieces = []
    for number in numbers:
        article = known.get(number)
        if article is None:
            gone = words.obstacle(Met(Obstacle.ARTICLE_GONE, str(number)))
            pieces.append(Piece(number, f"{number}", words.tag, "", gone))
        else:
            wrong = _wrong(article, home)
            said = words.obstacle(Met(wrong, article.title)) if wrong else ""
            pieces.append(_piece(words, article, said))
    return pieces


def _wrong(article: Article, home: Channel | None) -> Obstacle | None:
    if article.state == "withdrawn":
        return Obstacle.ARTICLE_WITHDRAWN
    if article.state != "published":
        return Obstacle.ARTICLE_WAITS
    if home is not None and article.language != home.language:
        return Obstacle.OTHER_LANGUAGE
    return None


def _offered(
    desk: Desk, words: Words, asked: str, chosen: Sequence[int], home: Channel | None
) -> list[Piece]:
    if home is None:
        return []
    which = [matching(desk.connection, asked)] if asked else []
    found = newest_in(desk.connection, home.language, _OFFERED + len(chosen), *which)
    free = [one for one in found if one.id not in chosen]
    return [_piece(words, one) for one in free[:_OFFERED]]


def _piece(words: Words, article: Article, wrong: str = "") -> Piece:
    date = words.moment(article.published_at) if article.published_at else ""
    return Piece(article.id, article.title, article.language, date, wrong)
