"""The readers of a regular freeze, set-based: from subscriptions to groups in a few statements.

What was settled for a reader is told by the variant of their last delivery, which says so for all
before it. Only for the few of whom that is not the whole story (a delivery failed, they changed
their cadence, they got nothing last time) are all their deliveries read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    Text,
    case,
    cast,
    except_,
    func,
    insert,
    literal,
    null,
    select,
    text,
    union_all,
)

from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions, variants
from colporteur.editions.freezing.tables import (
    NO_NUMBER,
    NO_ZONE,
    claimed,
    claims,
    count_rows,
    others,
    readers,
    troubled,
)
from colporteur.editions.store import REGULAR, Edition

NOT_AS_FROZEN = text("(deliveries.status IN ('failed', 'skipped') OR deliveries.moved)")
LIVE = text("deliveries.status NOT IN ('failed', 'skipped')")
"""Written out, so that the partial index is seen to serve."""


@dataclass(frozen=True)
class Whom:
    """Whom a freeze is for: all; ``staff`` (address keys) in rehearsal; one in a preview."""

    staff: frozenset[str] | None = None
    only: int | None = None

    def narrowed(self) -> list[ColumnElement[bool]]:
        """Conditions on subscribers and subscriptions."""
        found: list[ColumnElement[bool]] = []
        if self.staff is not None:
            found.append(subscribers.c.address_key.in_(self.staff))
        if self.only is not None:
            found.append(subscriptions.c.id == self.only)
        return found


def note_claims(
    connection: Connection, brought: Mapping[int, frozenset[int]]
) -> list[frozenset[int]]:
    """Note which variants claim what; the distinct claims, by the number that groups name."""
    distinct = list(dict.fromkeys(brought.values()))
    number = {claim: index for index, claim in enumerate(distinct)}
    if brought:
        noted = [{"variant_id": one, "claim": number[claim]} for one, claim in brought.items()]
        connection.execute(insert(claims), noted)
    return distinct


def read_claims(claimed: str, distinct: list[frozenset[int]]) -> frozenset[int]:
    """The articles that a group's ``claimed`` stands for."""
    return frozenset[int]().union(*(distinct[int(one)] for one in claimed.split(",") if one))


def note_claimed(connection: Connection) -> None:
    """Note for each subscriber the claims that live deliveries have."""
    count_rows(connection, claims)
    live = (
        select(deliveries.c.subscriber_id, cast(claims.c.claim, Text).label("claim"))
        .select_from(claims)
        .join(deliveries, deliveries.c.variant_id == claims.c.variant_id)
        .where(LIVE)
        .distinct()
        .order_by(deliveries.c.subscriber_id, text("claim"))
        .subquery()
    )
    noted = func.aggregate_strings(live.c.claim, ",")
    each = select(live.c.subscriber_id, noted).group_by(live.c.subscriber_id)
    connection.execute(insert(claimed).from_select(list(claimed.c), each))


def gather(
    connection: Connection, edition: Edition, floor: int, whom: Whom, *, claiming: bool
) -> None:
    """Note each active reader of the edition's cadence; below ``floor`` nothing is of interest."""
    if claiming:
        note_claimed(connection)
    last, later = _past(connection, edition)
    _note_troubled(connection, edition, floor, later)
    known = _known_by(last)
    wanted = _of_cadence(edition, whom)
    clamped = case(
        (subscriptions.c.start_number > floor, subscriptions.c.start_number), else_=floor
    )
    fast = wanted.join(known, known.c.subscription_id == subscriptions.c.id)
    _note(connection, fast, clamped, known.c.variant_id, literal(""))
    rest = except_(wanted, select(readers.c.subscription_id))  # quick on both without an index
    connection.execute(insert(others).from_select(["subscription_id"], rest))
    count_rows(connection, others)
    settled = _settled(floor)
    slow = wanted.join(others, others.c.subscription_id == subscriptions.c.id).outerjoin(
        settled, settled.c.subscription_id == subscriptions.c.id
    )
    windows = func.coalesce(settled.c.windows, "")
    _note(connection, slow, clamped, literal(0), windows)


def _of_cadence(edition: Edition, whom: Whom) -> Select[tuple[int]]:
    return (
        select(subscriptions.c.id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.channel_id == edition.channel_id,
            subscriptions.c.cadence == edition.cadence,
            subscriptions.c.state == "active",
            subscribers.c.state == "active",
            *whom.narrowed(),
        )
    )


def _note(
    connection: Connection,
    found: Select[tuple[int]],
    start: ColumnElement[int],
    base: ColumnElement[int],
    settled: ColumnElement[str],
) -> None:
    by_others = claimed.c.subscriber_id == subscriptions.c.subscriber_id
    columns = found.outerjoin(claimed, by_others).with_only_columns(
        subscriptions.c.id,
        subscriptions.c.subscriber_id,
        subscriptions.c.profile_id,
        start,
        base,
        settled,
        func.coalesce(claimed.c.claims, ""),
        func.coalesce(subscriptions.c.weekday, NO_NUMBER),
        func.coalesce(subscriptions.c.minute, NO_NUMBER),
        func.coalesce(subscriptions.c.timezone, NO_ZONE),
        func.coalesce(subscribers.c.domain, ""),
    )
    connection.execute(insert(readers).from_select(list(readers.c), columns))


def _past(connection: Connection, edition: Edition) -> tuple[int | None, list[int]]:
    """The cadence's last frozen edition, and those of other cadences frozen since."""
    frozen = connection.execute(
        select(editions.c.id, editions.c.cadence)
        .join(batches, batches.c.edition_id == editions.c.id)
        .where(
            editions.c.channel_id == edition.channel_id,
            editions.c.kind == REGULAR,
            batches.c.batch_no == 0,
        )
        .order_by(batches.c.id.desc())  # batches are made at the freeze, editions perhaps before
    )
    later: list[int] = []
    for row in frozen:
        if row.cadence == edition.cadence:
            return row.id, later
        later.append(row.id)
    return None, []


def _note_troubled(
    connection: Connection, edition: Edition, floor: int, later: Collection[int]
) -> None:
    """The readers whose last delivery of the cadence does not tell what is settled for them."""
    recent = select(editions.c.id).where(
        editions.c.channel_id == edition.channel_id,
        editions.c.kind == REGULAR,
        editions.c.number_to > floor,
    )
    not_as_frozen = select(deliveries.c.subscription_id).where(
        deliveries.c.edition_id.in_(recent), NOT_AS_FROZEN
    )
    mine = select(subscriptions.c.id).where(
        subscriptions.c.channel_id == edition.channel_id,
        subscriptions.c.cadence == edition.cadence,
    )
    since = select(deliveries.c.subscription_id).where(
        deliveries.c.edition_id.in_(later), deliveries.c.subscription_id.in_(mine)
    )
    both = union_all(not_as_frozen, since).subquery()
    connection.execute(
        insert(troubled).from_select(["subscription_id"], select(both.c[0]).distinct())
    )


def _known_by(last: int | None) -> FromClause:
    """Subscription and variant of the last edition's live deliveries that tell the whole story."""
    return (
        select(deliveries.c.subscription_id, deliveries.c.variant_id)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .outerjoin(troubled, troubled.c.subscription_id == deliveries.c.subscription_id)
        .where(
            deliveries.c.edition_id == (null() if last is None else last),
            LIVE,
            variants.c.settled != "",
            troubled.c.subscription_id.is_(None),
        )
        .subquery()
    )


def _settled(floor: int) -> Subquery:
    """For each of the others, the windows of their live deliveries."""
    live = (
        select(deliveries.c.subscription_id, variants.c.windows)
        .join(others, others.c.subscription_id == deliveries.c.subscription_id)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(LIVE, variants.c.number_to > floor, variants.c.windows != "")
        .distinct()
        .order_by(deliveries.c.subscription_id, variants.c.windows)
        .subquery()
    )
    windows = func.aggregate_strings(live.c.windows, ",").label("windows")
    return select(live.c.subscription_id, windows).group_by(live.c.subscription_id).subquery()
