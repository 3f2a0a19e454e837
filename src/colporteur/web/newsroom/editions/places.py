"""Where the pages of editions are."""

from colporteur.staff.permissions import May
from colporteur.web.newsroom.editions.acting import Acting
from colporteur.web.newsroom.editions.arranging import Arranging
from colporteur.web.newsroom.editions.explaining import Explaining
from colporteur.web.newsroom.editions.listing import Listing
from colporteur.web.newsroom.editions.previewing import Previewing
from colporteur.web.newsroom.editions.showing import Showing
from colporteur.web.newsroom.editions.steps import STEPS
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room

_ALL = "/newsroom/editions"
_ONE = f"{_ALL}/{{id}}"


def edition_places(room: Room) -> list[Place]:
    """The list, an edition's page with what may be done to it, and its desk."""
    lists, showing, acting = Listing(room), Showing(room), Acting(room)
    arranging, previewing, explaining = Arranging(room), Previewing(room), Explaining(room)
    return [
        Place("GET", _ALL, May.LOOK, lists.show),
        Place("POST", f"{_ALL}/open", May.ARRANGE, lists.open),
        Place("GET", _ONE, May.LOOK, showing.show),
        *(Place("POST", f"{_ONE}/{one.name}", one.may, acting.doing(one)) for one in STEPS),
        Place("GET", f"{_ONE}/explain", May.READERS, explaining.ask),
        Place("POST", f"{_ONE}/explain", May.READERS, explaining.answer),
        Place("GET", f"{_ONE}/arrange", May.ARRANGE, arranging.show),
        Place("POST", f"{_ONE}/arrange", May.ARRANGE, arranging.change),
        Place("POST", f"{_ONE}/check", May.ARRANGE, arranging.check),
        Place("POST", f"{_ONE}/test", May.ARRANGE, arranging.test),
        Place("GET", f"{_ONE}/preview", May.LOOK, previewing.saved),
        Place("POST", f"{_ONE}/preview", May.ARRANGE, previewing.typed),
    ]
