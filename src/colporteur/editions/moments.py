"""Reads the moments that people name: local times, and the slots of a cadence. Pure."""

from datetime import UTC, datetime

from colporteur.editions.calendar import instant_of, next_slot
from colporteur.exceptions import ChoiceRefused, UnknownName
from colporteur.publication import Channel, Publication


def read_moment(text: str, zone: str) -> datetime:
    """``2026-11-24T07:00`` on a zone's clock, or with an offset of its own, as an instant in UTC.

    Raises:
        ChoiceRefused: it is no moment, or its date was left out in that zone.
    """
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ChoiceRefused(
            f"{text!r} is no moment.", cure="Such as 2026-11-24T07:00, on the clock of its zone."
        ) from None
    if said.tzinfo is not None:
        return said.astimezone(UTC)
    found = instant_of(said.date(), said.time(), zone)
    if found is None:
        raise ChoiceRefused(f"In {zone} there was no {said:%Y-%m-%d}.", cure="Give another date.")
    return found


def slot_named(
    publication: Publication, channel: Channel, cadence: str, at: str | None, now: datetime
) -> datetime:
    """The slot at a local time of a cadence, or its next one.

    Raises:
        UnknownName: the channel has no such cadence, or that one has no slots.
        ChoiceRefused: the time is none.
    """
    rule = channel.cadence(cadence)
    zone = publication.zone_of(rule)
    if at is not None:
        return read_moment(at, zone)
    assert channel.digest is not None
    found = next_slot(rule, zone, now, frozenset(channel.digest.skip))
    if found is None:
        raise UnknownName(
            f"The calendar of {channel.slug} has no coming edition {cadence}.",
            cure="`colporteur editions calendar` shows those there are.",
        )
    return found
