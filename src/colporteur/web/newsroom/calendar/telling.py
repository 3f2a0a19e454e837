"""Editions of the calendar in the visitor's words."""

from dataclasses import dataclass

from colporteur.editions.foresight import PLANNED, Outing
from colporteur.editions.states import State
from colporteur.publication import Channel
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.states import STATES, reason_said
from colporteur.web.newsroom.visiting import Visit

_SHAPES: dict[str, str] = {
    PLANNED: "planned",
    State.OPEN: "planned",
    State.SENT: "done",
    State.SENDING: "going",
    State.FROZEN: "going",
    **dict.fromkeys((State.PAUSED, State.HELD, State.AWAITING_APPROVAL), "stopped"),
    **dict.fromkeys((State.SKIPPED, State.MISSED, State.CANCELLED), "out"),
}


@dataclass(frozen=True)
class Entry:
    """An edition on the calendar. ``shape`` tells its state to the eye, ``state`` in words.

    ``was`` is when the calendar had it, where it was moved since; ``called`` its cadence as people
    call it, or its kind.
    """

    mark: str
    edition: int | None
    channel: str
    title: str
    language: str
    cadence: str
    called: str
    time: str
    at: str
    state: str
    shape: str
    why: str
    was: str
    readers: str
    articles: str
    slot: str
    special: bool


@dataclass(frozen=True)
class Words:
    """Puts editions into words."""

    room: Room
    visit: Visit
    desk: Desk
    clock: Clockface

    def entry(self, one: Outing) -> Entry:
        """An edition on the calendar."""
        assert one.leaves is not None
        channels = {known.slug: known for known in self.desk.publication.channels}
        channel = channels.get(one.channel)
        moved = one.slot is not None and one.slot != one.leaves and one.kind == "regular"
        gettext = self.room.runtime.templates.catalogue(self.visit.tag).gettext
        return Entry(
            mark=self.mark(one),
            edition=one.edition,
            channel=one.channel,
            title=channel.title if channel else self.say("A channel that is gone"),
            language=channel.language if channel else self.visit.tag,
            cadence=one.cadence or "",
            called=self._called(one, channel),
            time=self.clock.time(one.leaves),
            at=one.leaves.isoformat(),
            state=self.say(STATES[one.state]),
            shape=_SHAPES[one.state],
            why=reason_said(gettext, one.reason),
            was=self.clock.moment(one.slot) if moved and one.slot else "",
            readers=self.clock.number(one.readers),
            articles="" if one.articles is None else self.clock.number(one.articles),
            slot=one.slot.isoformat() if one.slot else "",
            special=one.kind != "regular",
        )

    def mark(self, one: Outing) -> str:
        """What an edition's place on a page is called."""
        if one.edition is not None:
            return f"e{one.edition}"
        at = f"{one.leaves:%Y%m%dT%H%M}" if one.leaves else ""
        return f"{one.channel}-{one.cadence}-{at}"

    def say(self, message: str, **values: str) -> str:
        """A message of the catalogues."""
        return self.room.say(self.visit, message, **values)

    def _called(self, one: Outing, channel: Channel | None) -> str:
        if not one.cadence:
            return self.say("Correction" if one.kind == "correction" else "Special edition")
        return channel.called(one.cadence, self.visit.tag) if channel else one.cadence
