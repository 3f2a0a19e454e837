"""How a reader's mail begins: with which article, and when the first digest comes."""

from datetime import datetime

from sqlalchemy import Connection

from colporteur.audience.choices import Choice
from colporteur.db.numbering import last_number_at
from colporteur.editions.calendar import next_slot, previous_slot
from colporteur.editions.hours import Hour, due_at, due_outside
from colporteur.publication import Channel, Publication


def start_number(
    connection: Connection, publication: Publication, channel: Channel, cadence: str, now: datetime
) -> int:
    """The number after which articles are theirs who subscribe now: one slot back."""
    rule = channel.cadence(cadence)
    skip = frozenset(channel.digest.skip) if channel.digest else frozenset()
    since = previous_slot(rule, publication.zone_of(rule), now, skip)
    return last_number_at(connection, since)


def first_mail(
    publication: Publication, channel: Channel, choice: Choice, now: datetime
) -> datetime | None:
    """When the first digest comes to who subscribes now, if there is something new by then.

    None where nobody can tell: it comes with the next article, or the calendar has no slot left.
    """
    assert channel.digest is not None
    if not channel.sends:
        return None
    rule = channel.cadence(choice.cadence)
    zone, skip = publication.zone_of(rule), frozenset(channel.digest.skip)
    slot = next_slot(rule, zone, now + channel.digest.freeze, skip)  # an earlier one is fixed
    if slot is None:
        return None
    hour = Hour(choice.weekday, choice.minute, choice.timezone)
    due = due_at(rule, zone, slot, next_slot(rule, zone, slot, skip), hour)
    quiet = publication.quiet_hours_of(channel)
    return due_outside(quiet, due, hour, publication.timezone, instant=False)
