"""The desk of an edition: its order, its lead, its words; shown, looked over, tested and saved."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from colporteur.delivery.looking_over import look_over
from colporteur.delivery.proofs import post, proof
from colporteur.delivery.standing import Wanted
from colporteur.editions import store
from colporteur.editions.arranging import Openness, Wishes, arrange, arranged
from colporteur.editions.naming import Named
from colporteur.editions.store import Edition
from colporteur.exceptions import AddressRefused, NothingToSend
from colporteur.staff.permissions import May
from colporteur.web.newsroom.editions.bench import Bench, Shown
from colporteur.web.newsroom.editions.telling import changed_since, edition_of
from colporteur.web.newsroom.editions.testing import read_addresses
from colporteur.web.newsroom.editions.typed import Typed, faults_in, moved, read_typed
from colporteur.web.newsroom.editions.wishing import Wishing
from colporteur.web.newsroom.findings import findings_of
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.visiting import Visit


@dataclass(frozen=True)
class _Saved:
    """What came of saving; ``seen`` is the edition's version now."""

    done: bool = False
    changes: Sequence[Changed] = ()
    seen: str = ""
    shown: Shown | None = None


class Arranging:
    """The desk of an edition."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._bench = Bench(room)

    def show(self, visit: Visit) -> Response:
        """The desk, with the edition as it is kept."""
        return self._bench.page(visit, Shown())

    def change(self, visit: Visit) -> Response:
        """Save the edition as it is typed; or move an article in the form, and keep nothing."""
        typed, what = read_typed(visit.form), visit.form.one("do")
        if what not in {"", "save"}:
            return self._bench.page(visit, Shown(moved(typed, what), moved=what.split(" ")[-1]))
        with self._room.changing(visit, May.ARRANGE) as desk:
            edition = edition_of(desk, visit, to_change=True)
            saved = self._save(visit, Wishing(desk, edition), typed)
        here = f"/newsroom/editions/{visit.number()}/arrange"
        if saved.changes:
            return self._room.conflict(visit, saved.changes, saved.seen, here)
        if saved.shown is not None:
            return self._bench.page(visit, saved.shown)
        self._room.ring()
        return self._room.to(here, "saved")

    def check(self, visit: Visit) -> Response:
        """Look over the edition as it is typed, links too. Nothing is kept."""
        typed, runtime = read_typed(visit.form), self._room.runtime
        with self._room.reading(visit) as desk:
            wishing = Wishing(desk, edition_of(desk, visit))
            wishes, faults = wishing.wishes(typed), self._faults(visit, wishing, typed)
        if faults:
            return self._bench.page(visit, Shown(typed, faults=faults, code=422))
        named = Named("", edition=visit.number())
        try:
            seen = look_over(
                runtime.engine, runtime.settings, runtime.templates, named, wishes=wishes
            )
        except NothingToSend:
            return self._bench.page(visit, Shown(typed, checked=[]))
        stored = [one.as_json() for one in seen.findings]
        found = findings_of(self._room, visit, stored)
        return self._bench.page(visit, Shown(typed, checked=found, nothing=bool(seen.nothing)))

    def test(self, visit: Visit) -> Response:
        """Send the edition as it is typed to people of the newsroom. Readers get nothing of it."""
        typed, room = read_typed(visit.form), self._room
        runtime = room.runtime
        with room.reading(visit) as desk:
            wishing = Wishing(desk, edition_of(desk, visit))
            wishes, faults = wishing.wishes(typed), dict(self._faults(visit, wishing, typed))
            to, fault = read_addresses(desk.connection, visit.form.one("to"))
        if fault:
            faults["to"] = room.say(visit, fault)
        if faults:
            return self._bench.page(visit, Shown(typed, faults=faults, code=422))
        wanted = Wanted(Named("", edition=visit.number()), wishes=wishes)
        try:
            made = proof(runtime.engine, runtime.settings, runtime.templates, wanted)
            with room.changing(visit, May.ARRANGE) as desk:
                nonce = visit.form.one("nonce")[:40]
                mark = f"{desk.person.id}-{nonce}" if nonce else ""
                sent = post(desk.connection, made, to, desk.brake, desk.now, mark)
                if sent:
                    desk.note("edition.tested", f"edition:{visit.number()}", to=", ".join(to))
        except NothingToSend:
            faults = {"to": room.say(visit, "There is nothing in it yet.")}
        except AddressRefused as error:
            faults = {"to": f"{error.message} {error.cure}"}
        if faults:
            return self._bench.page(visit, Shown(typed, faults=faults, code=422))
        room.ring()
        return self._bench.page(visit, Shown(typed, tested=to))

    def _save(self, visit: Visit, wishing: Wishing, typed: Typed) -> _Saved:
        desk, edition = wishing.desk, wishing.edition
        wishes, version = wishing.wishes(typed), store.version(desk.connection, edition.id)
        if wishes is None:
            return _Saved(shown=Shown(typed, closed=True, code=409))
        gone = wishing.vanished(typed)
        if not gone and arranged(edition, wishes) == edition.arrangement:
            return _Saved(done=True)  # the same form, sent twice
        if visit.form.one("seen") != str(version):
            seen = visit.form.one("seen")
            changes = changed_since(self._room, visit, desk, edition, seen)
            return _Saved(changes=changes, seen=str(version))
        if faults := self._faults(visit, wishing, typed):
            return _Saved(shown=Shown(typed, faults=faults, code=422))
        if gone:
            return _Saved(shown=Shown(typed, gone=gone, code=409))
        arrange(desk.connection, edition, wishes, by=desk.by, now=desk.now)
        desk.note("edition.arranged", f"edition:{edition.id}", **_changes(edition, wishes))
        return _Saved(done=True)

    def _faults(self, visit: Visit, wishing: Wishing, typed: Typed) -> dict[str, str]:
        if wishing.open is Openness.NOTHING:
            return {}
        found = faults_in(typed, lead=wishing.has_lead(typed))
        return {name: self._room.say(visit, said) for name, said in found.items()}


def _changes(edition: Edition, wishes: Wishes) -> dict[str, object]:
    """What is arranged differently, for the log."""
    before, after = edition.arrangement.as_json(), arranged(edition, wishes).as_json()
    return {
        f"{name}_after": after.get(name)
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }
