"""Writes and reads back what intake decided: versions, channels, slugs."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from slugify import slugify
from sqlalchemy import Connection, delete, insert, select, update

from colporteur.articles import searching
from colporteur.articles.pictures.store import note as note_picture
from colporteur.articles.preparing import Content
from colporteur.articles.submission import Enclosure, Image, Origin
from colporteur.db.numbering import next_number
from colporteur.db.tables.articles import (
    article_channels,
    article_topics,
    article_versions,
    articles,
)
from colporteur.db.tables.syndication import entry_fragments
from colporteur.publication.identities import Ids


def known_content(connection: Connection, row: Any, names: Ids) -> tuple[Content, str]:
    """The current version of an article row, and its hash."""
    version = connection.execute(
        select(article_versions).where(
            article_versions.c.article_id == row.id, article_versions.c.version == row.version
        )
    ).one()
    slugs: dict[int, str] = {}
    for slug, number in names.topics.items():  # the names in force come before former ones
        slugs.setdefault(number, slug)
    content = Content(
        title=version.title,
        teaser=version.teaser,
        teaser_given=version.teaser_given,
        body_html=version.body_html,
        authors=tuple(version.authors),
        topics=tuple(slugs[number] for number in version.topics if number in slugs),
        image=Image(**version.image) if version.image else None,
        enclosure=Enclosure(**version.enclosure) if version.enclosure else None,
        source=Origin(**version.source) if version.source else None,
    )
    return content, content.hash()


def write_version(
    connection: Connection,
    article_id: int,
    version: int,
    content: Content,
    names: Ids,
    now: datetime,
) -> None:
    """Store a version's content, topics by their ids, as the current one."""
    connection.execute(
        insert(article_versions).values(
            article_id=article_id,
            version=version,
            made_at=now,
            content_hash=content.hash(),
            title=content.title,
            teaser=content.teaser,
            teaser_given=content.teaser_given,
            body_html=content.body_html,
            authors=list(content.authors),
            topics=[names.topics[slug] for slug in content.topics],
            image=asdict(content.image) if content.image else None,
            enclosure=asdict(content.enclosure) if content.enclosure else None,
            source=asdict(content.source) if content.source else None,
        )
    )
    searching.keep(connection, article_id, content)
    if content.image:
        note_picture(connection, content.image.url, now)
    mine = article_topics.c.article_id == article_id
    connection.execute(delete(article_topics).where(mine))
    links = [{"article_id": article_id, "topic_id": names.topics[slug]} for slug in content.topics]
    if links:
        connection.execute(insert(article_topics), links)


def forget_fragments(connection: Connection, article_id: int) -> None:
    """Have an article's feed entries written anew, though its version may stay."""
    mine = entry_fragments.c.article_id == article_id
    connection.execute(delete(entry_fragments).where(mine))
    counted = update(articles).where(articles.c.id == article_id)
    connection.execute(counted.values(edits=articles.c.edits + 1))


def delete_version(connection: Connection, article_id: int, version: int) -> None:
    """Make room for the same version, corrected."""
    same = (article_versions.c.article_id == article_id, article_versions.c.version == version)
    connection.execute(delete(article_versions).where(*same))


def write_channels(
    connection: Connection,
    article_id: int,
    slugs: Sequence[str],
    names: Ids,
    *,
    in_digests: bool = True,
    number: int | None = None,
) -> None:
    """Show an article in these channels too; ``in_digests`` False keeps it out of their digests.

    ``number`` is its place there, where it comes after its publication: windows have passed its
    own, and nobody shall miss it.
    """
    known = channels_of(connection, article_id)
    joined = dict.fromkeys(names.channels[slug] for slug in slugs)
    said = {"article_id": article_id, "in_digests": in_digests, "number": number}
    new = [{**said, "channel_id": number} for number in joined if number not in known]
    if new:
        connection.execute(insert(article_channels), new)


def offer_anew(connection: Connection, article_id: int) -> None:
    """Give an article a new place in its channels, so that digests do not miss it.

    Who got it by mail does not get it again: that is told by what their deliveries brought.
    """
    anew = update(article_channels).where(article_channels.c.article_id == article_id)
    connection.execute(anew.values(number=next_number(connection)))


def leave_channels(connection: Connection, article_id: int, channel_ids: set[int]) -> None:
    """Show an article no longer in these channels."""
    mine = article_channels.c.article_id == article_id
    connection.execute(
        delete(article_channels).where(mine, article_channels.c.channel_id.in_(channel_ids))
    )


def channels_of(connection: Connection, article_id: int) -> set[int]:
    """The channels that an article is shown in."""
    mine = article_channels.c.article_id == article_id
    return set(connection.scalars(select(article_channels.c.channel_id).where(mine)))


def free_slug(connection: Connection, title: str) -> str:
    """A slug of the title that no other article has."""
    stem = _slug(title) or "article"
    taken = set(connection.scalars(select(articles.c.slug).where(articles.c.slug.startswith(stem))))
    slug, number = stem, 2
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def _slug(title: str) -> str:
    """Plain letters for Latin scripts; the others keep their own, which no table spells well."""
    latin = any(char.isascii() and char.isalpha() for char in title)
    own = any(
        char.isalpha() and not unicodedata.name(char, "").startswith("LATIN") for char in title
    )
    kept = own or not latin
    return str(
        slugify(re.sub("['’]", " ", title), allow_unicode=kept, max_length=80, word_boundary=True)
    )
