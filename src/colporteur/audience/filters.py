"""Readers who chose topics: an article without any does not reach them (docs/rules.md, 6)."""

from collections.abc import Collection

from sqlalchemy import Connection, String, cast, func, or_, select

from colporteur.db.tables.audience import profiles, subscribers, subscriptions

_NONE = "[]"


def readers_who_filter(connection: Connection, channel_ids: Collection[int]) -> int:
    """How many readers of some channels chose topics there, in or out; each counts once."""
    chose = or_(
        cast(profiles.c.topics_in, String) != _NONE, cast(profiles.c.topics_out, String) != _NONE
    )
    counted = (
        select(func.count(subscriptions.c.subscriber_id.distinct()))
        .join(profiles, profiles.c.id == subscriptions.c.profile_id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.channel_id.in_(channel_ids), chose)
        .where(subscriptions.c.state == "active", subscribers.c.state == "active")
    )
    return int(connection.scalar(counted) or 0)
