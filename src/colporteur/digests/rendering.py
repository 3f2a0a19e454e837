"""Renders a variant: once for all readers who get it, with a mark where each one's link goes."""

from dataclasses import dataclass
from datetime import datetime

from colporteur.digests.frame import Frame, Said, frame
from colporteur.digests.inlining import inline
from colporteur.digests.notes import note_html, note_lines
from colporteur.digests.subject import compose_subject
from colporteur.digests.view import Card, Digest, long_date
from colporteur.publication import Channel, Publication
from colporteur.templating import Templates

DIGEST, SPECIAL, CORRECTION, ARTICLE = "digest", "special", "correction", "article"
UNSUBSCRIBE_MARK = "https://colporteur.invalid/unsubscribe"
"""Stands for the reader's own link until a message is composed. ``.invalid`` is RFC 2606's."""


@dataclass(frozen=True)
class Rendering:
    """A variant's subject and bodies, the mark still in them."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Words:
    """What an editor wrote for this edition: Markdown for the intro; empty where nothing."""

    intro: str = ""
    subject: str = ""
    preheader: str = ""


NO_WORDS = Words()


@dataclass(frozen=True)
class Brought:
    """What a variant brings, ready to be laid out. ``day`` is in the publication's zone.

    ``view_url`` is where it can be read in a browser; ``band`` marks what is no real sending.
    """

    publication: Publication
    channel: Channel
    cards: tuple[Card, ...]
    more: int
    day: datetime
    site: str
    words: Words = NO_WORDS
    kind: str = DIGEST
    layout: str = ""  # the channel's
    view_url: str = ""
    band: str = ""


def render(templates: Templates, brought: Brought) -> Rendering:
    """Lay out what a variant brings. Pure but for reading the templates."""
    digest = digest_of(templates, brought)
    tag = digest.mail.language
    folder = f"email/{digest.kind}"
    subject = templates.render(f"{folder}/subject.txt.j2", tag, digest=digest).strip()
    html = templates.render(f"{folder}/body.html.j2", tag, digest=digest)
    return Rendering(
        subject=subject,
        text=templates.render(f"{folder}/body.txt.j2", tag, digest=digest).strip() + "\n",
        html=inline(html),
    )


def digest_of(templates: Templates, brought: Brought) -> Digest:
    """What the templates are handed for a variant."""
    channel = brought.channel
    lead = brought.cards[0] if brought.cards else None
    home = f"{brought.site}/{channel.slug}"
    intro = note_html(brought.words.intro)
    rules = channel.digest
    return Digest(
        mail=_frame(templates, brought, intro),
        kind=brought.kind,
        layout=brought.layout or (rules.layout if rules else "briefing"),
        channel_title=channel.title,
        channel_url=home,
        date=long_date(brought.day, channel.language),
        intro=intro,
        intro_lines=note_lines(intro),
        lead=lead,
        cards=list(brought.cards[1:]),
        more=brought.more,
        more_url=home,
    )


def _frame(templates: Templates, brought: Brought, intro: str) -> Frame:
    publication, channel, written = brought.publication, brought.channel, brought.words
    words = templates.catalogue(channel.language)
    why = words.gettext("You receive this because you subscribed to %(channel)s.")
    first = brought.cards[0].teaser if brought.cards else next(iter(note_lines(intro)), "")
    said = Said(
        subject=written.subject or _subject(templates, brought),
        preheader=written.preheader or first,
        why=why % {"channel": channel.title},
        view_url=brought.view_url,
        unsubscribe_url=UNSUBSCRIBE_MARK,
        band=brought.band,
    )
    return frame(publication, channel.language, brought.site, said, channel)


def _subject(templates: Templates, brought: Brought) -> str:
    """The lead's title and how many more; a note alone is the channel's."""
    if not brought.cards:
        return brought.channel.title
    others = len(brought.cards) - 1 + brought.more
    words = templates.catalogue(brought.channel.language)
    ending = words.ngettext("and %(num)d more", "and %(num)d more", others)
    suffix = f"({ending % {'num': others}})" if others else ""
    return compose_subject(brought.cards[0].title, suffix)
