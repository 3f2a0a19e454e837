"""What signing up needs from time to time: letters that waited for room, reminders, the alert."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from colporteur.audience.consent import consent
from colporteur.audience.forgetting import STILL_OPEN, unasked
from colporteur.audience.signing_up import begins_something
from colporteur.audience.states import State
from colporteur.db.tables.audience import consents, subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.delivery.alerts import alert
from colporteur.delivery.welcoming.asking import Office, ask_to_confirm
from colporteur.delivery.welcoming.gates import Gates, Passage
from colporteur.digests.letters import CONFIRM

REMIND_AFTER = timedelta(hours=24)
"""How long after the letter who did not press its button is reminded, once (issue 7)."""
_AT_ONCE = 100
COMMAND = "colporteur subscribers waiting --forget"


def ask_those_who_wait(connection: Connection, office: Office, gates: Gates, now: datetime) -> int:
    """Write the letters that waited, the oldest first, as far as there is room; how many.

    Those to one full domain hold up no others.
    """
    asked = 0
    full: set[str] = set()
    while asked < _AT_ONCE:
        waiting = unasked(connection, _AT_ONCE - asked, but=full)
        if not waiting:
            break
        for one in waiting:
            if one.domain in full:
                continue
            passage = gates.letter(one.domain)
            if passage is Passage.ALL_FULL:
                return asked
            if passage is Passage.DOMAIN_FULL:
                full.add(one.domain)
                continue
            ask_to_confirm(connection, office, consent(connection, one.consent_id), now)
            asked += 1
    return asked


def remind(connection: Connection, office: Office, now: datetime) -> int:
    """Remind, once, who did not press the button within a day; how many, some at a time.

    The day counts from when the letter left. Who asked again since, was reminded of an earlier
    letter, or whose address bounced, is left alone.
    """
    if not office.publication.subscribing.remind:
        return 0
    since = now - office.publication.subscribing.forget_unconfirmed
    found = connection.scalars(
        select(consents.c.id)
        .where(
            STILL_OPEN,
            consents.c.at > since,
            consents.c.asked_at <= now - REMIND_AFTER,
            consents.c.method != "import",
            *_asked_last_and_once(),
            *_waits_for_the_button(),
            ~_left_since(now - REMIND_AFTER),
        )
        .order_by(consents.c.at, consents.c.id)
        .limit(_AT_ONCE)
    ).all()
    due = [
        one for one in map(partial(consent, connection), found) if begins_something(connection, one)
    ]
    for one in due:
        ask_to_confirm(connection, office, one, now, again=True)
    return len(due)


def _asked_last_and_once() -> Sequence[ColumnElement[bool]]:
    """No later record of that reader is open, and they were not reminded yet."""
    other = consents.alias()
    same = and_(other.c.subscriber_id == consents.c.subscriber_id, other.c.confirmed_at.is_(None))
    newer = exists().where(same, other.c.id > consents.c.id)
    reminded = exists().where(same, other.c.reminded_at.is_not(None))
    return ~newer, ~reminded


def _waits_for_the_button() -> Sequence[ColumnElement[bool]]:
    """Mail reaches that reader, and pressing the button would begin something."""
    reached = exists().where(
        subscribers.c.id == consents.c.subscriber_id,
        subscribers.c.state.in_([State.PENDING, State.ACTIVE]),
    )
    ended_before = and_(
        subscriptions.c.state == State.UNSUBSCRIBED, subscriptions.c.ended_at <= consents.c.at
    )
    waits = exists().where(
        subscriptions.c.subscriber_id == consents.c.subscriber_id,
        or_(subscriptions.c.state == State.PENDING, ended_before),
    )
    return reached, waits


def _left_since(moment: datetime) -> ColumnElement[bool]:
    """A letter with the button has not left yet, or did so after that."""
    return exists().where(
        letters.c.subscriber_id == consents.c.subscriber_id,
        letters.c.message == CONFIRM,
        deliveries.c.letter_id == letters.c.id,
        or_(deliveries.c.ended_at.is_(None), deliveries.c.ended_at > moment),
    )


def tell_of_the_breaker(connection: Connection, office: Office, now: datetime) -> int:
    """A letter to each who is to be told that letters wait, once a day; how many were written."""
    content = {
        "about": "signups",
        "limit": str(office.publication.subscribing.at_most.all),
        "waiting": len(unasked(connection)),
        "command": COMMAND,
    }
    return alert(connection, office.publication, f"signups:{now:%Y-%m-%d}", content, now)
