"""Renders a variant: once for all readers who get it, with a mark where each one's link goes."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from colporteur.articles.store import Article, at_versions, topic_slugs
from colporteur.db.tables.editions import edition_articles, editions, variants
from colporteur.digests.inlining import inline
from colporteur.digests.subject import compose_subject
from colporteur.digests.view import Card, Digest, card, long_date
from colporteur.publication import Channel, Publication
from colporteur.publication.revisions import frozen_channel
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
class Brought:
    """What a variant brings, ready to be laid out. ``day`` is in the publication's zone."""

    publication: Publication
    channel: Channel
    cards: tuple[Card, ...]
    more: int
    day: datetime
    site: str


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
    rendering = render(
        templates, _brought(connection, row.edition_id, row.articles, row.more, site)
    )
    connection.execute(
        update(variants)
        .where(variants.c.id == variant_id)
        .values(
            rendered_at=now, subject=rendering.subject, text=rendering.text, html=rendering.html
        )
    )
    return rendering


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


def _brought(
    connection: Connection, edition_id: int, article_ids: list[int], more: int, site: str
) -> Brought:
    edition = connection.execute(select(editions).where(editions.c.id == edition_id)).one()
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    found = _frozen_articles(connection, edition_id)
    topics = topic_slugs(connection)
    cards = tuple(
        card(found[one], publication, topics, site, channel.language) for one in article_ids
    )
    day = edition.slot.astimezone(ZoneInfo(publication.timezone))
    return Brought(publication, channel, cards, more, day, site)


def _frozen_articles(connection: Connection, edition_id: int) -> dict[int, Article]:
    rows = connection.execute(
        select(edition_articles.c.article_id, edition_articles.c.version).where(
            edition_articles.c.edition_id == edition_id
        )
    )
    return at_versions(connection, {row.article_id: row.version for row in rows})


def digest_of(templates: Templates, brought: Brought) -> Digest:
    """What the templates are handed for a variant."""
    publication, channel = brought.publication, brought.channel
    tag = channel.language
    words = templates.catalogue(tag)
    lead, *others = brought.cards
    others_count = len(others) + brought.more
    ending = words.ngettext("and %(num)d more", "and %(num)d more", others_count)
    why = words.gettext("You receive this because you subscribed to %(channel)s.")
    home = f"{brought.site}/{channel.slug}"
    digest = Digest(
        language=tag,
        direction=language(tag).direction,
        publication_title=publication.title,
        publication_url=f"{brought.site}/",
        channel_title=channel.title,
        channel_url=home,
        date=long_date(brought.day, tag),
        subject="",
        preheader=lead.teaser,
        intro="",
        lead=lead,
        cards=others,
        more=brought.more,
        more_url=home,
        view_url="",
        preferences_url="",
        unsubscribe_url=UNSUBSCRIBE_MARK,
        why=why % {"channel": channel.title},
        postal_address=publication.postal_address[tag].splitlines(),
        sender_name=publication.sender_of(channel).name,
    )
    suffix = f"({ending % {'num': others_count}})" if others_count else ""
    return replace(digest, subject=compose_subject(lead.title, suffix))
