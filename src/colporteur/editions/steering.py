"""What people do to an edition: approve it, hold it back, let it go, pause it, call it off."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from colporteur.db.numbering import last_number
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.editions.brakes import released_at
from colporteur.editions.freezing.moving import move_back
from colporteur.editions.progress import recount_editions
from colporteur.editions.skips import SkipReason
from colporteur.editions.states import Event, State, transition
from colporteur.editions.store import Edition, happen, history, load, render_anew
from colporteur.exceptions import ApprovalRefused, TransitionRefused
from colporteur.publication.identities import Ids, channel_of
from colporteur.publication.revisions import Revision

_TOO_LATE = "approved too late"


def approve(
    connection: Connection,
    edition: Edition,
    revision: Revision,
    names: Ids,
    *,
    by: str,
    now: datetime,
    why: str = "",
) -> Edition:
    """Let an edition leave. Before its freeze that closes its candidates with the newest now.

    Afterwards it lets go what is due; what is older than the channel's ``catch_up`` is missed. A
    special that waited for it is open again, to be frozen.

    Raises:
        ApprovalRefused: nobody asks for it, or two pairs of eyes are and these arranged it.
        TransitionRefused: it does not wait for that.
    """
    transition(edition.state, Event.APPROVE)
    _require_approver(edition, revision, names, by)
    approved: dict[str, Any] = {"approved_at": now}
    if edition.state is State.OPEN:
        approved["approved_to"] = last_number(connection)
        happen(connection, edition.id, Event.APPROVE, by=by, now=now, why=why, fixed=approved)
    elif is_late(connection, edition, revision, names, now):
        skip_unsent(connection, edition.id, SkipReason.MISSED, now)
        happen(connection, edition.id, Event.MISS, by=by, now=now, why=_TOO_LATE)
    else:
        event = Event.APPROVE if edition.frozen_at else Event.REOPEN
        approved |= {"resumed_at": now} if edition.frozen_at else {}
        said = why or "approved"
        happen(connection, edition.id, event, by=by, now=now, why=said, fixed=approved)
    return load(connection, edition.id)


def _require_approver(edition: Edition, revision: Revision, names: Ids, by: str) -> None:
    if edition.regular:
        channel = channel_of(revision.publication, names, edition.channel_id)
        if not (channel and channel.digest and channel.digest.approval):
            raise ApprovalRefused(
                "This channel's editions leave without approval.", cure="There is nothing to do."
            )
    elif edition.state is State.OPEN:
        raise ApprovalRefused("This special edition is a draft.", cure="Confirm it first.")
    if revision.publication.four_eyes and by in edition.arranged_by:
        raise ApprovalRefused(
            f"{by} had a hand in this edition, and may not approve it too.",
            cure="Ask somebody else: the publication has four_eyes = true.",
        )


def hold(connection: Connection, edition: Edition, *, by: str, why: str, now: datetime) -> Edition:
    """Keep an edition back until somebody releases it."""
    no_end = {"hold_until": None}
    happen(connection, edition.id, Event.HOLD, by=by, now=now, why=why, fixed=no_end)
    return load(connection, edition.id)


def release(
    connection: Connection, edition: Edition, *, by: str, now: datetime, why: str = ""
) -> Edition:
    """Let go what was held; what was not frozen yet is open again, and frozen when it is due.

    Raises:
        TransitionRefused: it is not held, or by its own clock: a special's hold ends by itself.
    """
    transition(edition.state, Event.RELEASE)  # what waits for an approver is not let go like this
    if edition.hold_until is not None:
        raise TransitionRefused(
            f"The hold of this special edition ends by itself at {edition.hold_until:%H:%M} UTC.",
            cure="Wait, or withdraw it.",
        )
    event = Event.RELEASE if edition.frozen_at else Event.REOPEN
    again = {"resumed_at": now}
    happen(connection, edition.id, event, by=by, now=now, why=why, fixed=again)
    return load(connection, edition.id)


def pause(connection: Connection, edition: Edition, *, by: str, why: str, now: datetime) -> Edition:
    """Stop sending for now; what is in flight is finished."""
    happen(connection, edition.id, Event.PAUSE, by=by, now=now, why=why)
    return load(connection, edition.id)


def resume(
    connection: Connection, edition: Edition, *, by: str, now: datetime, why: str = ""
) -> Edition:
    """Send the rest; what was held when it was paused is held again.

    What nothing has left of is rendered anew, since templates may have been mended; if it was not
    looked over since it was frozen or arranged, it is first.
    """
    again = {"resumed_at": now}
    event = _after_pause(connection, edition, now)
    happen(connection, edition.id, event, by=by, now=now, why=why, fixed=again)
    resumed = load(connection, edition.id)
    if resumed.first_left_at is None:
        render_anew(connection, edition.id)
    return resumed


def _after_pause(connection: Connection, edition: Edition, now: datetime) -> Event:
    if edition.state is not State.PAUSED:
        return Event.RESUME  # which the table refuses
    if edition.hold_until is not None:
        held = edition.hold_until > now
    else:
        held = _state_before(connection, edition) == State.HELD
    if held:
        return Event.HOLD
    unseen = edition.checked_at is None and edition.first_left_at is None
    return Event.RECHECK if unseen else Event.RESUME


def _state_before(connection: Connection, edition: Edition) -> str | None:
    """The state in which an edition was when it came into the one that it is in."""
    here = edition.state
    events = reversed(history(connection, edition.id))
    return next((row.from_state for row in events if row.to_state == here != row.from_state), None)


def cancel(connection: Connection, edition: Edition, *, by: str, why: str, now: datetime) -> int:
    """Stop for good what has not left; how many readers will not get it.

    Its articles are open to them again; digests that made way for a special get theirs back.
    """
    closed = {} if edition.frozen_at else {"number_to": last_number(connection)}
    happen(connection, edition.id, Event.CANCEL, by=by, now=now, why=why, fixed=closed)
    stopped = skip_unsent(connection, edition.id, SkipReason.CANCELLED, now)
    if not edition.regular:
        move_back(connection, edition.id, now)
    return stopped


def skip_unsent(connection: Connection, edition_id: int, reason: SkipReason, now: datetime) -> int:
    """Close the deliveries of an edition that have not left; how many there were."""
    waiting = deliveries.c.status.in_(["pending", "deferred"])
    stopped = connection.execute(
        update(deliveries)
        .where(deliveries.c.edition_id == edition_id, waiting)
        .values(status="skipped", reason=reason, ended_at=now)
    ).rowcount
    free = (batches.c.edition_id == edition_id, batches.c.status == "pending")
    connection.execute(update(batches).where(*free).values(status="done"))
    recount_editions(connection, [edition_id])
    return stopped


def is_late(
    connection: Connection, edition: Edition, revision: Revision, names: Ids, now: datetime
) -> bool:
    """Whether it should have left longer ago than its channel's ``catch_up``.

    That counts from the end of a suspension: nobody could let it go before.
    """
    channel = channel_of(revision.publication, names, edition.channel_id)
    if edition.send_at is None or channel is None or channel.digest is None:
        return False
    since = max(edition.send_at, released_at(connection) or edition.send_at)
    return since + channel.digest.catch_up < now
