"""What a reader chose and what happened to them, by the names that people know."""

from collections.abc import Mapping
from typing import Any

from colporteur.audience.choices import told
from colporteur.audience.history import Event, Standing
from colporteur.publication import Publication
from colporteur.publication.cadences import WEEKDAYS
from colporteur.publication.identities import Ids, channel_of

_OURS = {"minute", "start_number"}


def told_standing(publication: Publication, names: Ids, stands: Standing) -> dict[str, Any]:
    """A subscription: channel, state, choice, pause."""
    return {
        "channel": slug_of(publication, names, stands.choice.channel_id),
        "state": stands.state,
        **readable(publication, names, told(stands.choice)),
        "paused_until": stands.paused_until,
        "with_backlog": stands.keeps_backlog,
    }


def told_event(publication: Publication, names: Ids, event: Event) -> dict[str, Any]:
    """Something that happened: when, on which channel, what, by whom, and the choice after it."""
    return {
        "at": event.at,
        "channel": slug_of(publication, names, event.channel_id),
        "what": event.kind,
        **readable(publication, names, event.detail),
    }


def slug_of(publication: Publication, names: Ids, channel_id: int | None) -> str | None:
    """A channel's name; its number in brackets where it was removed."""
    if channel_id is None:
        return None
    found = channel_of(publication, names, channel_id)
    return found.slug if found else f"({channel_id})"


def readable(publication: Publication, names: Ids, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Topics by their names, weekday and minute as one types them; numbers that only we read go."""
    found = {key: value for key, value in detail.items() if key not in _OURS}
    topics = {names.topics[slug]: slug for slug in publication.topics}
    for key in found.keys() & {"topics_in", "topics_out"}:
        found[key] = [topics.get(one, f"({one})") for one in found[key]]
    if found.get("weekday") is not None:
        found["weekday"] = WEEKDAYS[found["weekday"]]
    if "minute" in detail:
        minute = detail["minute"]
        found["hour"] = None if minute is None else f"{minute // 60:02}:{minute % 60:02}"
    return found
