"""``/newsroom/calendar/send-now``: an edition by hand, outside the calendar, after a look at it."""

from datetime import timedelta

from starlette.responses import Response

from colporteur.editions import scheduling
from colporteur.editions.foretelling import readers_per_cadence
from colporteur.editions.store import listing
from colporteur.publication import Channel
from colporteur.staff.permissions import May
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.ahead import outings_ahead
from colporteur.web.newsroom.clocks import Clockface
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_ONCE_IN = timedelta(minutes=1)  # a form that is sent twice sends once
_AHEAD = timedelta(days=35)


class Sending:
    """Sending by hand."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def ask(self, visit: Visit) -> Response:
        """What would leave, for how many; and what then comes of the one that is planned."""
        with self._room.reading(visit) as desk:
            channel, cadence = _named(desk, visit.query)
            clock = Clockface(visit.tag, desk.publication.timezone, desk.now)
            found = outings_ahead(desk, _AHEAD)
            mine = [one for one in found if (one.channel, one.cadence) == (channel.slug, cadence)]
            coming = next((one for one in mine if one.articles is not None and not one.ended), None)
            per_cadence = readers_per_cadence(desk.connection, desk.whom)
            readers = per_cadence.get((desk.names.channels[channel.slug], cadence), 0)
        leaves = coming.leaves if coming else None
        return self._room.page(
            visit,
            "calendar_send",
            self._room.say(visit, "Send an edition now"),
            channel=channel,
            cadence=cadence,
            called=channel.called(cadence, visit.tag),
            readers=clock.number(readers),
            articles=clock.number(coming.articles or 0) if coming else "0",
            coming=clock.moment(leaves) if leaves else "",
        )

    def send(self, visit: Visit) -> Response:
        """Send it; whoever asks twice within a minute sends once."""
        with self._room.changing(visit, May.STEER) as desk:
            channel, cadence = _named(desk, visit.form)
            number = _just_now(desk, channel, cadence)
            if number is None:
                edition, readers = scheduling.send_now(
                    desk.connection,
                    desk.revision,
                    desk.names,
                    channel,
                    cadence,
                    by=desk.by,
                    now=desk.now,
                    brake=desk.brake,
                )
                number = edition.id
                desk.note("edition.sent_now", f"edition:{number}", readers=readers)
        self._room.ring()
        return self._room.to(f"/newsroom/editions/{number}", "sent-now")


def _named(desk: Desk, asked: Form) -> tuple[Channel, str]:
    """The channel and the cadence that are asked for.

    Raises:
        UnknownName: there is none of this name.
    """
    channel, cadence = desk.publication.channel(asked.one("channel")), asked.one("cadence")
    channel.cadence(cadence)
    return channel, cadence


def _just_now(desk: Desk, channel: Channel, cadence: str) -> int | None:
    """The edition that was sent by hand in the last minute, if one was."""
    desk_channel = desk.names.channels[channel.slug]
    since = desk.now - _ONCE_IN
    for one in listing(desk.connection, limit=5, channel_id=desk_channel, since=since):
        if one.forced and one.cadence == cadence and one.slot and one.slot >= since:
            return one.id
    return None
