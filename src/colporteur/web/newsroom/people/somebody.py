"""One person's page: what an admin settles for them."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.delivery.staff_letters import send_invitation, send_reset
from colporteur.exceptions import PersonRefused
from colporteur.staff import audit, second_factor, sessions, standing, tokens
from colporteur.staff.people import Role
from colporteur.staff.permissions import May
from colporteur.staff.roster import member
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.people.everybody import PEOPLE, role_of, state_of
from colporteur.web.newsroom.people.own_tokens import told_token
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.visiting import Visit

_ROLE = "person.role"


def somebody_places(room: Room) -> list[Place]:
    """One person's page, and what its forms do."""
    page = _Somebody(room)
    here = f"{PEOPLE}/{{id}}"
    deeds = {
        "role": page.set_role,
        "disable": page.disable,
        "enable": page.enable,
        "link": page.send_link,
        "sign-out": page.sign_out,
        "second-factor": page.turn_factor_off,
        "tokens/{token}/revoke": page.revoke,
    }
    return [
        Place("GET", here, May.PEOPLE, page.show),
        *(Place("POST", f"{here}/{name}", May.PEOPLE, deed) for name, deed in deeds.items()),
    ]


class _Somebody:
    """One person's page."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._key = room.runtime.settings.secret_key

    def show(self, visit: Visit, wrong: str = "") -> Response:
        """Who they are, and what can become of them."""
        with self._room.reading(visit) as desk:
            them = member(desk.connection, visit.number(), desk.now)
            held = tokens.of_person(desk.connection, them.person.id)
            signed_in = len(sessions.sessions_of(desk.connection, them.person.id))
            zone, now = desk.publication.timezone, desk.now
        return self._room.page(
            visit,
            "people/somebody",
            them.person.name or them.person.address,
            code=422 if wrong else 200,
            them=them,
            state=state_of(them),
            myself=them.person.id == visit.person.id,
            since=Clock(visit.tag, zone).when(them.person.created_at),
            last_seen=Clock(visit.tag, zone).when(them.last_seen),
            signed_in=signed_in,
            roles=[one.value for one in Role],
            chosen=visit.form.one("role") if wrong else them.person.role.value,
            held=[told_token(one, visit.tag, zone) for one in held if one.works(now)],
            wrong=wrong,
        )

    def set_role(self, visit: Visit) -> Response:
        """Give them another role; to whoever gives up their own, only when they mean it."""
        role = role_of(visit.form.one("role"))
        if role is None:
            raise HTTPException(404)
        if self._myself(visit) and role is not Role.ADMIN and not visit.form.one("sure"):
            return self.show(visit, "sure-role")
        try:
            with self._room.changing(visit, May.PEOPLE) as desk:
                now_is = standing.find(desk.connection, visit.number()).role
                current = visit.form.one("seen") == now_is.value
                changes = [] if current else self._changes(desk, visit)
                if current and role is not now_is:
                    standing.set_role(desk.connection, visit.number(), role)
                    said = {"before": now_is.value, "after": role.value}
                    desk.note(_ROLE, f"person:{visit.number()}", **said)
        except PersonRefused:
            return self.show(visit, "last")
        if changes:
            return self._room.conflict(visit, changes, now_is.value, self._here(visit))
        return self._done(visit, "role")

    def disable(self, visit: Visit) -> Response:
        """They can do nothing here any more."""
        if self._myself(visit) and not visit.form.one("sure"):
            return self.show(visit, "sure-disable")
        try:
            return self._do(
                visit,
                "disabled",
                lambda desk, who: standing.disable(desk.connection, who, desk.now),
            )
        except PersonRefused:
            return self.show(visit, "last")

    def enable(self, visit: Visit) -> Response:
        """They may sign in again."""
        return self._do(visit, "enabled", lambda desk, who: standing.enable(desk.connection, who))

    def send_link(self, visit: Visit) -> Response:
        """Mail them a link to choose a password: those that were mailed before end."""
        with self._room.changing(visit, May.PEOPLE) as desk:
            them = member(desk.connection, visit.number(), desk.now)
            if them.person.disabled_at is not None:
                raise HTTPException(404)
            if them.has_password:
                send_reset(desk.connection, self._key, them.person, desk.now)
            else:
                by = desk.person.name or desk.person.address
                send_invitation(desk.connection, self._key, them.person, by, desk.now)
            desk.note("person.link_sent", f"person:{them.person.id}")
        self._room.ring()
        return self._done(visit, "link")

    def sign_out(self, visit: Visit) -> Response:
        """End their sessions."""
        return self._do(
            visit, "signed_out", lambda desk, who: sessions.end_all(desk.connection, who) > 0
        )

    def turn_factor_off(self, visit: Visit) -> Response:
        """Forget their second factor: their phone is lost, and their recovery codes."""
        return self._do(
            visit, "factor_off", lambda desk, who: second_factor.turn_off(desk.connection, who)
        )

    def revoke(self, visit: Visit) -> Response:
        """End one of their tokens."""
        with self._room.changing(visit, May.PEOPLE) as desk:
            which = visit.number("token")
            ended = tokens.revoke_of(desk.connection, visit.number(), which, desk.now)
            if ended is None:
                raise HTTPException(404)
            desk.note("token.revoked", f"token:{ended.hint}", name=ended.name)
        return self._done(visit, "revoked")

    def _do(self, visit: Visit, done: str, deed: Callable[[Desk, int], bool]) -> Response:
        with self._room.changing(visit, May.PEOPLE) as desk:
            who = standing.find(desk.connection, visit.number()).id
            if deed(desk, who):
                desk.note(f"person.{done}", f"person:{who}")
        return self._done(visit, done)

    def _changes(self, desk: Desk, visit: Visit) -> list[Changed]:
        """Who gave them another role meanwhile."""
        subject = f"person:{visit.number()}"
        noted = audit.noted(desk.connection, limit=1, subject=subject, action=_ROLE)
        zone = desk.publication.timezone
        return [
            Changed(
                one.by,
                Clock(visit.tag, zone).when(one.at),
                f"{one.detail.get('before', '')} → {one.detail.get('after', '')}",
            )
            for one in noted
        ] or [Changed("–", "", standing.find(desk.connection, visit.number()).role.value)]

    def _myself(self, visit: Visit) -> bool:
        return visit.number() == visit.person.id

    def _here(self, visit: Visit) -> str:
        return f"{PEOPLE}/{visit.number()}"

    def _done(self, visit: Visit, done: str) -> Response:
        return self._room.to(self._here(visit), done)
