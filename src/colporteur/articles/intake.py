"""Takes articles in, in the caller's transaction: each is added, updated or unchanged."""

import enum
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from colporteur.articles import further_ids
from colporteur.articles.announcing import announce
from colporteur.articles.cleaning import title_key
from colporteur.articles.matching import Identity, find_named, find_same, url_key
from colporteur.articles.preparing import Content, Prepared, merged, prepare
from colporteur.articles.publishing import publication_columns, restate_channels, touch_channels
from colporteur.articles.recording import (
    channels_of,
    delete_version,
    forget_fragments,
    free_slug,
    known_content,
    leave_channels,
    offer_anew,
    write_channels,
    write_version,
)
from colporteur.articles.submission import Submission
from colporteur.db import afterwards
from colporteur.db.numbering import last_number, next_number
from colporteur.db.tables.articles import articles
from colporteur.exceptions import ArticleRefused, UnknownName
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, mint_tag

NOT_INSTANT_AFTER = timedelta(hours=1)
_log = logging.getLogger(__name__)


class Outcome(enum.StrEnum):
    """What became of one article handed in."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Taken:
    """One article taken in: its id, what became of it, its clean title.

    ``old`` where nothing became of it, since something newer was told before.
    """

    article_id: int
    outcome: Outcome
    title: str
    old: bool = False


def take_in(
    connection: Connection,
    submission: Submission,
    publication: Publication,
    names: Ids,
    now: datetime,
    *,
    significant: bool = True,
    in_digests: bool = True,
) -> Taken:
    """Add an article, or update the one it is; ``significant`` False for a typo.

    ``in_digests`` False keeps a new article out of digests for ever, and a known one out of
    those of the channels it joins.

    Raises:
        ArticleRefused: it cannot be taken; nothing was written.
    """
    prepared = prepare(submission, publication, names.topics, now)
    return record(
        connection,
        prepared,
        publication,
        names,
        now,
        significant=significant,
        in_digests=in_digests,
    )


def record(
    connection: Connection,
    prepared: Prepared,
    publication: Publication,
    names: Ids,
    now: datetime,
    *,
    significant: bool = True,
    in_digests: bool = True,
) -> Taken:
    """Write what was prepared, which takes long, perhaps before this transaction began.

    Raises:
        ArticleRefused: its id or address is another article's; nothing was written.
        UnknownName: it is a part, and there is no such article.
    """
    last_number(connection)  # its lock: two intakes of one article take turns
    said = prepared.said
    key = said.external_id or ""
    further = further_ids.article_of(connection, key)
    if further is not None and said.told and further_ids.is_old(connection, key, said.told):
        return Taken(further, Outcome.UNCHANGED, prepared.content.title, old=True)
    known = _candidates(connection, prepared, further)
    row = _known_one(prepared, known, further, now)
    if row is None:
        taken = _add(connection, prepared, publication, names, now, in_digests=in_digests)
    else:
        taken = _update(
            connection,
            prepared,
            row,
            publication,
            names,
            now,
            significant=significant,
            in_digests=in_digests,
        )
    _note_id(connection, said, taken.article_id, row, further)
    if taken.outcome is not Outcome.UNCHANGED:
        about = {"article": taken.article_id, "outcome": taken.outcome.value}
        afterwards(connection, lambda: _log.info("Article %s %s", *about.values(), extra=about))
    return taken


def _known_one(
    prepared: Prepared, known: Sequence[Any], further: int | None, now: datetime
) -> Any | None:
    """The row of the article that this is, or None for a new one."""
    incoming = _identity(prepared)
    identities = [_known_identity(row, prepared, further) for row in known]
    named = find_named(incoming, identities)
    if len(named) > 1:
        first, second = (repr(known[one].slug) for one in named[:2])
        raise ArticleRefused(
            f"One of its ids or its address belongs to the article {second}, another to {first}.",
            cure="Give each article and each translation an id and address of its own.",
        )
    if prepared.said.part and not named:
        raise UnknownName("There is no such article.", cure="Send the whole of it.")
    index = named[0] if named else find_same(incoming, identities, now)
    return None if index is None else known[index]


def _note_id(
    connection: Connection, said: Submission, article_id: int, row: Any | None, further: int | None
) -> None:
    """Keep an id that is not the article's own, and how new what it told is."""
    if said.external_id is None:
        return
    another = row is not None and row.external_id not in {None, said.external_id}
    if said.told or (another and further is None):
        told = said.told.at if said.told else None
        further_ids.note(connection, said.external_id, article_id, told)


def _candidates(connection: Connection, prepared: Prepared, further: int | None) -> Sequence[Any]:
    said = prepared.said
    title = articles.c.title_key == title_key(prepared.content.title)
    keys: list[ColumnElement[bool]] = [and_(title, articles.c.language == prepared.language)]
    if said.external_id:
        keys.append(articles.c.external_id == said.external_id)
    if further is not None:
        keys.append(articles.c.id == further)
    if said.feed_id:
        keys.append(articles.c.feed_id == said.feed_id)
    if said.url:
        keys.append(articles.c.url_key == url_key(said.url))
    query = select(articles).where(or_(*keys))
    return connection.execute(query.order_by(articles.c.id.desc())).all()


def _identity(prepared: Prepared) -> Identity:
    said = prepared.said
    return Identity(
        title_key(prepared.content.title),
        said.external_id,
        feed_id=said.feed_id,
        url=said.url,
        dated=said.dated_at is not None,
        listed=said.listed,
    )


def _known_identity(row: Any, prepared: Prepared, further: int | None) -> Identity:
    return Identity(
        row.title_key,
        row.external_id,
        prepared.said.external_id if row.id == further else None,
        row.feed_id,
        row.url,
        dated=row.dated_at is not None,
        listed=row.listed,
        created_at=row.created_at,
    )


def _add(
    connection: Connection,
    prepared: Prepared,
    publication: Publication,
    names: Ids,
    now: datetime,
    *,
    in_digests: bool,
) -> Taken:
    said = prepared.said
    waits = prepared.publish_at is not None and prepared.publish_at > now
    values: dict[str, Any] = {
        "feed_id": said.feed_id or mint_tag(publication, now),
        "external_id": said.external_id,
        "url": said.url,
        "url_key": url_key(said.url) if said.url else None,
        "slug": free_slug(connection, prepared.content.title),
        "title_key": title_key(prepared.content.title),
        "language": prepared.language,
        "listed": said.listed,
        "state": "scheduled",
        "version": 1,
        "publish_at": prepared.publish_at,
        "dated_at": said.dated_at,
        "instant": said.dated_at is None or now - said.dated_at <= NOT_INSTANT_AFTER,
        "in_digests": in_digests,
        "body_public": said.body_public is not False,
        "created_at": now,
    }
    if not waits:
        date = min(said.dated_at or now, now)
        values |= publication_columns(next_number(connection), date, now)
    article_id = connection.execute(insert(articles).values(values)).inserted_primary_key
    assert article_id is not None
    identity = int(article_id[0])
    write_version(connection, identity, 1, prepared.content, names, now)
    write_channels(connection, identity, prepared.channels, names, in_digests=in_digests)
    touch_channels(connection, [names.channels[slug] for slug in prepared.channels])
    if not waits:
        announce(connection, [identity], now)
    return Taken(identity, Outcome.ADDED, prepared.content.title)


def _update(
    connection: Connection,
    prepared: Prepared,
    row: Any,
    publication: Publication,
    names: Ids,
    now: datetime,
    *,
    significant: bool,
    in_digests: bool,
) -> Taken:
    known, known_hash = known_content(connection, row, names)
    content = merged(prepared.content, prepared.said, known, known_listed=row.listed)
    if prepared.said.remove and not (content.body_html or content.teaser):
        raise ArticleRefused(
            "Without its teaser the article has no text.", cure="Write one of them, or both."
        )
    values = _changed_keys(prepared, row, content) | _changed_dates(prepared, row, now)
    before = channels_of(connection, row.id)
    joined, left = _moves(prepared, row, before, publication, names)
    if content.hash() == known_hash and not (values or joined):
        return Taken(row.id, Outcome.UNCHANGED, known.title)
    if content.hash() != known_hash:
        version = row.version + 1 if significant else row.version
        if significant:
            values |= {"version": version, "changed_at": now if row.number else None}
        else:
            delete_version(connection, row.id, version)
        write_version(connection, row.id, version, content, names, now)
    forget_fragments(connection, row.id)
    if values:
        connection.execute(update(articles).where(articles.c.id == row.id).values(values))
    number = next_number(connection) if row.number and joined else None
    write_channels(connection, row.id, joined, names, in_digests=in_digests, number=number)
    if row.number and values.get("language", row.language) != row.language:
        offer_anew(connection, row.id)  # digests of its channels have passed its number
    leave_channels(connection, row.id, left)
    shown_in = before | {names.channels[slug] for slug in joined}
    touch_channels(connection, shown_in)
    if row.number and (left or joined or set(content.topics) != set(known.topics)):
        restate_channels(connection, shown_in, now)
    return Taken(row.id, Outcome.UPDATED, content.title)


def _changed_keys(prepared: Prepared, row: Any, content: Content) -> dict[str, Any]:
    said = prepared.said
    wanted: dict[str, Any] = {"title_key": title_key(content.title)}
    wanted["listed"] = row.listed and said.listed
    if said.external_id and not row.external_id:
        wanted["external_id"] = said.external_id
    if said.url and said.url != row.url:
        wanted |= {"url": said.url, "url_key": url_key(said.url)}
    if said.language is not None:  # one that is guessed corrects nothing
        wanted["language"] = prepared.language
    if said.body_public is not None:
        wanted["body_public"] = said.body_public
    if row.state == "scheduled":
        wanted |= _changed_wait(prepared, row)
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def _changed_wait(prepared: Prepared, row: Any) -> dict[str, Any]:
    """Until when it is kept back; one that waits for its own date follows that date."""
    date = prepared.said.dated_at
    if date is not None and row.publish_at == row.dated_at:
        return {"publish_at": prepared.publish_at or date, "dated_at": date}
    return {"publish_at": prepared.publish_at} if prepared.publish_at is not None else {}


def _changed_dates(prepared: Prepared, row: Any, now: datetime) -> dict[str, Any]:
    """A first date. What feeds said stays, unless that was a list's teaser, dated by us."""
    date = prepared.said.dated_at
    if date is None or row.dated_at is not None:
        return {}
    if not row.listed or prepared.said.listed or row.published_at is None:
        return {"dated_at": date}
    published = min(date, now).replace(microsecond=0)
    changed = max(row.changed_at or published, published)
    return {"dated_at": date, "published_at": published, "changed_at": changed}


def _moves(
    prepared: Prepared, row: Any, before: set[int], publication: Publication, names: Ids
) -> tuple[list[str], set[int]]:
    """The channels that an update adds (slugs) and those it leaves (ids).

    Those that are named are added. A corrected language leads to its channel and out of those
    of the former language, unless the article is in one of its own already.
    """
    said = prepared.said
    tongues = {names.channels[one.slug]: one.language for one in publication.channels}
    corrected = said.language is not None and prepared.language != row.language
    lost = corrected and prepared.language not in {tongues.get(one) for one in before}
    wanted = prepared.channels if said.channels or lost else ()
    joined = [slug for slug in wanted if names.channels[slug] not in before]
    if said.channels or not lost:
        return joined, set()
    return joined, {one for one in before if tongues.get(one) == row.language}
