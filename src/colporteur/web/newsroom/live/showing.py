"""What a page shows of editions as they leave, for the macro of ``_progress.html.j2``."""

from collections.abc import Collection

from colporteur.editions.watching import look
from colporteur.web.desk import Desk
from colporteur.web.newsroom.live.telling import Told, telling
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit


def shown(room: Room, visit: Visit, desk: Desk, edition_ids: Collection[int]) -> list[Told]:
    """How far these editions are, in the visitor's language, in the order of the ids.

    Raises:
        UnknownName: there is no such edition.
    """
    gettext = room.runtime.templates.catalogue(visit.tag).gettext
    tell = telling(gettext, visit.tag, desk.publication.timezone)
    return [tell(room.lookout.seen(one) or look(desk.connection, one)) for one in edition_ids]
