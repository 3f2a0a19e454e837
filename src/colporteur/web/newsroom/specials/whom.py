"""The second step: to whom. Channels and topics, and exactly how many people that is."""

from starlette.responses import Response

from colporteur.editions.special_obstacles import Obstacle, obstacles
from colporteur.editions.store import of_ids
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.specials import keeping
from colporteur.web.newsroom.specials.reaching import reach_of, told
from colporteur.web.newsroom.specials.titles import titles_of
from colporteur.web.newsroom.specials.typed import whom_typed
from colporteur.web.newsroom.specials.words import STEPS
from colporteur.web.newsroom.visiting import Visit

_COUNTLESS = {Obstacle.HOME_GONE, Obstacle.CORRECTED_GONE}


class ToWhom:
    """The page on which it is said whom an edition is for."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def look(self, visit: Visit) -> Response:
        """The form, and whom the draft as it was saved would reach."""
        with self._room.reading(visit) as desk:
            draft = keeping.opened(desk, visit)
            if gone := keeping.led_on(self._room, draft):
                return gone
            writing, publication = draft.writing, desk.publication
            words = keeping.words_of(self._room, visit, publication.timezone)
            met = obstacles(desk.connection, publication, desk.names, writing, desk.now)
            numbers = desk.names.channels
            channels = {
                numbers[one.slug]: (one.title, one.language) for one in publication.channels
            }
            topics = [
                (desk.names.topics[slug], one.name.get(visit.tag) or next(iter(one.name.values())))
                for slug, one in publication.topics.items()
            ]
            corrected = [one for one in [writing.corrects] if one is not None]
            known = list(of_ids(desk.connection, corrected).values())
            title = next(iter(titles_of(desk.connection, known).values()), "")
            rehearsal = desk.brake.rehearsal
        countable = not _COUNTLESS & {one.obstacle for one in met}
        found = reach_of(self._room.runtime, writing) if countable else None
        return self._room.page(
            visit,
            "special_whom",
            words.say("To whom"),
            draft=draft,
            step="to",
            channels=channels,
            topics=topics,
            corrected_title=title,
            rehearsal=rehearsal,
            told=told(words, found, channels) if found else None,
            wrong=[words.obstacle(one) for one in met if STEPS.get(one.obstacle) == "to"],
        )

    def write(self, visit: Visit) -> Response:
        """Save it."""
        typed = whom_typed(visit.form)
        found = keeping.saved(self._room, visit, typed.parts)
        path = keeping.path_of(found.draft, "to")
        if other := keeping.refused(self._room, visit, found, path):
            return other
        if typed.do == "next":
            return self._room.to(keeping.path_of(found.draft, "when"))
        return self._room.to(path, "saved")
