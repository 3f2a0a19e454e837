"""A mail with the look that was typed, in a frame."""

from starlette.responses import Response

from colporteur.exceptions import EditRefused
from colporteur.publication import Publication
from colporteur.publication.editing import put, remade, tree_of
from colporteur.publication.site import site_in_force
from colporteur.web.bodies import Form
from colporteur.web.newsroom.frames import framed
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.sample import sample_digest
from colporteur.web.newsroom.settings.fields import write
from colporteur.web.newsroom.settings.whole import look_sheet
from colporteur.web.newsroom.visiting import Visit

_OTHER = {"light": "dark", "dark": "light"}


class Looking:
    """What a digest would look like."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def frame(self, visit: Visit) -> Response:
        """The first channel's digest, in the light or in the dark whatever the browser prefers."""
        run = self._room.runtime
        with self._room.reading(visit) as desk:
            publication = _with_look(desk.publication, visit.query)
            channel = next(
                (one for one in publication.channels if one.digest), publication.channels[0]
            )
            site = site_in_force(desk.connection, run.settings, publication)
            made = sample_digest(
                desk.connection,
                run.templates,
                publication,
                channel,
                desk.names.channels[channel.slug],
                site,
                desk.now,
            )
        return framed(made.html, site)


def _with_look(publication: Publication, query: Form) -> Publication:
    sheet = look_sheet(publication, {})
    tree = tree_of(publication)
    typed = [one for one in sheet.fields if query.one(one.name)]
    write(tree, (), typed, query)
    try:
        found = remade(tree)
    except EditRefused:
        found = publication
    shade = query.one("shade")
    if shade not in _OTHER:
        return found
    tree = tree_of(found)
    put(tree, ("look", _OTHER[shade]), getattr(found.look, shade).model_dump())
    return remade(tree)
