"""All that is held about one reader, as JSON takes it (GDPR articles 15 and 20)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import told
from colporteur.audience.consent import consents_of
from colporteur.audience.erasing import letters_of
from colporteur.audience.history import events_of
from colporteur.audience.keyless import without_keys, without_links
from colporteur.audience.preferences import held_by, person
from colporteur.db.tables.articles import article_versions, articles
from colporteur.db.tables.audience import subscribers, subscriptions, suppressions, wordings
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.db.tables.editions import editions, variants
from colporteur.db.tables.feedback import feedback
from colporteur.db.tables.publication import channels, topics

Names = Mapping[int, str]


def all_of(connection: Connection, subscriber_id: int) -> dict[str, Any]:
    """What we hold about a reader, by kind; instants in ISO 8601, channels and topics by name.

    Links that act for the reader are left out: a file is passed on, and letters can be asked for.

    Raises:
        UnknownName: there is no such reader, or they were erased.
    """
    reader = person(connection, subscriber_id)
    of_channels = {row.id: row.slug for row in connection.execute(select(channels))}
    of_topics = {row.id: row.slug for row in connection.execute(select(topics))}
    theirs = select(subscribers).where(subscribers.c.id == subscriber_id)
    row = connection.execute(theirs).mappings().one()
    made: dict[str, Any] = {
        "reader": {**row, "feed_key": reader.feed_key},
        "subscriptions": [
            {
                "channel": of_channels.get(one.standing.choice.channel_id),
                "state": one.standing.state,
                "paused_until": one.standing.paused_until,
                **_named(told(one.standing.choice), of_topics),
            }
            for one in held_by(connection, subscriber_id)
        ],
        "consents": list(_consents(connection, subscriber_id, of_channels)),
        "history": [
            {
                "at": one.at,
                "what": one.kind,
                "channel": of_channels.get(one.channel_id or 0),
                "detail": _named(one.detail, of_topics),
            }
            for one in events_of(connection, subscriber_id)
        ],
        "editions": list(_editions(connection, subscriber_id, of_channels)),
        "letters": [*_letters(connection, subscriber_id)],
        "came_back": [*_feedback(connection, subscriber_id)],
        "do_not_mail_list": _suppression(connection, reader.address),
    }
    plain: dict[str, Any] = _plain(made)
    return plain


def _consents(
    connection: Connection, subscriber_id: int, of_channels: Names
) -> Iterator[dict[str, Any]]:
    words = {row.hash: row.text for row in connection.execute(select(wordings))}
    for one in consents_of(connection, subscriber_id):
        said = {field.name: getattr(one, field.name) for field in fields(one)}
        said["channels"] = [of_channels.get(number) for number in one.channels]
        yield {**said, "wording": words.get(one.wording_hash or "")}


def _editions(
    connection: Connection, subscriber_id: int, of_channels: Names
) -> Iterator[dict[str, Any]]:
    """Each edition that was queued for them, what became of it, and what it brought."""
    found = connection.execute(
        select(
            editions.c.id.label("number"),
            editions.c.public_id,
            editions.c.channel_id,
            editions.c.kind,
            editions.c.slot,
            deliveries.c.status,
            deliveries.c.reason,
            deliveries.c.due_at,
            deliveries.c.ended_at,
            deliveries.c.attempts,
            deliveries.c.smtp_code,
            deliveries.c.reply,
            variants.c.articles,
        )
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .outerjoin(variants, variants.c.id == deliveries.c.variant_id)
        .where(deliveries.c.subscription_id.in_(_held(subscriber_id)))  # by its index
        .order_by(deliveries.c.id)
    )
    rows = found.mappings().all()
    titles = _titles(connection, {one for row in rows for one in _brought(row)})
    for row in rows:
        said = {**row}
        del said["articles"]
        said["channel"] = of_channels.get(said.pop("channel_id"))
        yield {**said, "articles": [titles[one] for one in _brought(row) if one in titles]}


def _held(subscriber_id: int) -> Select[tuple[int]]:
    return select(subscriptions.c.id).where(subscriptions.c.subscriber_id == subscriber_id)


def _brought(row: Mapping[Any, Any]) -> list[int]:
    return list(row["articles"] or ())


def _titles(connection: Connection, article_ids: set[int]) -> dict[int, str]:
    query = (
        select(articles.c.id, article_versions.c.title)
        .join(article_versions, article_versions.c.article_id == articles.c.id)
        .where(articles.c.id.in_(article_ids), articles.c.version == article_versions.c.version)
    )
    return {row.id: row.title for row in connection.execute(query)}


def _letters(connection: Connection, subscriber_id: int) -> Iterator[dict[str, Any]]:
    """Those to them, and those about them to an address of before, or one that they gave."""
    rows = connection.execute(
        select(
            letters.c.message,
            letters.c.created_at,
            letters.c.language,
            letters.c.address,
            letters.c.content,
            deliveries.c.status,
            deliveries.c.ended_at,
            deliveries.c.reply,
        )
        .outerjoin(deliveries, deliveries.c.letter_id == letters.c.id)
        .where(letters.c.id.in_(letters_of(connection, subscriber_id)))
        .order_by(letters.c.id)
    )
    for row in rows.mappings():
        yield {**row, "content": without_links(row["content"])}


def _feedback(connection: Connection, subscriber_id: int) -> Iterator[dict[str, Any]]:
    rows = connection.execute(
        select(feedback).where(feedback.c.subscriber_id == subscriber_id).order_by(feedback.c.id)
    )
    for row in rows.mappings():
        came = row["raw"]
        raw = None if came is None else without_keys(came.decode("utf-8", "replace"))
        yield {**row, "raw": raw}


def _suppression(connection: Connection, address: str) -> dict[str, Any] | None:
    held = select(suppressions).where(suppressions.c.address_hash == parse_address(address).hash)
    row = connection.execute(held).mappings().first()
    return None if row is None else {**row}


def _named(said: Mapping[str, Any], of_topics: Names) -> dict[str, Any]:
    """A choice with its topics by name."""
    named = {
        key: [of_topics.get(one, one) for one in said[key]]
        for key in said.keys() & {"topics_in", "topics_out"}
    }
    return {**said, **named}


def _plain(value: object) -> Any:
    """What JSON takes, whatever the database holds."""
    kinds: Mapping[type, Callable[[Any], Any]] = {
        datetime: datetime.isoformat,
        bytes: lambda raw: raw.decode("utf-8", "replace"),
        dict: lambda mapping: {str(key): _plain(one) for key, one in mapping.items()},
        list: lambda several: [_plain(one) for one in several],
        tuple: lambda several: [_plain(one) for one in several],
    }
    return kinds[type(value)](value) if type(value) in kinds else value
