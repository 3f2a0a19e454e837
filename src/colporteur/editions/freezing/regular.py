"""Freezes an edition: fixes its article versions and readers in one transaction.

Choosing runs once for each group of readers whom it cannot tell apart; the rest is SQL. Freezes
take turns with each other and with numbering.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from colporteur.db.numbering import last_number
from colporteur.db.tables.articles import articles
from colporteur.db.tables.audience import profiles
from colporteur.db.tables.editions import edition_articles, variants
from colporteur.editions.calendar import next_slot
from colporteur.editions.choosing import Candidate, Chosen, Offer, Profile, Rules, offered, pick
from colporteur.editions.freezing.candidates import Found, brought_elsewhere, channel_candidates
from colporteur.editions.freezing.readers import Whom, gather, note_claims, read_claims
from colporteur.editions.freezing.rows import REGULAR_PRIORITY, deliver
from colporteur.editions.freezing.tables import freezing_tables, grouped
from colporteur.editions.freezing.variants import Serving, settling, write_variants
from colporteur.editions.hours import Hour, due_at, due_outside
from colporteur.editions.opening import NO_READERS, NOTHING_NEW
from colporteur.editions.states import Event, State
from colporteur.editions.store import UNCHECKED, Edition, happen, load
from colporteur.editions.windows import Window, open_windows, read_windows
from colporteur.publication import Channel
from colporteur.publication.domains import group_by_domain
from colporteur.publication.revisions import Revision

EVERYBODY = Whom()
_CHUNK = 10_000
_LOOKS_BACK = 3  # times max_age


@dataclass(frozen=True)
class _Freeze:
    """A freeze under way."""

    connection: Connection
    edition: Edition
    slot: datetime
    rules: Rules
    found: Found
    floor: int  # below it no number is of interest
    upto: int


@dataclass(frozen=True)
class _Offered:
    """Candidates in the order of a digest, and what an edition settles for who gets of them."""

    candidates: tuple[Candidate, ...]
    windows: str
    settled: str


def freeze(
    connection: Connection,
    edition: Edition,
    revision: Revision,
    channel: Channel,
    *,
    now: datetime,
    by: str,
    whom: Whom = EVERYBODY,
) -> int:
    """Fix what an open edition brings and to whom; the number of readers who get something.

    With ``approval`` in the channel's rules it then waits for an approver, unless one was faster.
    An edition with nothing for anybody is skipped, with the reason.
    """
    assert channel.digest is not None
    top = last_number(connection)  # held until commit: nothing is numbered meanwhile
    edition = load(connection, edition.id)
    if edition.state is not State.OPEN or edition.slot is None:
        return 0  # another process was faster
    upto = top if edition.approved_to is None else edition.approved_to
    fixed = {"frozen_at": now, "number_to": upto, "revision": revision.number, **UNCHECKED}
    work = _freeze(connection, edition, channel, edition.slot, upto)
    with freezing_tables(connection):
        served, why = _serve(work, whom)
        if not served:
            happen(connection, edition.id, Event.SKIP, by=by, now=now, why=why, fixed=fixed)
            return 0
        ids = write_variants(connection, edition.id, upto, served)
        due = due_by_hour(edition, revision, channel, now)
        chosen_by = [(one.group, ids[one.key]) for one in served]
        readers = deliver(
            connection,
            edition.id,
            chosen_by,
            due,
            REGULAR_PRIORITY,
            group_by_domain(revision.publication.groups_in_force()),
        )
    write_articles(connection, edition.id, (one.chosen for one in served))
    waits = channel.digest.approval and edition.approved_at is None
    event = Event.AWAIT if waits else Event.FREEZE
    happen(connection, edition.id, event, by=by, now=now, fixed=fixed)
    return readers


def _freeze(
    connection: Connection, edition: Edition, channel: Channel, slot: datetime, upto: int
) -> _Freeze:
    """What a freeze goes by.

    It looks further back than ``max_age``: an edition may be frozen after a newer one, and
    ``max_age`` be raised, and what was settled for a reader must be told rightly then too.
    """
    assert channel.digest is not None
    rules = channel.digest
    oldest = slot - _LOOKS_BACK * rules.max_age
    found = channel_candidates(connection, edition.channel_id, channel.language, oldest, upto)
    floor = min((one.number for one in found.candidates), default=upto + 1) - 1
    limits = Rules(rules.min_items, rules.max_items, rules.max_age)
    young = found.not_older(slot - rules.max_age)
    return _Freeze(connection, edition, slot, limits, young, floor, upto)


def due_by_hour(
    edition: Edition, revision: Revision, channel: Channel, now: datetime
) -> Callable[[Hour], datetime]:
    """When mail is due to readers of each hour: at once where nobody could wait for it.

    Without an hour of theirs it waits for the end of the quiet hours, unless an editor sent it.
    An edition whose time was moved is due as if its slot were then.
    """
    assert channel.digest is not None
    assert edition.slot is not None
    assert edition.send_at is not None
    slot, send_at = edition.slot, edition.send_at
    if edition.forced:
        return lambda _hour: max(send_at, now)
    rule = channel.digest.cadences.get(edition.cadence or "")
    publication = revision.publication
    quiet, clock = publication.quiet_hours_of(channel), publication.timezone
    if rule is None or rule.rule == "instant":
        return lambda hour: due_outside(quiet, send_at, hour, clock, instant=True)
    zone = publication.zone_of(rule)
    following = next_slot(rule, zone, slot, channel.digest.skip)

    def due(hour: Hour) -> datetime:
        matching = due_at(rule, zone, send_at, following, hour)
        return due_outside(quiet, matching, hour, clock, instant=False)

    return due


def _serve(work: _Freeze, whom: Whom) -> tuple[list[Serving], str]:
    """What each group gets; without any, the reason."""
    brought = brought_elsewhere(work.connection, work.edition, work.found)
    distinct = note_claims(work.connection, brought)
    gather(work.connection, work.edition, work.floor, whom, claiming=bool(brought))
    groups = grouped(work.connection)
    if not groups:
        return [], NO_READERS
    bases = _settled_by(work.connection, {group.base_id for group in groups})
    by_id = all_profiles(work.connection)
    offers: dict[tuple[str, int, str], _Offered] = {}
    served = []
    for group in groups:
        before = bases.get(group.base_id, group.settled)
        key = (before, group.start_number, group.claimed)
        if key not in offers:
            claimed = read_claims(group.claimed, distinct)
            offers[key] = _offered(work, read_windows(before), group.start_number, claimed)
        offer, profile = offers[key], by_id[group.profile_id]
        chosen = pick(offer.candidates, profile, work.rules)
        if chosen is not None:
            served.append(Serving(group, chosen, profile.layout, offer.windows, offer.settled))
    return served, "" if served else NOTHING_NEW


def _offered(
    work: _Freeze, before: Sequence[Window], start: int, claimed: frozenset[int]
) -> _Offered:
    """What is offered to all of whom the same was settled and is claimed."""
    windows = open_windows(start, work.upto, before)
    all_ones = work.found.candidates
    arrangement = work.edition.arrangement
    candidates = offered(all_ones, Offer(windows, claimed), work.rules, work.slot, arrangement)
    return _Offered(
        tuple(candidates), *settling(before, windows, _numbers(all_ones, claimed), start)
    )


def _numbers(candidates: Iterable[Candidate], claimed: frozenset[int]) -> list[int]:
    """The numbers that others bring: what this edition does not settle."""
    return [one.number for one in candidates if one.id in claimed]


def _settled_by(connection: Connection, variant_ids: set[int]) -> Mapping[int, str]:
    """What is settled for those who got these variants last."""
    wanted = sorted(variant_ids - {0})
    found: dict[int, str] = {}
    for first in range(0, len(wanted), _CHUNK):
        chunk = wanted[first : first + _CHUNK]
        query = select(variants.c.id, variants.c.settled).where(variants.c.id.in_(chunk))
        found |= {row.id: row.settled for row in connection.execute(query)}
    return found


def all_profiles(connection: Connection) -> dict[int, Profile]:
    """Every profile by its id."""
    return {
        row.id: Profile(frozenset(row.topics_in), frozenset(row.topics_out), row.layout)
        for row in connection.execute(select(profiles))
    }


def write_articles(connection: Connection, edition_id: int, chosen: Iterable[Chosen]) -> None:
    """Fix the versions of what an edition brings."""
    brought = {article for one in chosen for article in one.articles}
    versions = select(articles.c.id, articles.c.version).where(articles.c.id.in_(brought))
    rows = [
        {"edition_id": edition_id, "article_id": row.id, "version": row.version}
        for row in connection.execute(versions)
    ]
    if rows:
        connection.execute(insert(edition_articles), rows)
