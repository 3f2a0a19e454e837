"""Has the real engine do what people do: one function an event, in the caller's transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from colporteur.articles import withdrawing
from colporteur.articles.intake import take_in
from colporteur.articles.publishing import publish_due
from colporteur.articles.submission import Submission
from colporteur.audience import pausing
from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.subscribing import subscribe, unsubscribe
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.articles import articles
from colporteur.db.tables.audience import subscribers, subscriptions
from colporteur.db.tables.editions import editions
from colporteur.delivery.braking import close_lost, skip_too_late
from colporteur.editions import arranging, brakes, scheduling, specials, steering
from colporteur.editions.calendar import next_slot, previous_slot
from colporteur.editions.freezing.regular import EVERYBODY
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load, of_key
from colporteur.exceptions import UnknownName
from colporteur.publication import Publication
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision
from colporteur.simulation import log

BY = "simulation"
_UNFINISHED = (State.FROZEN, State.HELD, State.SENDING, State.PAUSED, State.AWAITING_APPROVAL)


@dataclass(frozen=True)
class Inside:
    """A transaction on the publication in force."""

    connection: Connection
    revision: Revision
    names: Ids

    @property
    def publication(self) -> Publication:
        """The publication in force."""
        return self.revision.publication


def do(inside: Inside, event: log.Event) -> log.Event:
    """Have one thing done at the event's time; the event with what the engine made of it.

    Raises:
        ColporteurError: it is refused.
    """
    return _DOING[type(event)](inside, event) or event


def _hand_in(inside: Inside, event: log.Handed) -> None:
    submission = Submission(
        f"Article {event.article}",
        teaser=f"What {event.article} says.",
        language=event.language,
        external_id=event.article,
        dated_at=event.dated_at,
        publish_at=event.publish_at,
        topics=tuple(sorted(event.topics)),
        channels=event.channels,
    )
    _take(inside, submission, event, in_digests=event.in_digests)


def _change(inside: Inside, event: log.Changed) -> None:
    submission = Submission(
        "",
        external_id=event.article,
        topics=None if event.topics is None else tuple(sorted(event.topics)),
        channels=event.joins,
        part=True,
    )
    _take(inside, submission, event, significant=event.significant)


def _take(inside: Inside, submission: Submission, event: log.Event, **how: bool) -> None:
    take_in(inside.connection, submission, inside.publication, inside.names, event.at, **how)


def _withdraw(inside: Inside, event: log.Withdrawn) -> None:
    slug = select(articles.c.slug).where(articles.c.external_id == event.article)
    withdrawing.withdraw(inside.connection, str(inside.connection.scalar(slug)), event.at)


def _restore(inside: Inside, event: log.Restored) -> None:
    (found,) = _ids(inside, [event.article])
    withdrawing.restore(inside.connection, found, event.at)


def _choose(inside: Inside, event: log.Chose) -> None:
    channel = inside.publication.channel(event.channel)
    assert channel.digest is not None
    cadence = channel.cadence(event.cadence)
    zone = inside.publication.zone_of(cadence)
    since = previous_slot(cadence, zone, event.at, channel.digest.skip)
    choice = Choice(
        inside.names.channels[event.channel],
        event.cadence,
        tuple(inside.names.topics[one] for one in event.topics_in),
        tuple(inside.names.topics[one] for one in event.topics_out),
        event.layout,
        event.weekday,
        event.minute,
        event.timezone,
        event.specials,
    )
    subscribe(
        inside.connection,
        parse_address(event.reader),
        choice,
        language=channel.language,
        start_number=last_number_at(inside.connection, since),
        by=BY,
        now=event.at,
    )


def _leave(inside: Inside, event: log.Left) -> None:
    unsubscribe(inside.connection, _subscription(inside, event), by=BY, now=event.at)


def _pause(inside: Inside, event: log.Paused) -> None:
    pausing.pause(
        inside.connection,
        _subscription(inside, event),
        event.until,
        backlog=event.backlog,
        by=BY,
        now=event.at,
    )


def _resume(inside: Inside, event: log.Resumed) -> None:
    pausing.resume(inside.connection, _subscription(inside, event), by=BY, now=event.at)


def _suspend(inside: Inside, event: log.Suspended) -> None:
    brakes.suspend(inside.connection, by=BY, why="simulation", now=event.at)


def _release(inside: Inside, event: log.Released) -> None:
    brakes.release(inside.connection, by=BY, now=event.at)


def _arrange(inside: Inside, event: log.Arranged) -> log.Event:
    edition = _next_edition(inside, event)
    wishes = arranging.Wishes(
        lead=_ids(inside, [event.lead])[0] if event.lead else arranging.NO_LEAD,
        order=_ids(inside, event.order),
        left_out=_ids(inside, sorted(event.left_out)),
    )
    arranging.arrange(inside.connection, edition, wishes, by=BY, now=event.at)
    return replace(event, slot=edition.slot)


def _approve(inside: Inside, event: log.Approved) -> log.Event:
    waiting = _newest(inside, event, State.AWAITING_APPROVAL)
    edition = waiting or _next_edition(inside, event)
    steering.approve(
        inside.connection, edition, inside.revision, inside.names, by="chief", now=event.at
    )
    return replace(event, slot=edition.slot)


def _steer(inside: Inside, event: log.Steered) -> log.Event:
    edition = _newest(inside, event, *_UNFINISHED)
    if edition is None:
        raise UnknownName("There is no such edition.")
    connection, now = inside.connection, event.at
    match event.how:
        case "cancel":
            steering.cancel(connection, edition, by=BY, why="simulation", now=now)
        case "pause":
            steering.pause(connection, edition, by=BY, why="simulation", now=now)
        case "hold":
            steering.hold(connection, edition, by=BY, why="simulation", now=now)
        case "resume":
            steering.resume(connection, edition, by=BY, now=now)
        case _:
            steering.release(connection, edition, by=BY, now=now)
    return replace(event, edition=edition.id)


def _announce(inside: Inside, event: log.Announced) -> None:
    wanted = specials.Special(
        inside.publication.channel(event.home),
        Audience(
            tuple(inside.names.channels[one] for one in event.channels),
            frozenset(inside.names.topics[one] for one in event.topics),
        ),
        tuple(_ids(inside, event.articles)),
        event.note,
        event.note,
    )
    draft = specials.draft(
        inside.connection, wanted, inside.names, key=event.key, by=BY, now=event.at
    )
    specials.confirm(
        inside.connection,
        draft,
        inside.revision,
        typed=None,
        at=event.send_at,
        by=BY,
        now=event.at,
        whom=EVERYBODY,
    )


def _recall(inside: Inside, event: log.Recalled) -> None:
    edition = of_key(inside.connection, event.key)
    if edition is None:
        raise UnknownName("There is no such edition.")
    if edition.state in {State.OPEN, State.HELD}:
        specials.withdraw(inside.connection, edition, by=BY, why="simulation", now=event.at)
    else:
        steering.cancel(inside.connection, edition, by=BY, why="simulation", now=event.at)


def _force(inside: Inside, event: log.Forced) -> None:
    scheduling.send_now(
        inside.connection,
        inside.revision,
        inside.names,
        inside.publication.channel(event.channel),
        event.cadence,
        by=BY,
        now=event.at,
    )


def _tick(inside: Inside, event: log.Ticked) -> None:
    """What the tick does with articles and mail, in its order."""
    connection, now = inside.connection, event.at
    publish_due(connection, now)
    brake = brakes.in_force(connection, inside.publication, real_relay=False)
    scheduling.advance(connection, inside.revision, inside.names, now, brake)
    skip_too_late(connection, inside.publication, inside.names, now)
    close_lost(connection, now)
    scheduling.finish(connection, now)


def _next_edition(inside: Inside, event: Any) -> Edition:
    channel = inside.publication.channel(event.channel)
    cadence = channel.cadence(event.cadence)
    assert channel.digest is not None
    zone = inside.publication.zone_of(cadence)
    slot = next_slot(cadence, zone, event.at, channel.digest.skip)
    if slot is None:
        raise UnknownName("The calendar shows none.")
    place = (inside.connection, inside.revision, inside.names, channel, event.cadence)
    return arranging.edition_at(*place, slot, by=BY, now=event.at)


def _newest(inside: Inside, event: Any, *states: State) -> Edition | None:
    found = inside.connection.scalar(
        select(editions.c.id)
        .where(
            editions.c.channel_id == inside.names.channels[event.channel],
            editions.c.cadence == event.cadence,
            editions.c.state.in_(states),
        )
        .order_by(editions.c.slot.desc())
        .limit(1)
    )
    return None if found is None else load(inside.connection, found)


def _subscription(inside: Inside, event: Any) -> int:
    query = (
        select(subscriptions.c.id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(
            subscribers.c.address == event.reader,
            subscriptions.c.channel_id == inside.names.channels[event.channel],
        )
    )
    return int(inside.connection.execute(query).scalar_one())


def _ids(inside: Inside, keys: Sequence[str]) -> list[int]:
    rows = inside.connection.execute(
        select(articles.c.external_id, articles.c.id).where(articles.c.external_id.in_(keys))
    )
    known = {row.external_id: row.id for row in rows}
    return [known[key] for key in keys]


_DOING: dict[type, Callable[[Inside, Any], log.Event | None]] = {
    log.Handed: _hand_in,
    log.Changed: _change,
    log.Withdrawn: _withdraw,
    log.Restored: _restore,
    log.Chose: _choose,
    log.Left: _leave,
    log.Paused: _pause,
    log.Resumed: _resume,
    log.Suspended: _suspend,
    log.Released: _release,
    log.Arranged: _arrange,
    log.Approved: _approve,
    log.Steered: _steer,
    log.Announced: _announce,
    log.Recalled: _recall,
    log.Forced: _force,
    log.Ticked: _tick,
}
