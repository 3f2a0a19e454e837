"""Lays out letters: service mails that share the digests' frame, renderer and inliner."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from colporteur.digests.frame import Frame, Said, frame
from colporteur.digests.inlining import inline
from colporteur.digests.rendering import Rendering
from colporteur.publication import Publication
from colporteur.templating import Templates, language

ALERT = "alert"


def alert_mail(
    templates: Templates, tag: str, letter: Mapping[str, Any], publication: Publication, site: str
) -> Frame:
    """The frame of an alert: a source of a channel does not serve."""
    words = templates.catalogue(tag)
    subject = words.gettext("A source of %(channel)s has been failing for a day")
    if letter.get("gone"):
        subject = words.gettext("A source of %(channel)s is gone for good")
    why = words.gettext("You receive this because your address is in alerts_to of %(title)s.")
    said = Said(
        subject=subject % {"channel": letter["channel"]},
        preheader=str(letter["problem"]),
        why=why % {"title": publication.title_in(tag)},
    )
    return frame(publication, tag, site, said)


def render_letter(
    templates: Templates, message: str, mail: Frame, letter: Mapping[str, Any], timezone: str
) -> Rendering:
    """A letter's subject and bodies.

    Raises:
        TemplateBroken: a template does not render.
    """
    tag = mail.language
    values = {"mail": mail, "letter": letter, "since": _moment(letter["since"], tag, timezone)}
    folder = f"email/{message}"
    return Rendering(
        subject=templates.render(f"{folder}/subject.txt.j2", tag, **values).strip(),
        text=templates.render(f"{folder}/body.txt.j2", tag, **values).strip() + "\n",
        html=inline(templates.render(f"{folder}/body.html.j2", tag, **values)),
    )


def _moment(text: str, tag: str, timezone: str) -> str:
    """An instant as people of the language write it, in the publication's zone."""
    local = datetime.fromisoformat(text).astimezone(ZoneInfo(timezone))
    locale = language(tag).locale
    return f"{format_date(local, 'long', locale)}, {format_time(local, 'short', locale=locale)}"
