"""``/archive``: the editions that have left, by channel, the newest first."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from colporteur.db import reading
from colporteur.digests.cards import long_date
from colporteur.editions.addresses import archive_path, page_path
from colporteur.editions.past import Past, past_editions
from colporteur.editions.store import CORRECTION, SPECIAL
from colporteur.exceptions import UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import ids
from colporteur.syndication.feed import FORMATS, LABELS
from colporteur.syndication.scopes import editions_path
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.web.pages import Alternate, ChannelLink, FeedLink, Pages, channel_link
from colporteur.web.validated import validated

ON_FRONT = 7
ON_PAGE = 50
_DIGITS_AT_MOST = 6
_MOVED = 301


@dataclass(frozen=True)
class Shown:
    """A past edition in a list. ``kind`` says what sets it apart; empty for a regular one."""

    title: str
    url: str
    kind: str
    channel_title: str
    language: str
    direction: str
    date: str
    iso_date: str
    count: str


def shown(
    past: Past, publication: Publication, channel: Channel, site: str, templates: Templates
) -> Shown:
    """A past edition as lists show it, in its channel's language."""
    words = templates.catalogue(channel.language)
    kinds = {SPECIAL: words.gettext("Special edition"), CORRECTION: words.gettext("Correction")}
    number = len(past.lines)
    count = words.ngettext("%(num)s article", "%(num)s articles", number) % {"num": number}
    local = past.day.astimezone(ZoneInfo(publication.timezone))
    linked = channel_link(channel, site)
    return Shown(
        title=past.title or channel.title,
        url=site + page_path(past.edition.public_id),
        kind=kinds.get(past.edition.kind, ""),
        channel_title=channel.title,
        language=linked.language,
        direction=linked.direction,
        date=long_date(local, channel.language),
        iso_date=local.isoformat(timespec="minutes"),
        count=count if number else "",
    )


def archive_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """The newest editions of every channel, and all those of one."""
    routes, archive = APIRouter(), _Archive(runtime, pages)

    @routes.get("/archive")
    def front(request: Request) -> Response:
        return validated(request, archive.front())

    @routes.get("/archive/{slug}")
    def of_channel(request: Request, slug: str, page: str = "1") -> Response:
        found = archive.of_channel(slug, _page_number(page))
        return found if found.status_code == _MOVED else validated(request, found)

    return routes


@dataclass(frozen=True)
class _Archive:
    """What the pages of the archive show."""

    runtime: Runtime
    pages: Pages

    def front(self) -> Response:
        """The newest editions of every channel."""
        sections = []
        with reading(self.runtime.engine) as connection:
            publication = self.pages.publication(connection)
            site, names = self.pages.site(publication), ids(connection, publication)
            for channel in publication.channels:
                found = past_editions(connection, names.channels[channel.slug], ON_FRONT + 1)
                listed = self._shown(found[:ON_FRONT], publication, channel, site)
                link = _linked(channel, site, has_feeds=bool(found))
                sections.append((link, listed, len(found) > ON_FRONT))
        tag = publication.languages[0]
        return self.pages.render(
            "archive",
            publication,
            tag,
            self.runtime.templates.catalogue(tag).gettext("Past editions"),
            path="/archive",
            alternates=[one for link, _, _ in sections for one in _alternates(link)],
            noindex=not publication.index_editions,
            sections=sections,
        )

    def of_channel(self, slug: str, number: int) -> Response:
        """A page of a channel's editions, from 1; a former name redirects."""
        with reading(self.runtime.engine) as connection:
            publication = self.pages.publication(connection)
            channel = publication.channel(slug)
            channel_id = ids(connection, publication).channels[channel.slug]
            skipped = (number - 1) * ON_PAGE
            found = past_editions(connection, channel_id, ON_PAGE + 1, skipped)
        if channel.slug != slug:
            return RedirectResponse(archive_path(channel.slug, number), _MOVED)
        if number > 1 and not found:
            raise _no_page()
        site = self.pages.site(publication)
        link = _linked(channel, site, has_feeds=bool(found))
        words = self.runtime.templates.catalogue(channel.language)
        more = len(found) > ON_PAGE
        return self.pages.render(
            "archive_channel",
            publication,
            channel.language,
            f"{channel.title} · {words.gettext('Past editions')}",
            path=archive_path(channel.slug, number),
            alternates=_alternates(link),
            noindex=not publication.index_editions,
            channel=link,
            editions=self._shown(found[:ON_PAGE], publication, channel, site),
            previous=site + archive_path(channel.slug, number - 1) if number > 1 else "",
            following=site + archive_path(channel.slug, number + 1) if more else "",
        )

    def _shown(
        self, found: list[Past], publication: Publication, channel: Channel, site: str
    ) -> list[Shown]:
        templates = self.runtime.templates
        return [shown(one, publication, channel, site, templates) for one in found]


def _page_number(text: str) -> int:
    plain = text.isascii() and text.isdecimal() and len(text) <= _DIGITS_AT_MOST
    if not plain or int(text) < 1:
        raise _no_page()
    return int(text)


def _no_page() -> UnknownName:
    return UnknownName("There is no such page of the archive.", cure="/archive begins it.")


def _linked(channel: Channel, site: str, *, has_feeds: bool) -> ChannelLink:
    """The channel with its archive's address, and the feeds of its editions once there are any."""
    link = channel_link(channel, site)
    path = f"{site}/{editions_path(channel.slug)}"
    feeds = [FeedLink(LABELS[one], f"{path}.{one}") for one in FORMATS] if has_feeds else []
    return replace(link, feeds=feeds)


def _alternates(link: ChannelLink) -> list[Alternate]:
    kinds = zip(link.feeds, FORMATS.values(), strict=False)
    return [Alternate(kind, f"{link.title} ({one.label})", one.href) for one, kind in kinds]
