"""Freezes a special edition: its readers, less what each of them got already.

Regular digests that have not left make way for it: they lose the articles that it brings. It then
waits out its hold, in which it can be withdrawn, while its variants are rendered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select

from colporteur.db.numbering import last_number
from colporteur.editions.choosing import Chosen
from colporteur.editions.freezing.candidates import Found, brought_elsewhere, named_candidates
from colporteur.editions.freezing.moving import make_way
from colporteur.editions.freezing.readers import Whom, note_claims, read_claims
from colporteur.editions.freezing.regular import EVERYBODY, all_profiles, write_articles
from colporteur.editions.freezing.rows import SPECIAL_PRIORITY, deliver
from colporteur.editions.freezing.special_readers import (
    Audience,
    audience_of,
    chosen_through,
    count,
    gather_meant,
    note_meant,
    note_profiles,
)
from colporteur.editions.freezing.tables import freezing_tables, grouped
from colporteur.editions.freezing.variants import Serving, write_variants
from colporteur.editions.states import Event, State
from colporteur.editions.store import UNCHECKED, Edition, happen, load
from colporteur.publication.domains import group_by_domain
from colporteur.publication.revisions import Revision

ALL_WITHDRAWN = "all its articles were withdrawn"
NOTHING_NEW = "everybody got it already"
NO_READERS = "no readers"


@dataclass(frozen=True)
class _Special:
    """A special's freeze under way; ``articles`` in its order."""

    connection: Connection
    edition: Edition
    articles: tuple[int, ...]
    audience: Audience
    whom: Whom


def readers_meant(connection: Connection, audience: Audience, whom: Whom = EVERYBODY) -> int:
    """How many people a special for this audience reaches now."""
    with freezing_tables(connection):
        _note_wanting(connection, audience)
        return count(connection, audience, whom)


@contextmanager
def meant_through(
    connection: Connection, audience: Audience, whom: Whom = EVERYBODY
) -> Iterator[Select[tuple[int, int]]]:
    """Subscription and subscriber of each whom a special for this audience reaches now."""
    with freezing_tables(connection):
        _note_wanting(connection, audience)
        yield chosen_through(audience, whom)


@contextmanager
def gathered(
    connection: Connection, edition: Edition, whom: Whom, now: datetime
) -> Iterator[tuple[tuple[int, ...], list[frozenset[int]]]]:
    """Have the readers of a special in the temporary tables, as its freeze would have them now.

    Its articles that were not withdrawn, and what the claims that readers name stand for. Regular
    digests make way for it: for a transaction that is undone.
    """
    work = _work(connection, edition, whom)
    with freezing_tables(connection):
        yield work.articles, _gather(work, now)


def freeze_special(
    connection: Connection,
    edition: Edition,
    revision: Revision,
    *,
    now: datetime,
    by: str,
    whom: Whom = EVERYBODY,
) -> int:
    """Freeze a special whose hold begins; the number of readers, 0 where it is not time yet.

    One that would bring nothing to anybody is skipped, with the reason.
    """
    hold = revision.publication.specials.hold
    if edition.send_at is None or edition.send_at - hold > now:
        return 0  # a draft, or for later
    upto = last_number(connection)
    edition = load(connection, edition.id)
    if edition.state is not State.OPEN or edition.send_at is None:
        return 0
    until = max(edition.send_at, now + hold)
    fixed = {
        "frozen_at": now,
        "number_to": upto,
        "revision": revision.number,
        "hold_until": until,
        "send_at": until,
        **UNCHECKED,
    }
    work = _work(connection, edition, whom)
    with freezing_tables(connection):
        served, why = _serve(work, now)
        if not served:
            happen(connection, edition.id, Event.SKIP, by=by, now=now, why=why, fixed=fixed)
            return 0
        ids = write_variants(connection, edition.id, upto, served)
        chosen_by = [(one.group, ids[one.key]) for one in served]
        readers = deliver(
            connection,
            edition.id,
            chosen_by,
            lambda _: until,
            SPECIAL_PRIORITY,
            group_by_domain(revision.publication.groups_in_force()),
        )
    write_articles(connection, edition.id, (one.chosen for one in served))
    happen(connection, edition.id, Event.HOLD, by=by, now=now, fixed=fixed)
    return readers


def _work(connection: Connection, edition: Edition, whom: Whom) -> _Special:
    there = {one.id for one in named_candidates(connection, edition.arrangement.order)}
    articles = tuple(one for one in edition.arrangement.order if one in there)
    return _Special(connection, edition, articles, audience_of(edition), whom)


def _serve(work: _Special, now: datetime) -> tuple[list[Serving], str]:
    """What each group of readers gets; without any, the reason."""
    connection, edition, articles = work.connection, work.edition, work.articles
    note = bool(edition.arrangement.intro)
    if not articles and not note:
        return [], ALL_WITHDRAWN
    distinct = _gather(work, now)
    by_id = all_profiles(connection)
    groups = grouped(connection)
    served = []
    for group in groups:
        had = read_claims(group.claimed, distinct)
        left = tuple(one for one in articles if one not in had)
        if left or note:
            served.append(Serving(group, Chosen(left, 0), by_id[group.profile_id].layout))
    return served, NOTHING_NEW if groups else NO_READERS


def _gather(work: _Special, now: datetime) -> list[frozenset[int]]:
    """Have the readers meant in the temporary tables; what the claims that they name stand for."""
    connection = work.connection
    _note_wanting(connection, work.audience)
    meant = note_meant(connection, work.audience, work.whom)
    make_way(connection, work.edition.id, work.articles, meant, now)
    brought = brought_elsewhere(connection, work.edition, _found(connection, work.articles))
    distinct = note_claims(connection, brought)
    gather_meant(connection, claiming=bool(brought))
    return distinct


def _found(connection: Connection, articles: Sequence[int]) -> Found:
    return Found(named_candidates(connection, articles), frozenset())


def _note_wanting(connection: Connection, audience: Audience) -> None:
    by_id = all_profiles(connection)
    wanting = [number for number, profile in by_id.items() if audience.wanted_by(profile)]
    note_profiles(connection, wanting)
