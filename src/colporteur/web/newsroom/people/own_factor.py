"""One's second factor: on with a phone's program, off, and codes for when the phone is lost."""

from collections.abc import Sequence

import segno
from starlette.responses import Response

from colporteur.staff import second_factor, sessions
from colporteur.staff.permissions import May
from colporteur.staff.roster import member
from colporteur.web.newsroom.people.presence import Presence
from colporteur.web.newsroom.people.profile import PROFILE
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_HERE = f"{PROFILE}/second-factor"
_PICTURE_SCALE = 5


def own_factor_places(room: Room) -> list[Place]:
    """The page of one's second factor."""
    page = _OwnFactor(room)
    return [
        Place("GET", _HERE, None, page.show),
        Place("POST", _HERE, None, page.change),
    ]


class _OwnFactor:
    """The page of one's second factor. What it shows is kept by no browser."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._presence = Presence(room)
        self._key = room.runtime.settings.secret_keys

    def show(self, visit: Visit, wrong: str = "", codes: Sequence[str] = ()) -> Response:
        """Whether it is on; what a phone reads while it is being turned on; ``codes``, once."""
        mine = visit.person.id
        with self._room.reading(visit) as desk:
            me = member(desk.connection, mine, desk.now)
            secret = second_factor.waiting_secret(desk.connection, self._key, mine)
            left = second_factor.recovery_codes_left(desk.connection, mine)
            issuer = desk.publication.title_in(visit.tag)
        read = second_factor.address_of(secret, me.person.address, issuer) if secret else ""
        response = self._room.page(
            visit,
            "people/second_factor",
            self._room.say(visit, "Second factor"),
            code=422 if wrong else 200,
            me=me,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
            if secret
            else "",
            picture=_picture(read) if read else "",
            left=left,
            wrong=wrong,
            codes=codes,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def change(self, visit: Visit) -> Response:
        """Begin, prove the phone, make new recovery codes, or turn it off."""
        if visit.form.one("do") == "prove":
            return self._prove(visit)
        known = self._presence.prove(visit, "present_password")
        if isinstance(known, str):
            return self.show(visit, known)
        match visit.form.one("do"):
            case "codes" if known.second_factor:
                return self._new_codes(visit)
            case "off":
                return self._turn_off(visit)
        with self._room.changing(visit, May.LOOK) as desk:
            second_factor.begin(desk.connection, self._key, visit.person.id)
        return self._room.to(_HERE)

    def _prove(self, visit: Visit) -> Response:
        mine = visit.person.id
        with self._room.changing(visit, May.LOOK) as desk:
            code = visit.form.one("code")
            codes = second_factor.turn_on(desk.connection, self._key, mine, code, desk.now)
            if codes:
                sessions.end_all(desk.connection, mine, but=visit.session.id)
                desk.note("person.factor_on", f"person:{mine}")
        return self.show(visit, "" if codes else "code", codes)

    def _new_codes(self, visit: Visit) -> Response:
        with self._room.changing(visit, May.LOOK) as desk:
            codes = second_factor.new_recovery_codes(desk.connection, visit.person.id)
            desk.note("person.new_codes", f"person:{visit.person.id}")
        return self.show(visit, codes=codes)

    def _turn_off(self, visit: Visit) -> Response:
        with self._room.changing(visit, May.LOOK) as desk:
            if second_factor.turn_off(desk.connection, visit.person.id):
                desk.note("person.factor_off", f"person:{visit.person.id}")
        return self._room.to(_HERE, "off")


def _picture(text: str) -> str:
    """A QR code as the address of an image, dark on light whatever the page's colours are."""
    drawn = segno.make(text, error="m")
    return str(drawn.svg_data_uri(scale=_PICTURE_SCALE, dark="#000", light="#fff", border=4))
