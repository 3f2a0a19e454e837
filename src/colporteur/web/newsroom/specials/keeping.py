"""Opens and saves drafts for their pages: what two people wrote, and what became an edition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from colporteur.editions import special_drafts
from colporteur.editions.special_drafts import Draft
from colporteur.editions.special_writing import Touch, changed, clashes
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.numbers import version
from colporteur.web.newsroom.room import HEADERS, Changed, Room
from colporteur.web.newsroom.specials.words import Words
from colporteur.web.newsroom.visiting import Visit

HOME = "/newsroom/specials"


@dataclass(frozen=True)
class Saved:
    """A draft after a form was sent; with clashes nothing was saved."""

    draft: Draft
    clashes: tuple[Touch, ...] = ()


def words_of(room: Room, visit: Visit, zone: str) -> Words:
    """The visitor's language on the publication's clock."""
    return Words(room.runtime.templates.catalogue(visit.tag), visit.tag, zone)


def path_of(draft: Draft, step: str = "") -> str:
    """The address of a draft's page."""
    return f"{HOME}/{draft.id}/{step}" if step else f"{HOME}/{draft.id}"


def sent_path(edition_id: int) -> str:
    """The address of the page of what a draft became."""
    return f"{HOME}/sent/{edition_id}"


def opened(desk: Desk, visit: Visit) -> Draft:
    """The draft of an address.

    Raises:
        UnknownName: there is none, or no more.
    """
    return special_drafts.load(desk.connection, visit.number())


def led_on(room: Room, draft: Draft) -> Response | None:
    """To its edition, where a draft became one meanwhile."""
    if draft.edition_id is None:
        return None
    return room.to(sent_path(draft.edition_id), "already")


def saved(room: Room, visit: Visit, parts: Mapping[str, Any]) -> Saved:
    """Save what a form said of the draft of an address.

    Raises:
        UnknownName: there is no such draft, or no more.
        Forbidden: they may not, or no more.
    """
    with room.changing(visit, May.STEER) as desk:
        draft = special_drafts.load(desk.connection, visit.number(), to_change=True)
        return saved_in(desk, draft, parts, seen_of(visit))


def saved_in(desk: Desk, draft: Draft, parts: Mapping[str, Any], seen: int) -> Saved:
    """Save what a form said of a draft that is kept still."""
    if draft.edition_id is not None:
        return Saved(draft)
    found = clashes(draft.writing, draft.touched, parts, seen=seen, by=desk.by)
    if found:
        return Saved(draft, tuple(found))
    names = changed(draft.writing, parts)
    after = special_drafts.save(desk.connection, draft, parts, by=desk.by, now=desk.now)
    if names:
        said = after.writing.subject
        desk.note("special.written", f"special-draft:{draft.id}", parts=names, title=said)
    return Saved(after)


def refused(room: Room, visit: Visit, found: Saved, back: str) -> Response | None:
    """Where somebody else's work would be undone, or the draft is one no more."""
    if not found.clashes:
        return led_on(room, found.draft)
    with room.reading(visit) as desk:
        words = words_of(room, visit, desk.publication.timezone)
    changes = [Changed(one.by, words.moment(one.at), words.part(one.part)) for one in found.clashes]
    return room.conflict(visit, changes, str(found.draft.version), back)


def seen_of(visit: Visit) -> int:
    """The version that a form was made of; 0 where it does not say."""
    return version(visit.form.one("seen"))


def led(path: str, place: str = "") -> Response:
    """Lead on to a place of a page."""
    return RedirectResponse(f"{path}#{place}" if place else path, 303, headers=HEADERS)
