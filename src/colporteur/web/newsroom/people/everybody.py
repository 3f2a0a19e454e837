"""Who belongs to the newsroom: the list of people, and inviting somebody."""

from dataclasses import dataclass

from starlette.responses import Response

from colporteur.delivery.staff_letters import send_invitation
from colporteur.exceptions import AddressRefused, ColporteurError, UnknownName
from colporteur.staff import people
from colporteur.staff.people import Person, Role
from colporteur.staff.permissions import May
from colporteur.staff.roster import Member, roster
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

PEOPLE = "/newsroom/people"


def everybody_places(room: Room) -> list[Place]:
    """The list of people, and the form that invites one."""
    page = _Everybody(room)
    return [
        Place("GET", PEOPLE, May.PEOPLE, page.show),
        Place("POST", PEOPLE, May.PEOPLE, page.invite),
    ]


@dataclass(frozen=True)
class Listed:
    """Somebody in the list; ``state`` is active, invited or disabled."""

    person: Person
    state: str
    second_factor: bool
    last_seen: str
    tokens: int


class _Everybody:
    """The list of people."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit, wrong: dict[str, str] | None = None) -> Response:
        """Everybody, and the form that invites."""
        with self._room.reading(visit) as desk:
            found = roster(desk.connection, desk.now)
            zone = desk.publication.timezone
        return self._room.page(
            visit,
            "people/everybody",
            self._room.say(visit, "People"),
            code=422 if wrong else 200,
            found=[_listed(one, visit.tag, zone) for one in found],
            roles=[one.value for one in Role],
            wrong=wrong or {},
            address=visit.form.one("address")[:320],
            name_typed=visit.form.one("name")[:1000],
            chosen=visit.form.one("role") or Role.EDITOR.value,
        )

    def invite(self, visit: Visit) -> Response:
        """Add somebody, and mail them a link to choose their password."""
        wrong: dict[str, str] = {}
        with self._room.changing(visit, May.PEOPLE) as desk:
            person = _add(desk, visit, wrong)
            if person is not None:
                by = desk.person.name or desk.person.address
                key = self._room.runtime.settings.secret_key
                send_invitation(desk.connection, key, person, by, desk.now)
                subject = f"person:{person.id}"
                desk.note("person.invited", subject, who=person.address, role=person.role.value)
        if person is None:
            return self.show(visit, wrong)
        self._room.ring()
        return self._room.to(f"{PEOPLE}/{person.id}", "invited")


def state_of(member: Member) -> str:
    """How somebody stands."""
    if member.person.disabled_at is not None:
        return "disabled"
    return "active" if member.has_password else "invited"


def role_of(text: str) -> Role | None:
    """A role that a form names."""
    return next((one for one in Role if one.value == text), None)


def _add(desk: Desk, visit: Visit, wrong: dict[str, str]) -> Person | None:
    """Add whom a form names; what is wrong with it: a word for each field."""
    address, name = visit.form.one("address"), visit.form.one("name")
    role = role_of(visit.form.one("role"))
    try:
        people.check_name(name)
    except ColporteurError:
        wrong["name"] = "name"
    try:
        people.by_address(desk.connection, address)
        wrong["address"] = "there"
    except AddressRefused:
        wrong["address"] = "address"
    except UnknownName:
        pass
    if wrong:
        return None
    return people.add(desk.connection, address, name=name, role=role, now=desk.now)[0]


def _listed(one: Member, tag: str, zone: str) -> Listed:
    seen = Clock(tag, zone).when(one.last_seen)
    return Listed(one.person, state_of(one), one.second_factor, seen, one.tokens)
