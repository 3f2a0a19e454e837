"""What is done for one reader, on their word: each is noted, in their history too."""

import json

from starlette.responses import Response

from colporteur.audience.addresses import parse_address
from colporteur.audience.barring import bar, unbar
from colporteur.audience.erasing import erase
from colporteur.audience.exporting_one import all_of
from colporteur.audience.leaving import leave, leave_all
from colporteur.audience.preferences import Person, held_by, person
from colporteur.audience.signing_up import begins_something
from colporteur.delivery import resending
from colporteur.delivery.resending import Why
from colporteur.delivery.welcoming.asking import ask_to_confirm
from colporteur.editions.store import load
from colporteur.exceptions import AddressRefused, ResendRefused
from colporteur.staff.permissions import May
from colporteur.tasks.signing_up import office_of
from colporteur.web.desk import Desk
from colporteur.web.newsroom.readers.one import One, open_consent
from colporteur.web.newsroom.room import HEADERS, Room
from colporteur.web.newsroom.visiting import Visit, as_id

_WHY_AT_MOST = 500


class Acting:
    """The forms of a reader's page."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._page = One(room)

    def resend(self, visit: Visit) -> Response:
        """Have an edition leave for them once more."""
        number = as_id(visit.form.one("edition"))
        try:
            with self._room.changing(visit, May.READERS) as desk:
                reader = self._reader(desk, visit)
                edition = load(desk.connection, number)
                resending.resend(
                    desk.connection, edition, reader.id, desk.brake, by=desk.by, now=desk.now
                )
                desk.note("edition.resent", f"edition:{number}", reader=reader.id)
        except ResendRefused as refused:
            return self._again(visit, "resend", self._why(visit, Why(refused.why)))
        self._room.ring()
        return self._to(visit, "resent")

    def confirmation(self, visit: Visit) -> Response:
        """Write the letter with the button once more."""
        with self._room.changing(visit, May.READERS) as desk:
            reader = self._reader(desk, visit)
            asked = open_consent(desk, reader.id)
            office = office_of(desk.connection, self._room.runtime)
            done = bool(asked and office and begins_something(desk.connection, asked))
            if done and asked and office:
                ask_to_confirm(desk.connection, office, asked, desk.now)
                desk.note("reader.asked", f"reader:{reader.id}")
        if not done:
            said = self._room.say(visit, "There is nothing that this reader has yet to confirm.")
            return self._again(visit, "confirmation", said)
        self._room.ring()
        return self._to(visit, "asked")

    def unsubscribe(self, visit: Visit) -> Response:
        """End one channel for them, or all."""
        slug = visit.form.one("channel")
        with self._room.changing(visit, May.READERS) as desk:
            reader = self._reader(desk, visit)
            if slug:
                channel_id = desk.names.channels.get(slug)
                theirs = held_by(desk.connection, reader.id)
                wanted = [one for one in theirs if one.standing.choice.channel_id == channel_id]
                for one in wanted:
                    leave(desk.connection, one.id, by=desk.by, now=desk.now)
            else:
                leave_all(desk.connection, reader.id, by=desk.by, now=desk.now)
            desk.note("reader.unsubscribed", f"reader:{reader.id}", channel=slug[:200])
        return self._to(visit, "left")

    def suppress(self, visit: Visit) -> Response:
        """Never write to their address again."""
        return self._bar(visit, "suppress")

    def lift(self, visit: Visit) -> Response:
        """Take their address off the do-not-mail list."""
        return self._bar(visit, "lift")

    def erase(self, visit: Visit) -> Response:
        """Forget them, once their address was typed."""
        with self._room.changing(visit, May.READERS) as desk:
            reader = self._reader(desk, visit)
            right = _same(visit.form.one("address"), reader.address)
            if right:
                erase(desk.connection, reader.id, by=desk.by, now=desk.now)
                desk.note("reader.erased", f"reader:{reader.id}")
        if not right:
            said = self._room.say(visit, "This is not their address. Nobody was forgotten.")
            return self._again(visit, "erase", said)
        return self._room.to("/newsroom/readers", "erased")

    def export(self, visit: Visit) -> Response:
        """All that is held about them, as a file, without what would act for them."""
        with self._room.changing(visit, May.READERS) as desk:
            reader = self._reader(desk, visit)
            found = all_of(desk.connection, reader.id)
            found["reader"]["feed_key"] = "…" if reader.feed_key else None
            desk.note("reader.exported", f"reader:{reader.id}")
        name = f'attachment; filename="reader-{reader.id}.json"'
        headers = {**HEADERS, "Content-Disposition": name, "Cache-Control": "private, no-store"}
        body = json.dumps(found, ensure_ascii=False, indent=2)
        return Response(body, headers=headers, media_type="application/json")

    def _bar(self, visit: Visit, act: str) -> Response:
        why = visit.form.one("why")[:_WHY_AT_MOST]
        if not why:
            said = self._room.say(visit, "Say why: it is kept in their history.")
            return self._again(visit, act, said)
        with self._room.changing(visit, May.READERS) as desk:
            reader = self._reader(desk, visit)
            address = parse_address(reader.address)
            (bar if act == "suppress" else unbar)(
                desk.connection, address, why=why, by=desk.by, now=desk.now
            )
            action = "reader.suppressed" if act == "suppress" else "reader.lifted"
            desk.note(action, f"reader:{reader.id}", why=why)
        return self._to(visit, "suppressed" if act == "suppress" else "lifted")

    def _reader(self, desk: Desk, visit: Visit) -> Person:
        return person(desk.connection, visit.number(), lock=True)

    def _to(self, visit: Visit, done: str) -> Response:
        return self._room.to(f"/newsroom/readers/{visit.number()}", done)

    def _again(self, visit: Visit, form: str, fault: str) -> Response:
        """The reader's page, with what was typed and what is wrong with it."""
        typed = {name: visit.form.one(name) for name in visit.form.fields if name != "csrf"}
        return self._page.show(visit, typed={**typed, "form": form}, faults={form: fault})

    def _why(self, visit: Visit, why: Why) -> str:
        words = {
            Why.NOT_THEIRS: self._room.say(
                visit, "This edition was not for this reader, or too long ago."
            ),
            Why.UNDERWAY: self._room.say(
                visit, "It is on its way to this reader: wait for what comes of it."
            ),
            Why.STOPPED: self._room.say(
                visit, "Nothing of this edition leaves: it is stopped, or held."
            ),
            Why.NOT_READING: self._room.say(
                visit, "This reader gets nothing now. They subscribe again first."
            ),
            Why.REHEARSAL: self._room.say(visit, "Only the newsroom’s own addresses get mail."),
            Why.EMPTIED: self._room.say(visit, "Nothing of it was left for this reader."),
            Why.WITHDRAWN: self._room.say(
                visit, "An article in it was withdrawn, and never goes out again."
            ),
            Why.BROUGHT_SINCE: self._room.say(
                visit, "A later mail has brought this reader its articles."
            ),
        }
        return words[why]


def _same(typed: str, address: str) -> bool:
    try:
        return parse_address(typed).key == parse_address(address).key
    except AddressRefused:
        return False
