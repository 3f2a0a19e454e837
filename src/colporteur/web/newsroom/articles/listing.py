"""The list of articles: searched, filtered, page by page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from colporteur.articles import drafts, refusals, shelf
from colporteur.articles.shelf import Asked, Shelved
from colporteur.articles.sources import store as sources
from colporteur.articles.store import channel_ids, topic_slugs
from colporteur.staff.permissions import drafts_within_reach, within_reach
from colporteur.web.desk import Desk
from colporteur.web.newsroom.articles.words import (
    channel_options,
    language_name,
    language_options,
    topic_name,
    topic_options,
    when,
)
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit, as_id

PAGE = 40
DRAFTS_AT_MOST = 200
_ASKED_AT_MOST = 500


@dataclass(frozen=True)
class Row:
    """An article in the list, in the visitor's words."""

    article: Shelved
    language: str
    when: str
    channels: list[str]
    topics: list[str]
    mine: bool


class Listing:
    """The list of articles, and that of drafts."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def look(self, visit: Visit) -> Response:
        """Those asked for, the newest first."""
        before = as_id(visit.query.one("before")) if visit.query.one("before") else None
        with self._room.reading(visit) as desk:
            asked, filtered = _asked(desk, visit)
            within = within_reach(visit.person)
            found = shelf.shelf(desk.connection, asked, within, PAGE + 1, before)
            rows = _rows(desk, visit, found[:PAGE])
            waiting = len(
                drafts.listing(desk.connection, drafts_within_reach(visit.person), DRAFTS_AT_MOST)
            )
            options: dict[str, Any] = {
                "channels": channel_options(desk.publication),
                "topics": topic_options(desk.publication, visit),
                "languages": language_options(desk.publication, visit),
            }
            ill = sum(1 for one in sources.listing(desk.connection) if one.failures)
            refused = len(refusals.listing(desk.connection, 100))
        more = ""
        if len(found) > PAGE:
            kept = {name: value for name, value in _query(visit).items() if value}
            more = f"?{urlencode(kept | {'before': found[PAGE - 1].id})}"
        return self._room.page(
            visit,
            "articles/list",
            self._room.say(visit, "Articles"),
            rows=rows,
            asked=_query(visit),
            filtered=filtered,
            first=before is None,
            more=more,
            drafts=waiting,
            refused=refused,
            ill=ill,
            **options,
        )

    def drafts(self, visit: Visit) -> Response:
        """What is kept and no article yet."""
        with self._room.reading(visit) as desk:
            zone = desk.publication.timezone
            found = drafts.listing(
                desk.connection, drafts_within_reach(visit.person), DRAFTS_AT_MOST
            )
        rows = [(one, when(one.changed_at, visit, zone)) for one in found]
        return self._room.page(visit, "articles/drafts", self._room.say(visit, "Drafts"), rows=rows)


def _query(visit: Visit) -> dict[str, str]:
    names = ("q", "state", "channel", "topic", "language", "mine", "without_topics")
    return {name: visit.query.one(name)[:_ASKED_AT_MOST] for name in names}


def _asked(desk: Desk, visit: Visit) -> tuple[Asked, bool]:
    """What the address asks for; names that are none are left out."""
    said = _query(visit)
    known = {one.slug for one in desk.publication.channels}
    channel, topic = said["channel"], said["topic"]
    asked = Asked(
        words=said["q"],
        state=said["state"] if said["state"] in shelf.STATES else "",
        channel_id=desk.names.channels[channel] if channel in known else None,
        topic_id=desk.names.topics[topic] if topic in desk.publication.topics else None,
        language=said["language"] if said["language"] in desk.publication.languages else "",
        maker=visit.person.id if said["mine"] == "yes" else None,
        without_topics=said["without_topics"] == "yes",
    )
    return asked, asked != Asked()


def _rows(desk: Desk, visit: Visit, found: list[Shelved]) -> list[Row]:
    shown_in = channel_ids(desk.connection, [one.id for one in found])
    titles = {desk.names.channels[one.slug]: one.title for one in desk.publication.channels}
    slugs, zone = topic_slugs(desk.connection), desk.publication.timezone
    return [
        Row(
            article=one,
            language=language_name(one.language, visit),
            when=when(one.published_at or one.publish_at or one.created_at, visit, zone),
            channels=[titles[it] for it in shown_in.get(one.id, ()) if it in titles],
            topics=[topic_name(desk.publication, slugs.get(it, ""), visit) for it in one.topics],
            mine=one.made_by == visit.person.id,
        )
        for one in found
    ]
