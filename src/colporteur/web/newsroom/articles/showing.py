"""An article's page: what it says, its versions, where it went, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.articles import shelf, store
from colporteur.articles.article import Article
from colporteur.articles.pictures.sizes import Picture
from colporteur.articles.pictures.store import of_articles
from colporteur.articles.shelf import Shelved
from colporteur.articles.store import topic_slugs
from colporteur.audience.filters import readers_who_filter
from colporteur.digests.pictures import picture_of
from colporteur.editions.addresses import page_path
from colporteur.editions.bringing import Brought, editions_of
from colporteur.editions.pinning import Coming, coming
from colporteur.publication import Channel
from colporteur.staff import audit
from colporteur.staff.permissions import May, within_reach
from colporteur.syndication.feed import FORMATS, LABELS
from colporteur.templating import language
from colporteur.web.desk import Desk
from colporteur.web.newsroom.articles.words import deed, language_name, topic_name, when
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

_NOTED_AT_MOST = 200


@dataclass(frozen=True)
class VersionRow:
    """A version, and who made it; ``by`` is empty for sources and programs."""

    number: int
    at: str
    by: str
    title: str


@dataclass(frozen=True)
class EditionRow:
    """An edition that an article was fixed for; ``path`` is its public page, once it has left."""

    id: int
    channel: str
    kind: str
    moment: str
    path: str
    version: int
    taken_out: bool


@dataclass(frozen=True)
class FeedRow:
    """A channel that shows an article, with its feeds as (label, address)."""

    channel: str
    feeds: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PinRow:
    """A coming edition that an article could lead."""

    value: str
    channel: str
    cadence: str
    when: str
    leads: bool


class Showing:
    """The page of one article."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def look(self, visit: Visit) -> Response:
        """All that is known of it."""
        with self._room.reading(visit) as desk:
            within = within_reach(desk.person)
            found = shelf.seen(desk.connection, visit.number(), within)
            if found is None:
                raise HTTPException(404)
            mine = shelf.one(desk.connection, found.id, within) is not None
            context = self._context(desk, visit, found)
        return self._room.page(
            visit, "articles/one", found.title, article=found, mine=mine, **context
        )

    def _context(self, desk: Desk, visit: Visit, found: Shelved) -> dict[str, Any]:
        article = store.by_ids(desk.connection, [found.id])[found.id]
        shown_in = store.channel_ids(desk.connection, [found.id]).get(found.id, [])
        site, zone = self._room.pages.site(desk.publication), desk.publication.timezone
        noted = audit.noted(desk.connection, limit=_NOTED_AT_MOST, subject=f"article:{found.id}")
        slugs = topic_slugs(desk.connection)
        return {
            "link": article.link(site),
            "direction_of": language(found.language).direction,
            "language_of": language_name(found.language, visit),
            "picture": _picture(desk, article, site),
            "topics": [
                topic_name(desk.publication, slugs.get(one, ""), visit) for one in found.topics
            ],
            "missed": 0 if found.topics else readers_who_filter(desk.connection, shown_in),
            "published": when(found.published_at, visit, zone),
            "waits": when(found.publish_at, visit, zone),
            "withdrawn": when(found.withdrawn_at, visit, zone),
            "versions": _versions(desk, visit, found, noted, zone),
            "log": [
                (one.by, when(one.at, visit, zone), deed(self._room, visit, one.action))
                for one in noted
            ],
            "editions": _editions(desk, visit, found, zone),
            "feeds": _feeds(desk, shown_in, site) if found.number is not None else [],
            "channels": [one.title for one in _channels(desk, shown_in)],
            "pins": pin_rows(desk, visit, found, shown_in) if visit.may(May.ARRANGE) else [],
        }


def _picture(desk: Desk, article: Article, site: str) -> Picture | None:
    known = of_articles(desk.connection, [article])
    return picture_of(article.image, known, site, own=desk.publication.serve_images)


def _versions(
    desk: Desk, visit: Visit, found: Shelved, noted: Sequence[audit.Noted], zone: str
) -> list[VersionRow]:
    by = {one.detail["version"]: one.by for one in reversed(noted) if "version" in one.detail}
    return [
        VersionRow(one.version, when(one.made_at, visit, zone), by.get(one.version, ""), one.title)
        for one in shelf.versions(desk.connection, found.id)
    ]


def _channels(desk: Desk, shown_in: Sequence[int]) -> list[Channel]:
    numbers = desk.names.channels
    return [one for one in desk.publication.channels if numbers[one.slug] in shown_in]


def _editions(desk: Desk, visit: Visit, found: Shelved, zone: str) -> list[EditionRow]:
    titles = {desk.names.channels[one.slug]: one.title for one in desk.publication.channels}
    return [
        _edition(one, titles.get(one.channel_id, ""), when(one.moment, visit, zone))
        for one in editions_of(desk.connection, found.id)
    ]


def _edition(one: Brought, channel: str, moment: str) -> EditionRow:
    return EditionRow(
        one.id,
        channel,
        one.kind,
        moment,
        page_path(one.public_id) if one.left_at else "",
        one.version,
        one.taken_out_at is not None,
    )


def _feeds(desk: Desk, shown_in: Sequence[int], site: str) -> list[FeedRow]:
    return [
        FeedRow(
            one.title,
            [(LABELS[kind], f"{site}/feeds/{one.slug}.{kind}") for kind in FORMATS],
        )
        for one in _channels(desk, shown_in)
    ]


def pin_rows(desk: Desk, visit: Visit, found: Shelved, shown_in: Sequence[int]) -> list[PinRow]:
    """The coming editions that could begin with an article: digests hold one language."""
    return [
        PinRow(
            pin_value(one),
            one.channel.title,
            one.channel.called(one.cadence, visit.tag),
            when(one.slot, visit, one.zone),
            one.lead == found.id,
        )
        for one in could_lead(desk, found, shown_in)
    ]


def could_lead(desk: Desk, found: Shelved, shown_in: Sequence[int]) -> list[Coming]:
    """The editions themselves; none for what no digest brings."""
    if found.state == "withdrawn" or not found.in_digests:
        return []
    there = coming(desk.connection, desk.publication, desk.names, shown_in, desk.now)
    return [one for one in there if one.channel.language == found.language]


def pin_value(one: Coming) -> str:
    """What a form calls a coming edition."""
    return f"{one.channel.slug} {one.cadence} {one.slot.isoformat()}"
