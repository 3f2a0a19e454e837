"""Every place of the settings."""

from colporteur.staff.permissions import May
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.settings import cadences, channels, sources, states, topics, whole
from colporteur.web.newsroom.settings.editing import Editing
from colporteur.web.newsroom.settings.front import Front
from colporteur.web.newsroom.settings.history import History
from colporteur.web.newsroom.settings.looking import Looking
from colporteur.web.newsroom.settings.sheets import HOME, Make

_SHEETS: dict[str, Make] = {
    "publication": whole.publication_sheet,
    "look": whole.look_sheet,
    "footer": whole.footer_sheet,
    "sending": whole.sending_sheet,
    "signing-up": whole.signing_up_sheet,
    "channels/new": channels.new_channel_sheet,
    "channels/{channel}": channels.channel_sheet,
    "channels/{channel}/state": states.state_sheet,
    "channels/{channel}/digest": channels.digest_sheet,
    "channels/{channel}/skip": channels.skip_sheet,
    "channels/{channel}/cadences/new": cadences.new_cadence_sheet,
    "channels/{channel}/cadences/{cadence}": cadences.cadence_sheet,
    "channels/{channel}/sources/new": sources.new_source_sheet,
    "channels/{channel}/sources/{source}": sources.source_sheet,
    "topics/new": topics.new_topic_sheet,
    "topics/{topic}": topics.topic_sheet,
    "groups/new": topics.new_group_sheet,
    "groups/{group}": topics.group_sheet,
}


def settings_places(room: Room) -> list[Place]:
    """The forms, the page that leads to them, their history, and how mails would look."""
    history = History(room)
    found = [
        Place("GET", HOME, May.SETTINGS, Front(room).show),
        Place("GET", f"{HOME}/look/sample", May.SETTINGS, Looking(room).frame),
        Place("GET", f"{HOME}/history", May.SETTINGS, history.listed),
        Place("GET", f"{HOME}/history/{{number}}", May.SETTINGS, history.one),
        Place("POST", f"{HOME}/history/{{number}}", May.SETTINGS, history.change),
    ]
    for path, make in _SHEETS.items():
        form = Editing(room, make)
        found.append(Place("GET", f"{HOME}/{path}", May.SETTINGS, form.show))
        found.append(Place("POST", f"{HOME}/{path}", May.SETTINGS, form.send))
    return found
