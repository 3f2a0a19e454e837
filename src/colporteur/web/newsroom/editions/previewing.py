"""The preview beside the desk: what the real sending's own renderer makes, in a frame."""

from html import escape

from starlette.responses import Response

from colporteur.delivery.standing import Sheet, Wanted, sheet
from colporteur.editions.arranging import Wishes
from colporteur.editions.naming import Named
from colporteur.exceptions import (
    ArrangementRefused,
    ColporteurError,
    Forbidden,
    NothingToSend,
    ServiceUnavailable,
)
from colporteur.staff.permissions import May
from colporteur.templating import language
from colporteur.web.newsroom.editions.looks import SCHEMES, Scheme, in_scheme, listed
from colporteur.web.newsroom.editions.readers import reader_named
from colporteur.web.newsroom.editions.telling import edition_of
from colporteur.web.newsroom.editions.typed import faults_in, read_typed
from colporteur.web.newsroom.editions.wishing import Wishing
from colporteur.web.newsroom.frames import framed
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_PLAIN = """\
<!DOCTYPE html>
<html lang="{tag}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{scheme}"><title>{title}</title></head>
<body style="margin: 0; font: 15px/1.5 {font}; color: {ink}; background: {paper}">{body}</body>
</html>
"""
_COLOURS = {
    "light": {"ink": "#1f1f1f", "paper": "#ffffff"},
    "dark": {"ink": "#ececec", "paper": "#1f1f1f"},
}


class Previewing:
    """What the preview's frame shows."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def saved(self, visit: Visit) -> Response:
        """The edition as it is kept."""
        return self._framed(visit, visit.query.one("look"), None, "")

    def typed(self, visit: Visit) -> Response:
        """The edition as it is typed; as one reader would get it, where one is named."""
        reader = visit.form.one("reader")
        if reader and not visit.may(May.READERS):
            raise Forbidden("Readers are not shown to this role.", cure="Ask an admin.")
        with self._room.reading(visit) as desk:
            edition = edition_of(desk, visit)
            wishing, typed = Wishing(desk, edition), read_typed(visit.form)
            wishes = wishing.wishes(typed)
        faults = faults_in(typed, lead=wishing.has_lead(typed)) if wishes else {}
        look = visit.form.one("look")
        for fault in faults.values():
            return self._said(visit, _scheme(look), fault)
        return self._framed(visit, look, wishes, reader)

    def _framed(self, visit: Visit, look: str, wishes: Wishes | None, reader: str) -> Response:
        scheme = _scheme(look)
        address = None
        with self._room.reading(visit) as desk:
            edition_of(desk, visit)
            site = self._room.pages.site(desk.publication)
            if reader:
                found = reader_named(desk.connection, reader)
                if found is None:
                    return self._said(visit, scheme, "No reader has this address or number.")
                address = found.address
        wanted = Wanted(Named("", edition=visit.number()), address, wishes=wishes)
        runtime = self._room.runtime
        try:
            made = sheet(runtime.engine, runtime.settings, runtime.templates, wanted)
        except NothingToSend:
            said = "Nothing of it would reach this reader." if reader else _NOTHING_YET
            return self._said(visit, scheme, said)
        except ArrangementRefused:
            return self._said(visit, scheme, _NOT_LIKE_THIS)
        except ServiceUnavailable:
            raise
        except ColporteurError as error:
            return self._said(
                visit, scheme, "This cannot be shown.", f"{error.message} {error.cure}"
            )
        return framed(self._text(made) if look == "text" else _mail(made, scheme), site)

    def _text(self, made: Sheet) -> str:
        rendering = made.rendering
        tag = made.language
        head = f"{made.sender}\n{rendering.subject}\n{made.preheader}"
        body = (
            f'<pre style="margin: 0; padding: 12px 16px; border-bottom: 1px solid #999; '
            f'white-space: pre-wrap; font-weight: 600">{escape(head)}</pre>'
            f'<pre style="margin: 0; padding: 16px; white-space: pre-wrap; overflow-wrap: anywhere">'
            f"{escape(rendering.text)}</pre>"
        )
        return _plain(tag, "light", rendering.subject, body, font="ui-monospace, monospace")

    def _said(self, visit: Visit, scheme: Scheme, message: str, more: str = "") -> Response:
        """A sentence where the mail would be."""
        said = self._room.say(visit, message)
        body = f'<p style="padding: 24px; margin: 0">{escape(said)}</p>'
        if more:
            body += f'<p lang="en" dir="ltr" style="padding: 0 24px">{escape(more)}</p>'
        return framed(_plain(visit.tag, scheme, said, body), "'self'")


_NOT_LIKE_THIS = "It cannot be arranged like this. Save it to see why."
_NOTHING_YET = "There is nothing in it yet."


def _scheme(look: str) -> Scheme:
    return next((one for one in SCHEMES if one == look), "light")


def _mail(made: Sheet, scheme: Scheme) -> str:
    rendering = made.rendering
    html = in_scheme(rendering.html, scheme)
    return listed(html, scheme, made.sender, rendering.subject, made.preheader, made.language)


def _plain(
    tag: str, scheme: Scheme, title: str, body: str, font: str = "system-ui, sans-serif"
) -> str:
    return _PLAIN.format(
        tag=escape(tag),
        direction=language(tag).direction,
        scheme=scheme,
        title=escape(title),
        font=font,
        body=body,
        **_COLOURS[scheme],
    )
