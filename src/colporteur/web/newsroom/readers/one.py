"""The page of one reader: what they chose and consented to, what they got, what came back."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from colporteur.audience.consent import Consent, consents_of
from colporteur.audience.exporting_one import all_of
from colporteur.audience.history import events_of
from colporteur.audience.preferences import held_by, person
from colporteur.audience.states import State, overall
from colporteur.audience.telling import told_event, told_standing
from colporteur.publication import Publication
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit
from colporteur.web.preferences.words import cadence_words, weekday_names

_SHOWN = 20
_ENDED = ("sent", "failed", "skipped")
_LIVE = (State.ACTIVE, State.PAUSED, State.PENDING)


_SILENT = dict.fromkeys(
    ("by", "why", "reason", "words", "cadence", "rhythm", "weekday", "day", "hour", "timezone"), ""
)
"""What most events say nothing of."""


class One:
    """One reader."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(
        self,
        visit: Visit,
        *,
        typed: Mapping[str, str] | None = None,
        faults: Mapping[str, str] | None = None,
    ) -> Response:
        """The page; with ``faults`` what was ``typed`` into one of its forms is kept."""
        with self._room.reading(visit) as desk:
            publication, reader = desk.publication, person(desk.connection, visit.number())
            held = [one.standing for one in held_by(desk.connection, reader.id)]
            known = all_of(desk.connection, reader.id)
            history = [
                _SILENT | told_event(publication, desk.names, one)
                for one in reversed(events_of(desk.connection, reader.id))
            ]
            chosen = [told_standing(publication, desk.names, one) for one in held]
            asked = open_consent(desk, reader.id)
        called = overall(reader.state, [State(one.state) for one in held])
        every = bool(visit.query.one("all"))
        editions, letters = known["editions"][::-1], known["letters"][::-1]
        return self._room.page(
            visit,
            "readers/one",
            reader.name or reader.address,
            code=422 if faults else 200,
            reader=reader,
            since=known["reader"]["created_at"],
            called_as=called.value,
            barred=known["do_not_mail_list"],
            chosen=[self._choice(visit, publication, one) for one in chosen],
            live=[one["channel"] for one in chosen if one["state"] in _LIVE],
            reads=called is State.ACTIVE,
            consents=known["consents"],
            waits=asked is not None,
            history=history if every else history[:_SHOWN],
            editions=editions if every else editions[:_SHOWN],
            letters=letters if every else letters[:_SHOWN],
            came_back=known["came_back"],
            more=not every and max(len(history), len(editions), len(letters)) > _SHOWN,
            ended=_ENDED,
            titles={one.slug: one.title for one in publication.channels},
            typed={**dict.fromkeys(("channel", "why", "address"), ""), **(typed or {})},
            faults=faults or {},
            clock=Clock(visit.tag, publication.timezone),
        )

    def _choice(
        self, visit: Visit, publication: Publication, one: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A subscription with its cadence, day and topics in words."""
        words = self._room.runtime.templates.catalogue(visit.tag)
        channel = next((each for each in publication.channels if each.slug == one["channel"]), None)
        rules = channel.digest.cadences if channel and channel.digest else {}
        cadence = rules.get(one["cadence"])
        topics = {
            slug: topic.name.get(visit.tag) or next(iter(topic.name.values()), slug)
            for slug, topic in publication.topics.items()
        }
        return {
            **one,
            "rhythm": cadence_words(cadence, visit.tag, words) if cadence else one["cadence"],
            "day": weekday_names(visit.tag).get(one["weekday"] or "", ""),
            "wanted": [topics.get(slug, slug) for slug in one["topics_in"]],
            "unwanted": [topics.get(slug, slug) for slug in one["topics_out"]],
        }


def open_consent(desk: Desk, subscriber_id: int) -> Consent | None:
    """The newest record of consent that a reader was asked for and has not confirmed."""
    found = consents_of(desk.connection, subscriber_id)
    waiting = [one for one in found if one.confirmed_at is None]
    return max(waiting, key=lambda one: one.id, default=None)
