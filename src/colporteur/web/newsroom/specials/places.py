"""The places of special editions."""

from colporteur.staff.permissions import May
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.specials.keeping import HOME
from colporteur.web.newsroom.specials.listing import Listing
from colporteur.web.newsroom.specials.sent import Sent
from colporteur.web.newsroom.specials.summary import Summary
from colporteur.web.newsroom.specials.what import What
from colporteur.web.newsroom.specials.when import When
from colporteur.web.newsroom.specials.whom import ToWhom

_ONE = f"{HOME}/{{id}}"


def special_places(room: Room) -> list[Place]:
    """Where special editions are listed, written in three steps, confirmed and withdrawn."""
    listing, what, whom = Listing(room), What(room), ToWhom(room)
    when, summary, sent = When(room), Summary(room), Sent(room)
    steer = May.STEER
    return [
        Place("GET", HOME, steer, listing.look),
        Place("GET", f"{HOME}/new", steer, what.begin),
        Place("POST", f"{HOME}/new", steer, what.begun),
        Place("POST", f"{HOME}/preview", steer, what.preview_typed),
        Place("GET", f"{HOME}/sent/{{id}}", steer, sent.look),
        Place("POST", f"{HOME}/sent/{{id}}/approve", May.APPROVE, sent.approve),
        Place("GET", _ONE, steer, what.look),
        Place("POST", _ONE, steer, what.write),
        Place("GET", f"{_ONE}/preview", steer, what.preview),
        Place("GET", f"{_ONE}/to", steer, whom.look),
        Place("POST", f"{_ONE}/to", steer, whom.write),
        Place("GET", f"{_ONE}/when", steer, when.look),
        Place("POST", f"{_ONE}/when", steer, when.write),
        Place("GET", f"{_ONE}/summary", steer, summary.look),
        Place("POST", f"{_ONE}/test", steer, summary.test),
        Place("POST", f"{_ONE}/send", steer, summary.send),
        Place("POST", f"{_ONE}/discard", steer, summary.discard),
        Place("POST", f"{_ONE}/withdraw", steer, sent.withdraw),
    ]
