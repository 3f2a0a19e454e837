"""Leaves a whole date of a channel out, or takes it back: a revision of the publication."""

from datetime import date

from starlette.responses import Response

from colporteur.publication import Publication
from colporteur.publication.revisions import apply
from colporteur.staff.permissions import May
from colporteur.web.newsroom.calendar.day import day_asked
from colporteur.web.newsroom.calendar.page import PATH
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.places import Answer
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit


class Dates:
    """The forms for a whole date."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def setting(self, *, out: bool) -> Answer:
        """What answers the form that leaves a date out, or takes it back."""

        def answer(visit: Visit) -> Response:
            return self._set(visit, out=out)

        return answer

    def _set(self, visit: Visit, *, out: bool) -> Response:
        with self._room.changing(visit, May.SETTINGS, revising=True) as desk:
            day = day_asked(visit, Clockface(visit.tag, desk.publication.timezone, desk.now))
            channel = desk.publication.channel(visit.form.one("channel"))
            made = apply(
                desk.connection,
                with_date(desk.publication, channel.slug, day, out=out),
                by=desk.by,
                why=f"{channel.slug}: {day} {'left out' if out else 'taken back'}",
                now=desk.now,
                source="newsroom",
            )
            if made is not None:
                noted = "date.skipped" if out else "date.restored"
                desk.note(noted, f"channel:{channel.slug}", date=str(day), revision=made.number)
        self._room.ring()
        return self._room.to(f"{PATH}/{day}", "date-out" if out else "date-back")


def with_date(publication: Publication, slug: str, day: date, *, out: bool) -> Publication:
    """The publication with a date among those that a channel leaves out, or not. Pure."""

    def changed(skip: tuple[date, ...]) -> tuple[date, ...]:
        return tuple(sorted({*skip, day} if out else {*skip} - {day}))

    channels = tuple(
        one.model_copy(
            update={"digest": one.digest.model_copy(update={"skip": changed(one.digest.skip)})}
        )
        if one.slug == slug and one.digest
        else one
        for one in publication.channels
    )
    return publication.model_copy(update={"channels": channels})
