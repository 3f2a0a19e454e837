"""The brake: suspend all sending, and let it go again after seeing what would leave."""

from starlette.responses import Response

from colporteur.editions import brakes
from colporteur.editions.brakes import Suspension
from colporteur.editions.since_backup import Since, let_go, restored, uncertain
from colporteur.staff.permissions import May
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.leaving import leaving
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.visiting import Visit

PATH = "/newsroom/brakes"


def brake_places(room: Room) -> list[Place]:
    """The page of the brake, and what it does."""
    page = _Brakes(room)
    return [
        Place("GET", PATH, May.LOOK, page.show),
        Place("POST", f"{PATH}/suspend", May.SUSPEND, page.suspend),
        Place("POST", f"{PATH}/release", May.RELEASE, page.release),
    ]


class _Brakes:
    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit, fault: str = "") -> Response:
        """What holds mail back, and what would leave."""
        with self._room.reading(visit) as desk:
            held = desk.brake.suspended
            backup = restored(desk.connection)
            in_doubt = uncertain(desk.connection, desk.now) if backup else []
            told = leaving(desk, visit.tag)
            zone = desk.publication.timezone
        return self._room.page(
            visit,
            "brakes",
            self._title(visit, held),
            code=422 if fault else 200,
            held=held,
            since=Clock(visit.tag, zone).in_full(held.at) if held else "",
            mark=_mark(held),
            backup_of=Clock(visit.tag, zone).in_full(backup.backup_of) if backup else "",
            in_doubt=[one.id for one in in_doubt],
            told=told,
            faults={"why": fault} if fault else None,
            why=visit.form.one("why"),
        )

    def suspend(self, visit: Visit) -> Response:
        """Hold all mail back."""
        why = " ".join(visit.form.one("why").split())
        if fault := self._fault(visit, why):
            return self.show(visit, fault)
        with self._room.changing(visit, May.SUSPEND) as desk:
            if brakes.suspend(desk.connection, by=desk.by, why=why, now=desk.now):
                desk.note("sending.suspended", "sending", why=why)
        return self._room.to(PATH, "suspended")

    def release(self, visit: Visit) -> Response:
        """Let mail go; not if it was suspended anew, for a reason that was not seen."""
        with self._room.changing(visit, May.RELEASE) as desk:
            held = desk.brake.suspended
            after_restore = restored(desk.connection) is not None
            stale = held is not None and visit.form.one("seen") != _mark(held)
            since = _since(visit)
            if not stale and let_go(
                desk.connection, desk.revision, desk.names, by=desk.by, now=desk.now, since=since
            ):
                assert held is not None
                chosen = {"since_backup": str(since)} if after_restore else {}
                desk.note(
                    "sending.released", "sending", suspended_by=held.by, why=held.why, **chosen
                )
            zone = desk.publication.timezone
        if stale and held is not None:
            changed = Changed(held.by, Clock(visit.tag, zone).in_full(held.at), held.why)
            return self._room.conflict(visit, [changed], _mark(held), PATH)
        self._room.ring()
        return self._room.to(PATH, "released")

    def _fault(self, visit: Visit, why: str) -> str:
        if not why:
            return self._room.say(visit, "Write in a few words why: others will ask.")
        if len(why) > brakes.WHY_AT_MOST:
            most = brakes.WHY_AT_MOST
            return self._room.say(visit, "Write at most %(most)s characters.", most=most)
        return ""

    def _title(self, visit: Visit, held: Suspension | None) -> str:
        if held:
            return self._room.say(visit, "All sending is suspended")
        return self._room.say(visit, "Suspend all sending")


def _since(visit: Visit) -> Since:
    """What a form says of the time since a backup; what does least where it says nothing."""
    said = visit.form.one("since")
    return Since(said) if said in {*Since} else Since.MISSED


def _mark(held: Suspension | None) -> str:
    return held.at.isoformat() if held else ""
