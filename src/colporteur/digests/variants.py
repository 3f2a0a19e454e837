"""A variant's rendering: made the first time it is asked for, then kept."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from colporteur.articles.article import Article
from colporteur.articles.store import at_versions, topic_slugs
from colporteur.db.tables.editions import edition_articles, variants
from colporteur.digests.cards import card
from colporteur.digests.rendering import ARTICLE, DIGEST, Brought, Rendering, Words, render
from colporteur.editions.store import Edition, load
from colporteur.publication import Channel
from colporteur.publication.revisions import frozen_channel
from colporteur.templating import Templates


def render_variant(
    connection: Connection, templates: Templates, variant_id: int, site: str, now: datetime
) -> Rendering:
    """The variant's rendering, stored the first time it is asked for.

    Raises:
        TemplateBroken: a template does not render.
    """
    row = connection.execute(select(variants).where(variants.c.id == variant_id)).one()
    if row.rendered_at is not None:
        return Rendering(row.subject, row.text, row.html)
    rendering = render(templates, _brought(connection, row, site))
    connection.execute(
        update(variants)
        .where(variants.c.id == variant_id)
        .values(
            rendered_at=now, subject=rendering.subject, text=rendering.text, html=rendering.html
        )
    )
    return rendering


def _brought(connection: Connection, variant: Any, site: str) -> Brought:
    edition = load(connection, variant.edition_id)
    assert edition.revision is not None
    assert edition.send_at is not None
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    found = _frozen_articles(connection, edition.id)
    topics = topic_slugs(connection)
    cards = tuple(
        card(found[one], publication, topics, site, channel.language) for one in variant.articles
    )
    day = (edition.slot or edition.send_at).astimezone(ZoneInfo(publication.timezone))
    arrangement = edition.arrangement
    subject, preheader = arrangement.words_for(next(iter(variant.articles), None))
    return Brought(
        publication,
        channel,
        cards,
        variant.more,
        day,
        site,
        Words(arrangement.intro, subject, preheader),
        kind=_kind(edition, channel, len(cards)),
        ordered=bool(arrangement.order),
        layout=variant.layout,
    )


def _kind(edition: Edition, channel: Channel, cards: int) -> str:
    """Which message it is: an instant edition of one article is that article's."""
    if not edition.regular:
        return edition.kind
    rules = channel.digest
    cadence = rules.cadences.get(edition.cadence or "") if rules else None
    instant = cadence is not None and cadence.rule == "instant"
    return ARTICLE if instant and cards == 1 else DIGEST


def _frozen_articles(connection: Connection, edition_id: int) -> dict[int, Article]:
    rows = connection.execute(
        select(edition_articles.c.article_id, edition_articles.c.version).where(
            edition_articles.c.edition_id == edition_id
        )
    )
    return at_versions(connection, {row.article_id: row.version for row in rows})
