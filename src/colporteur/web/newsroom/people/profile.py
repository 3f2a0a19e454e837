"""What somebody settles for themselves: name, language, password, where they are signed in."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.exceptions import ColporteurError, Forbidden
from colporteur.staff import credentials, sessions, standing
from colporteur.staff.passwords import AT_LEAST, check_choice, hashed
from colporteur.staff.people import check_name
from colporteur.staff.permissions import May
from colporteur.staff.roster import member
from colporteur.staff.sessions import Session
from colporteur.web.clients import client_of
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.cookies import set_cookie
from colporteur.web.newsroom.people.agents import in_short
from colporteur.web.newsroom.people.passwords import fault_of
from colporteur.web.newsroom.people.presence import Presence
from colporteur.web.newsroom.people.telling import LANGUAGES
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

PROFILE = "/newsroom/profile"


def profile_places(room: Room) -> list[Place]:
    """The page of oneself, and what its forms do."""
    page = _Profile(room)
    return [
        Place("GET", PROFILE, None, page.show),
        Place("POST", PROFILE, None, page.describe),
        Place("POST", f"{PROFILE}/password", None, page.change_password),
        Place("POST", f"{PROFILE}/sessions/end", None, page.sign_out_elsewhere),
        Place("POST", f"{PROFILE}/sessions/{{id}}/end", None, page.sign_out_there),
    ]


class _Profile:
    """The page of oneself."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._presence = Presence(room)

    def show(self, visit: Visit, wrong: dict[str, str] | None = None) -> Response:
        """Who one is here."""
        with self._room.reading(visit) as desk:
            me = member(desk.connection, visit.person.id, desk.now)
            found = sessions.sessions_of(desk.connection, visit.person.id)
            zone = desk.publication.timezone
        return self._room.page(
            visit,
            "people/profile",
            self._room.say(visit, "Your profile"),
            code=422 if wrong else 200,
            me=me,
            name_typed=visit.form.one("name")[:1000] if wrong else me.person.name,
            languages=LANGUAGES,
            wrong=wrong or {},
            at_least=AT_LEAST,
            signed_in=[self._told(visit, one, zone) for one in found],
        )

    def describe(self, visit: Visit) -> Response:
        """Keep the name and the language."""
        name, language = visit.form.one("name"), visit.form.one("language")
        try:
            check_name(name)
        except ColporteurError:
            return self.show(visit, {"name": "name"})
        chosen = language if language in dict(LANGUAGES) else None
        with self._room.changing(visit, May.LOOK) as desk:
            standing.describe(desk.connection, visit.person.id, name, chosen)
            desk.note("person.described", f"person:{visit.person.id}", name=name)
        return self._room.to(PROFILE, "kept")

    def change_password(self, visit: Visit) -> Response:
        """Keep another password; whoever knew the old one is signed out, but for this browser."""
        chosen = "".join(visit.form.all("password")[-1:])
        wrong = self._wrong_choice(visit, chosen)
        if wrong:
            return self.show(visit, wrong)
        known = self._presence.prove(visit, "present_password")
        if isinstance(known, str):
            return self.show(visit, {"present_password": known})
        kept = hashed(chosen)  # takes long: before the transaction
        with self._room.changing(visit, May.LOOK) as desk:
            if not credentials.unchanged(desk.connection, known):
                raise Forbidden("The password was changed meanwhile.")
            credentials.keep_password(desk.connection, visit.person.id, kept, desk.now)
            text = sessions.begin(
                desk.connection,
                visit.person,
                agent=visit.session.agent,
                ip=client_of(visit.request) or None,
                now=desk.now,
            )
            desk.note("person.password", f"person:{visit.person.id}")
        response = self._room.to(PROFILE, "password")
        set_cookie(visit.request, response, text)
        return response

    def sign_out_there(self, visit: Visit) -> Response:
        """End one of one's sessions; this one by signing out."""
        with self._room.changing(visit, May.LOOK) as desk:
            if visit.number() == visit.session.id:
                raise HTTPException(404)
            if sessions.end(desk.connection, visit.number(), visit.person.id):
                desk.note("person.signed_out", f"person:{visit.person.id}")
        return self._room.to(PROFILE, "out")

    def sign_out_elsewhere(self, visit: Visit) -> Response:
        """End all of one's sessions but this."""
        with self._room.changing(visit, May.LOOK) as desk:
            ended = sessions.end_all(desk.connection, visit.person.id, but=visit.session.id)
            if ended:
                desk.note("person.signed_out", f"person:{visit.person.id}", sessions=ended)
        return self._room.to(PROFILE, "out")

    def _wrong_choice(self, visit: Visit, chosen: str) -> dict[str, str]:
        try:
            check_choice(chosen, visit.person.address)
        except ColporteurError:
            return {"password": fault_of(chosen)}
        again = "".join(visit.form.all("password_again")[-1:])
        return {} if again == chosen else {"password_again": "again"}

    def _told(self, visit: Visit, one: Session, zone: str) -> dict[str, object]:
        return {
            "id": one.id,
            "here": one.id == visit.session.id,
            "agent": in_short(one.agent),
            "since": Clock(visit.tag, zone).when(one.created_at),
            "seen": Clock(visit.tag, zone).when(one.seen_at),
        }
