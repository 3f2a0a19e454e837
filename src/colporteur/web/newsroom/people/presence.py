"""Whether who sits at a session is who signed in: they say their password again."""

from colporteur.db import reading
from colporteur.staff import credentials
from colporteur.staff.credentials import Known
from colporteur.staff.passwords import matches
from colporteur.web.newsroom.people.gates import DoorGates
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit


class Presence:
    """Asks for the present password, so often."""

    def __init__(self, room: Room) -> None:
        self._engine = room.runtime.engine
        self._gates = DoorGates(room.runtime.limits, room.runtime.settings.secret_keys)

    def prove(self, visit: Visit, field: str) -> Known | str:
        """Who it is, with what they said in a field; else a word for what is wrong with it."""
        if self._gates.present(visit.person.id):
            return "wait"
        with reading(self._engine) as connection:
            known = credentials.of_person(connection, visit.person.id)
        typed = "".join(visit.form.all(field)[-1:])
        right = matches(known.password_hash if known else None, typed)
        return known if known and right else "wrong"
