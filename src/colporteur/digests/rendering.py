"""Renders a variant: once for all readers who get it, with a mark where each one's link goes."""

from dataclasses import dataclass
from datetime import datetime

from colporteur.digests.inlining import inline
from colporteur.digests.notes import note_html, note_lines
from colporteur.digests.subject import compose_subject
from colporteur.digests.view import Card, Digest, long_date
from colporteur.publication import Channel, Publication
from colporteur.templating import Templates, language

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
    """What a variant brings, ready to be laid out. ``day`` is in the publication's zone."""

    publication: Publication
    channel: Channel
    cards: tuple[Card, ...]
    more: int
    day: datetime
    site: str
    words: Words = NO_WORDS


def render(templates: Templates, brought: Brought) -> Rendering:
    """Lay out what a variant brings. Pure but for reading the templates."""
    digest = digest_of(templates, brought)
    tag = digest.language
    subject = templates.render("email/digest/subject.txt.j2", tag, digest=digest).strip()
    html = templates.render("email/digest/body.html.j2", tag, digest=digest)
    return Rendering(
        subject=subject,
        text=templates.render("email/digest/body.txt.j2", tag, digest=digest).strip() + "\n",
        html=inline(html),
    )


def digest_of(templates: Templates, brought: Brought) -> Digest:
    """What the templates are handed for a variant."""
    publication, channel = brought.publication, brought.channel
    tag = channel.language
    words = templates.catalogue(tag)
    why = words.gettext("You receive this because you subscribed to %(channel)s.")
    home = f"{brought.site}/{channel.slug}"
    lead = brought.cards[0] if brought.cards else None
    written = brought.words
    intro = note_html(written.intro)
    return Digest(
        language=tag,
        direction=language(tag).direction,
        publication_title=publication.title,
        publication_url=f"{brought.site}/",
        channel_title=channel.title,
        channel_url=home,
        date=long_date(brought.day, tag),
        subject=written.subject or _subject(templates, brought),
        preheader=written.preheader or (lead.teaser if lead else next(iter(note_lines(intro)), "")),
        intro=intro,
        intro_lines=note_lines(intro),
        lead=lead,
        cards=list(brought.cards[1:]),
        more=brought.more,
        more_url=home,
        view_url="",
        preferences_url="",
        unsubscribe_url=UNSUBSCRIBE_MARK,
        why=why % {"channel": channel.title},
        postal_address=publication.postal_address[tag].splitlines(),
        sender_name=publication.sender_of(channel).name,
    )


def _subject(templates: Templates, brought: Brought) -> str:
    """The lead's title and how many more; a note alone is the channel's."""
    if not brought.cards:
        return brought.channel.title
    others = len(brought.cards) - 1 + brought.more
    words = templates.catalogue(brought.channel.language)
    ending = words.ngettext("and %(num)d more", "and %(num)d more", others)
    suffix = f"({ending % {'num': others}})" if others else ""
    return compose_subject(brought.cards[0].title, suffix)
