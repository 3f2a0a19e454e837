"""A variant's rendering: made the first time it is asked for, then kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from colporteur.articles.pictures.store import of_articles
from colporteur.articles.store import at_versions, topic_slugs
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.digests.cards import card
from colporteur.digests.links import counted
from colporteur.digests.rendering import ARTICLE, DIGEST, Brought, Rendering, Words, render
from colporteur.editions.addresses import page_path
from colporteur.editions.store import Edition, load
from colporteur.publication import Channel
from colporteur.publication.revisions import frozen_channel
from colporteur.templating import Templates


@dataclass(frozen=True)
class Shown:
    """The articles of an edition that somebody sees, in order, how many more there are, and how.

    ``key`` is the variant's whose page on the web it links to; none where it is empty.
    """

    edition_id: int
    articles: tuple[int, ...]
    more: int
    layout: str
    key: str = ""


def render_variant(
    connection: Connection,
    templates: Templates,
    variant_id: int,
    site: str,
    now: datetime,
    *,
    secret_key: str,
    on_the_web: bool = True,
) -> Rendering:
    """The variant's rendering, stored the first time it is asked for.

    ``secret_key`` signs its links, where the publication counts clicks. ``on_the_web`` False leaves out the link to its page: of an edition that will never be stored.

    Raises:
        TemplateBroken: a template does not render.
    """
    wanted = select(variants).where(variants.c.id == variant_id)
    row = connection.execute(wanted).one()
    if row.rendered_at is None:
        _keep_still(connection, row.edition_id)
        row = connection.execute(wanted).one()
    if row.rendered_at is not None:
        return Rendering(row.subject, row.text, row.html)
    shown = replace(_shown(row), key=row.key if on_the_web else "")
    brought = brought_by(connection, shown, site)
    if brought.publication.count_clicks:
        brought = replace(brought, link=counted(secret_key, row.edition_id, site))
    rendering = render(templates, brought)
    connection.execute(
        update(variants)
        .where(variants.c.id == variant_id)
        .values(
            rendered_at=now, subject=rendering.subject, text=rendering.text, html=rendering.html
        )
    )
    return rendering


def _keep_still(connection: Connection, edition_id: int) -> None:
    """Have who arranges an edition wait until commit: else words before theirs would be stored.

    Whoever changes an edition locks its row first and its variants after that, and so does this.
    """
    row = select(editions.c.id).where(editions.c.id == edition_id)
    connection.execute(row.with_for_update(read=True)).one()


def lay_out(connection: Connection, templates: Templates, variant_id: int, site: str) -> Rendering:
    """The variant as these templates render it now; nothing is kept.

    Raises:
        TemplateBroken: a template does not render.
    """
    row = connection.execute(select(variants).where(variants.c.id == variant_id)).one()
    return render(templates, brought_by(connection, _shown(row), site))


def _shown(row: Any) -> Shown:
    return Shown(row.edition_id, tuple(row.articles), row.more, row.layout, row.key)


def brought_by(connection: Connection, shown: Shown, site: str) -> Brought:
    """What is shown of a frozen edition, ready to be laid out."""
    edition = load(connection, shown.edition_id)
    assert edition.revision is not None
    assert edition.send_at is not None
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    found = at_versions(connection, articles_of(connection, edition.id))
    topics = topic_slugs(connection)
    pictures = of_articles(connection, found.values())
    cards = tuple(
        card(found[one], publication, topics, site, channel.language, pictures)
        for one in shown.articles
    )
    day = edition.send_at.astimezone(ZoneInfo(publication.timezone))
    arrangement = edition.arrangement
    subject, preheader = arrangement.words_for(next(iter(shown.articles), None))
    return Brought(
        publication,
        channel,
        cards,
        shown.more,
        day,
        site,
        Words(arrangement.intro, subject, preheader),
        kind=_kind(edition, channel, len(cards)),
        ordered=bool(arrangement.order),
        layout=shown.layout,
        view_url=site + page_path(edition.public_id, shown.key) if shown.key else "",
    )


def _kind(edition: Edition, channel: Channel, cards: int) -> str:
    """Which message it is: an instant edition of one article is that article's."""
    if not edition.regular:
        return edition.kind
    rules = channel.digest
    cadence = rules.cadences.get(edition.cadence or "") if rules else None
    instant = cadence is not None and cadence.rule == "instant"
    return ARTICLE if instant and cards == 1 else DIGEST


def articles_of(connection: Connection, edition_id: int) -> dict[int, int]:
    """The versions of the articles that an edition was fixed with, by the articles' ids."""
    rows = connection.execute(
        select(edition_articles.c.article_id, edition_articles.c.version).where(
            edition_articles.c.edition_id == edition_id
        )
    )
    return {row.article_id: row.version for row in rows}
