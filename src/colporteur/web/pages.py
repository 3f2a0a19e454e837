"""What every page shares: the publication's name, its channels, their feeds, the language."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from colporteur.db import reading
from colporteur.editions.addresses import archive_path
from colporteur.exceptions import ColporteurError, TemplateBroken
from colporteur.publication import Channel, Publication
from colporteur.publication.revisions import require
from colporteur.syndication.feed import FORMATS, LABELS
from colporteur.tasks import Runtime
from colporteur.templating import language

_OURS = 500  # and above: our fault
_AWAY = 503
RETRY_AFTER_S = "60"
_WORDS = {
    404: (
        "This page does not exist",
        "The address may be mistyped, or what was here has been removed.",
    ),
    410: (
        "This page does not exist",
        "The address may be mistyped, or what was here has been removed.",
    ),
    503: ("We are away for a moment", "Please try again in a few minutes."),
}
_REFUSED = ("This did not work", "This address does not take what was sent to it.")
_FAILED = ("This did not work", "Something went wrong on our side, and we have noted it.")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alternate:
    """A ``<link rel="alternate">``."""

    type: str
    title: str
    href: str


@dataclass(frozen=True)
class FeedLink:
    """A feed as a visible link."""

    label: str
    href: str


@dataclass(frozen=True)
class ChannelLink:
    """A channel as pages show it."""

    title: str
    language: str
    direction: str
    description: str
    url: str
    archive_url: str
    feeds: list[FeedLink]


@dataclass(frozen=True)
class Page:
    """One page's own facts."""

    title: str
    language: str
    direction: str
    canonical: str
    noindex: bool
    alternates: list[Alternate]


@dataclass(frozen=True)
class Masthead:
    """The publication as pages show it, in one language."""

    title: str
    tagline: str
    url: str


class Pages:
    """Renders pages of the publication in force."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def publication(self, connection: Connection) -> Publication:
        """The publication in force.

        Raises:
            UnknownName: none has been applied yet.
        """
        return require(connection).publication

    def site(self, publication: Publication) -> str:
        """The site's public address."""
        return self._runtime.settings.site(publication.base_url)

    def render(
        self,
        template: str,
        publication: Publication,
        tag: str,
        title: str,
        *,
        path: str = "",
        alternates_of: Sequence[Channel] = (),
        alternates: Sequence[Alternate] = (),
        noindex: bool = False,
        code: int = 200,
        **context: Any,
    ) -> HTMLResponse:
        """One page; ``path`` makes it canonical, ``alternates_of`` names the feeds to discover."""
        site = self.site(publication)
        page = Page(
            title=title,
            language=tag,
            direction=language(tag).direction,
            canonical=site + path if path else "",
            noindex=noindex,
            alternates=[*alternates, *feeds_of(alternates_of, site)],
        )
        html = self._runtime.templates.render(
            f"site/{template}.html.j2",
            tag,
            page=page,
            publication=Masthead(
                publication.title_in(tag), publication.tagline.get(tag, ""), f"{site}/"
            ),
            channels=[
                channel_link(channel, site)
                for channel in publication.channels
                if channel.state != "archived"
            ],
            **context,
        )
        response = HTMLResponse(html, code)
        if page.alternates:  # for programs that look for feeds without reading the page
            response.headers["Link"] = ", ".join(
                f'<{one.href}>; rel="alternate"; type="{one.type}"' for one in page.alternates
            )
        return response

    def error(self, status: int, sentence: str = "", plain: str = "") -> Response:
        """A page that says what is wrong, in the publication's language.

        ``sentence`` is a message of the catalogues; without one the status has its own.
        ``plain`` is said in plain text where no page can be made.
        """
        heading, usual = _WORDS.get(status, _REFUSED if status < _OURS else _FAILED)
        sentence = sentence or usual
        response: Response = PlainTextResponse(f"{status} {plain or sentence}\n", status)
        try:
            with reading(self._runtime.engine) as connection:
                publication = self.publication(connection)
            response = self._error_page(publication, status, heading, sentence)
        except TemplateBroken as error:
            _log.error("The page of an error cannot be made: %s", error)
        except (ColporteurError, DBAPIError):
            pass  # why there is an error page at all: it is logged already
        if status == _AWAY:
            response.headers["Retry-After"] = RETRY_AFTER_S
        return response

    def _error_page(
        self, publication: Publication, status: int, heading: str, sentence: str
    ) -> HTMLResponse:
        tag = publication.languages[0]
        words = self._runtime.templates.catalogue(tag)
        heading = words.gettext(heading)
        return self.render(
            "error",
            publication,
            tag,
            heading,
            noindex=True,
            code=status,
            status=status,
            heading=heading,
            message=words.gettext(sentence),
        )


def channel_link(channel: Channel, site: str) -> ChannelLink:
    """A channel's title, address and feeds."""
    return ChannelLink(
        title=channel.title,
        language=channel.language,
        direction=language(channel.language).direction,
        description=channel.description,
        url=f"{site}/{channel.slug}",
        archive_url=site + archive_path(channel.slug),
        feeds=[FeedLink(LABELS[one], f"{site}/feeds/{channel.slug}.{one}") for one in FORMATS],
    )


def feeds_of(channels: Sequence[Channel], site: str) -> list[Alternate]:
    """The feeds of channels, for programs that look for them."""
    return [
        Alternate(
            kind, f"{channel.title} ({LABELS[suffix]})", f"{site}/feeds/{channel.slug}.{suffix}"
        )
        for channel in channels
        for suffix, kind in FORMATS.items()
    ]
