"""The places of people: everybody's own, and what admins do with the others."""

from colporteur.web.newsroom.people.everybody import everybody_places
from colporteur.web.newsroom.people.log import log_places
from colporteur.web.newsroom.people.own_factor import own_factor_places
from colporteur.web.newsroom.people.own_tokens import own_tokens_places
from colporteur.web.newsroom.people.profile import profile_places
from colporteur.web.newsroom.people.somebody import somebody_places
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room

_PAGES = (
    everybody_places,
    somebody_places,
    profile_places,
    own_factor_places,
    own_tokens_places,
    log_places,
)


def people_places(room: Room) -> list[Place]:
    """Each page names whom it lets in."""
    return [place for page in _PAGES for place in page(room)]
