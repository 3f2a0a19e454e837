"""A digest to look at: a channel's newest articles, or made-up ones, as its mails show them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from colporteur.articles.pictures.store import of_articles
from colporteur.articles.store import newest, topic_slugs
from colporteur.digests.cards import Card, card, short_date
from colporteur.digests.rendering import MARKS, Brought, Rendering, Words, render
from colporteur.publication import Channel, Publication
from colporteur.templating import Templates, language

_SHOWN = 4


def sample_digest(
    connection: Connection,
    templates: Templates,
    publication: Publication,
    channel: Channel,
    channel_id: int | None,
    site: str,
    now: datetime,
    *,
    test: bool = False,
) -> Rendering:
    """What a digest of the channel looks like; its links lead to the channel's page.

    ``channel_id`` is None for a channel that is not there yet. ``test``: somebody gets it.

    Raises:
        TemplateBroken: a template does not render.
    """
    found = newest(connection, channel_id, _SHOWN) if channel_id is not None else []
    topics, pictures = topic_slugs(connection), of_articles(connection, found)
    tag = channel.language
    shown = [card(one, publication, topics, site, tag, pictures) for one in found]
    day = now.astimezone(ZoneInfo(publication.timezone))
    words = templates.catalogue(tag)
    band = (
        words.gettext("A test, sent to you alone: this is how digests look.")
        if test
        else words.gettext("A sample: this is how digests look. Nobody gets it.")
    )
    home = f"{site}/{channel.slug}"
    cards = tuple(shown or _made_up(templates, tag, home, day))
    made = render(templates, Brought(publication, channel, cards, 0, day, site, Words(), band=band))
    html, text = made.html, made.text
    for mark in MARKS:
        html, text = html.replace(mark, home), text.replace(mark, home)
    return Rendering(made.subject, text, html)


def _made_up(templates: Templates, tag: str, home: str, day: datetime) -> list[Card]:
    words = templates.catalogue(tag)
    title = words.gettext("The title of an article")
    teaser = words.gettext("A sentence or two that say what it is about, and why it matters.")
    own = language(tag)
    return [
        Card(
            title=f"{title} ({number})",
            teaser=teaser,
            url=home,
            topics=[],
            date=short_date(day, tag),
            iso_date=day.isoformat(timespec="minutes"),
            authors=[],
            language=own.tag,
            direction=own.direction,
            foreign=False,
            image=None,
        )
        for number in range(1, 4)
    ]
