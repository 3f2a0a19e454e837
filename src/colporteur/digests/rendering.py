"""Renders a variant: once for all readers who get it, with a mark where each one's link goes."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from colporteur.digests.cards import Card, long_date
from colporteur.digests.fitting import cards_that_fit
from colporteur.digests.frame import Frame, Said, frame
from colporteur.digests.inlining import html_of
from colporteur.digests.links import Link, straight
from colporteur.digests.notes import note_html, note_lines
from colporteur.digests.sections import Section, by_topic
from colporteur.digests.subject import compose_subject
from colporteur.digests.view import Digest
from colporteur.publication import Channel, Publication
from colporteur.templating import Templates
from colporteur.typography import fine, is_seen, one_line, shorten

_DESERT = re.compile(r"\n(?:[ \t]*\n){2,}")
DIGEST, SPECIAL, CORRECTION, ARTICLE = "digest", "special", "correction", "article"
PREHEADER_AT_MOST = 140
"""Characters: no list of mails shows more of it."""
UNSUBSCRIBE_MARK = "https://colporteur.invalid/unsubscribe"
"""Stands for the reader's own link until a message is composed. ``.invalid`` is RFC 2606's."""
PREFERENCES_MARK = "https://colporteur.invalid/preferences"
MARKS = (UNSUBSCRIBE_MARK, PREFERENCES_MARK)


@dataclass(frozen=True)
class Rendering:
    """A variant's subject and bodies, the marks still in them."""

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

    ``ordered``: an editor put the cards in order, so topics do not. ``view_url`` is where it can
    be read in a browser; ``band`` marks what is no real sending.
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
    ordered: bool = False
    view_url: str = ""
    band: str = ""
    link: Link = straight  # from an article's address to what its links in the mail say


def render(templates: Templates, brought: Brought) -> Rendering:
    """Lay out what a variant brings, with fewer cards where mail programs would cut it off.

    Pure but for reading the templates.
    """
    rendering = _lay_out(templates, brought)
    while (room := cards_that_fit(rendering.html, len(brought.cards))) < len(brought.cards):
        dropped = len(brought.cards) - room
        brought = replace(brought, cards=brought.cards[:room], more=brought.more + dropped)
        rendering = _lay_out(templates, brought)
    return rendering


def _lay_out(templates: Templates, brought: Brought) -> Rendering:
    digest = digest_of(templates, brought)
    tag = digest.mail.language
    folder = f"email/{digest.kind}"
    subject = one_line(templates.render(f"{folder}/subject.txt.j2", tag, digest=digest))
    html = html_of(templates, f"{folder}/body.html.j2", tag, digest=digest)
    return Rendering(
        subject=subject if is_seen(subject) else digest.mail.subject,
        text=readable(templates.render(f"{folder}/body.txt.j2", tag, digest=digest)),
        html=html,
    )


def readable(text: str) -> str:
    """A text part with one blank line at most between what belongs apart."""
    return _DESERT.sub("\n\n", text).strip() + "\n"


def digest_of(templates: Templates, brought: Brought) -> Digest:
    """What the templates are handed for a variant."""
    channel = brought.channel
    words = templates.catalogue(channel.language)
    home = f"{brought.site}/{channel.slug}"
    intro = note_html(fine(brought.words.intro, channel.language))
    cards = [_linked(one, brought.link) for one in brought.cards]
    others = cards[1:]
    sections = by_topic(others, words.gettext("Also in this edition"))
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
        lead=cards[0] if cards else None,
        sections=[Section("", list(others))] if brought.ordered else sections,
        more=brought.more,
        more_url=home,
    )


def _linked(card: Card, link: Link) -> Card:
    """A card whose links lead where they shall, and take no reader's own link along."""
    sizes = card.image.sizes if card.image else ()
    shown = tuple(replace(one, src=_without_mark(one.src)) for one in sizes)
    image = replace(card.image, sizes=shown) if card.image else None
    return replace(card, url=_without_mark(link(card.url)), image=image)


def _without_mark(url: str) -> str:
    """An article's address, in which the mark would become the link of whoever follows it."""
    for mark in MARKS:
        url = url.replace(mark, "")
    return url


def _frame(templates: Templates, brought: Brought, intro: str) -> Frame:
    publication, channel, written = brought.publication, brought.channel, brought.words
    words = templates.catalogue(channel.language)
    why = words.gettext("You receive this because you subscribed to %(channel)s.")
    first = brought.cards[0].teaser if brought.cards else next(iter(note_lines(intro)), "")
    said = Said(
        subject=one_line(written.subject) or _subject(templates, brought),
        preheader=shorten(one_line(written.preheader or first), PREHEADER_AT_MOST),
        why=why % {"channel": channel.title},
        view_url=brought.view_url,
        preferences_url=PREFERENCES_MARK,
        unsubscribe_url=UNSUBSCRIBE_MARK,
        band=brought.band,
    )
    return frame(publication, channel.language, brought.site, said, channel)


def _subject(templates: Templates, brought: Brought) -> str:
    """The lead's title and how many more; a note alone is the channel's."""
    channel = brought.channel
    if not brought.cards:
        return channel.title
    others = len(brought.cards) - 1 + brought.more
    words = templates.catalogue(channel.language)
    ending = words.ngettext("and %(num)d more", "and %(num)d more", others)
    suffix = f"({ending % {'num': others}})" if others else ""
    lead = brought.cards[0].title
    return compose_subject(lead if is_seen(lead) else channel.title, suffix)
