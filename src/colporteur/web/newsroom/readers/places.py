"""The places of the newsroom that are about readers."""

from colporteur.staff.permissions import May
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.readers.acting import Acting
from colporteur.web.newsroom.readers.adding import Adding
from colporteur.web.newsroom.readers.growth import Growth
from colporteur.web.newsroom.readers.listing import Listing
from colporteur.web.newsroom.readers.lists import FILE_AT_MOST, Lists
from colporteur.web.newsroom.readers.one import One
from colporteur.web.newsroom.room import Room

_READERS = "/newsroom/readers"


def reader_places(room: Room) -> list[Place]:
    """Each with whom it lets in; those of one reader come last, for any word may be an id."""
    lists, adding, growth, acting = Lists(room), Adding(room), Growth(room), Acting(room)
    imports = f"{_READERS}/import"
    one = f"{_READERS}/{{id}}"
    acts = {
        "resend": acting.resend,
        "confirmation": acting.confirmation,
        "unsubscribe": acting.unsubscribe,
        "suppress": acting.suppress,
        "lift": acting.lift,
        "erase": acting.erase,
        "export": acting.export,
    }
    return [
        Place("GET", _READERS, May.READERS, Listing(room).show),
        Place("GET", f"{_READERS}/new", May.READERS, adding.show),
        Place("POST", f"{_READERS}/new", May.READERS, adding.add),
        Place("GET", f"{_READERS}/growth", May.READERS, growth.show),
        Place("GET", f"{_READERS}/growth/{{chart}}.svg", May.READERS, growth.chart),
        Place("GET", imports, May.IMPORT, lists.show),
        Place("POST", imports, May.IMPORT, lists.take, FILE_AT_MOST),
        Place("GET", f"{imports}/{{id}}", May.IMPORT, lists.one),
        Place("POST", f"{imports}/{{id}}/try", May.IMPORT, lists.attempt),
        Place("POST", f"{imports}/{{id}}/start", May.IMPORT, lists.start),
        Place("POST", f"{imports}/{{id}}/drop", May.IMPORT, lists.drop),
        Place("GET", f"{imports}/{{id}}/refused", May.IMPORT, lists.refused),
        Place("GET", one, May.READERS, One(room).show),
        *(Place("POST", f"{one}/{name}", May.READERS, act) for name, act in acts.items()),
    ]
