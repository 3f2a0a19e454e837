"""Lays out a letter: its content becomes a subject, a text and an HTML body."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from colporteur.digests.inlining import html_of
from colporteur.digests.letters.content import Content
from colporteur.digests.letters.frames import TEST, letter_frame
from colporteur.digests.rendering import Rendering, readable
from colporteur.publication import Publication
from colporteur.templating import Templates


def render_letter(
    templates: Templates,
    message: str,
    tag: str,
    letter: Mapping[str, Any],
    publication: Publication,
    site: str,
) -> Rendering:
    """A letter's subject and bodies, in its language or else the publication's first.

    Raises:
        TemplateBroken: a template does not render.
    """
    tag = tag if tag in publication.languages else publication.languages[0]
    content = Content(letter, tag, templates.catalogue(tag), publication)
    mail = letter_frame(message, content, site)
    values: dict[str, Any] = {
        "mail": mail,
        "letter": letter,
        "channels": content.channels,
        "moment": content.moment,
    }
    folder = f"email/{message}"
    subject = templates.render(f"{folder}/subject.txt.j2", tag, **values)
    text = templates.render(f"{folder}/body.txt.j2", tag, **values)
    # A test's is inlined already; done again, the rules for the dark would be inlined too.
    made = templates.render if message == TEST else partial(html_of, templates)
    return Rendering(
        subject=" ".join(subject.split()),
        text=readable(text),
        html=made(f"{folder}/body.html.j2", tag, **values),
    )
