"""The tokens that somebody's programs hold: made, shown once, ended."""

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.exceptions import ColporteurError
from colporteur.staff import tokens
from colporteur.staff.permissions import May
from colporteur.staff.tokens import Scope, Token
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.people.profile import PROFILE
from colporteur.web.newsroom.people.telling import LASTS, known_scopes, scopes_for
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_HERE = f"{PROFILE}/tokens"


def own_tokens_places(room: Room) -> list[Place]:
    """The page of one's tokens, and what its forms do."""
    page = _OwnTokens(room)
    return [
        Place("GET", _HERE, None, page.show),
        Place("POST", _HERE, None, page.make),
        Place("POST", f"{_HERE}/{{id}}/revoke", None, page.revoke),
    ]


class _OwnTokens:
    """The page of one's tokens."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(
        self, visit: Visit, wrong: dict[str, str] | None = None, made: tuple[str, str] = ("", "")
    ) -> Response:
        """Those there are, without their text; ``made`` is the name and the text of a new one."""
        with self._room.reading(visit) as desk:
            held = tokens.of_person(desk.connection, visit.person.id)
            zone, now = desk.publication.timezone, desk.now
        response = self._room.page(
            visit,
            "people/tokens",
            self._room.say(visit, "Tokens of your programs"),
            code=422 if wrong else 200,
            held=[told_token(one, visit.tag, zone) for one in held if one.works(now)],
            offered=[one.value for one in scopes_for(visit.person)],
            chosen=visit.form.all("scope") if wrong else (),
            typed=visit.form.one("name")[:1000] if wrong else "",
            lasts=LASTS,
            days=visit.form.one("days") if wrong else "365",
            wrong=wrong or {},
            made=made,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def make(self, visit: Visit) -> Response:
        """Make one, and show it; one of the same name there is already, so a second click is told."""
        name, text, wrong = visit.form.one("name"), "", {}
        try:
            with self._room.changing(visit, May.LOOK) as desk:
                wrong = _wrong(desk, visit)
                if not wrong:
                    text = _mint(desk, visit)
        except ColporteurError:
            wrong = {"name": "name"}
        return self.show(visit, wrong) if wrong else self.show(visit, made=(name, text))

    def revoke(self, visit: Visit) -> Response:
        """End one of one's own."""
        with self._room.changing(visit, May.LOOK) as desk:
            ended = tokens.revoke_of(desk.connection, visit.person.id, visit.number(), desk.now)
            if ended is None:
                raise HTTPException(404)
            desk.note("token.revoked", f"token:{ended.hint}", name=ended.name)
        return self._room.to(_HERE, "revoked")


def _wrong(desk: Desk, visit: Visit) -> dict[str, str]:
    held = tokens.of_person(desk.connection, visit.person.id)
    if any(one.name == visit.form.one("name") and one.works(desk.now) for one in held):
        return {"name": "taken"}
    return {} if _chosen(desk, visit) else {"scope": "none"}


def _chosen(desk: Desk, visit: Visit) -> list[Scope]:
    return known_scopes(visit.form.all("scope"), scopes_for(desk.person))


def _mint(desk: Desk, visit: Visit) -> str:
    name, days = visit.form.one("name"), visit.form.one("days")
    lasts = next((timedelta(days=one) for one in LASTS if one and str(one) == days), None)
    chosen = _chosen(desk, visit)
    text, made = tokens.mint(desk.connection, visit.person.id, name, chosen, desk.now, lasts)
    scopes = " ".join(sorted(made.scopes))
    desk.note("token.made", f"token:{made.hint}", name=name, scopes=scopes)
    return text


def told_token(one: Token, tag: str, zone: str) -> dict[str, object]:
    """A token as pages list it."""
    return {
        "id": one.id,
        "name": one.name,
        "hint": one.hint,
        "scopes": sorted(one.scopes),
        "since": Clock(tag, zone).when(one.created_at),
        "until": Clock(tag, zone).when(one.expires_at),
        "used": Clock(tag, zone).when(one.last_used_at),
    }
