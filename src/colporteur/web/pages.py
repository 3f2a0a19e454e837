"""What every page shares: the publication's name, its channels, their feeds, the language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import HTMLResponse
from sqlalchemy import Connection

from colporteur.db import reading
from colporteur.exceptions import ColporteurError
from colporteur.publication import Channel, Publication
from colporteur.publication.revisions import require
from colporteur.syndication.feed import FORMATS, LABELS
from colporteur.tasks import Runtime
from colporteur.templating import language


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
            alternates=[one for channel in alternates_of for one in alternates(channel, site)],
        )
        html = self._runtime.templates.render(
            f"site/{template}.html.j2",
            tag,
            page=page,
            publication=Masthead(publication.title, publication.tagline.get(tag, ""), f"{site}/"),
            channels=[channel_link(channel, site) for channel in publication.channels],
            **context,
        )
        return HTMLResponse(html, code)

    def error(self, status: int, message: str) -> HTMLResponse:
        """A page that says what is wrong, in the publication's language; plain if even that fails."""
        try:
            with reading(self._runtime.engine) as connection:
                publication = self.publication(connection)
        except ColporteurError:
            return HTMLResponse(f"{status} {message}", status, media_type="text/plain")
        tag = publication.languages[0]
        words = self._runtime.templates.catalogue(tag)
        heading = {
            404: words.gettext("This page does not exist"),
            503: words.gettext("We are away for a moment"),
        }.get(status, words.gettext("This did not work"))
        return self.render(
            "error",
            publication,
            tag,
            heading,
            noindex=True,
            code=status,
            status=status,
            heading=heading,
            message=message,
        )


def channel_link(channel: Channel, site: str) -> ChannelLink:
    """A channel's title, address and feeds."""
    return ChannelLink(
        title=channel.title,
        language=channel.language,
        direction=language(channel.language).direction,
        description=channel.description,
        url=f"{site}/{channel.slug}",
        feeds=[FeedLink(LABELS[one], f"{site}/feeds/{channel.slug}.{one}") for one in FORMATS],
    )


def alternates(channel: Channel, site: str) -> list[Alternate]:
    """The feeds of a channel, for programs that look for them."""
    return [
        Alternate(
            kind, f"{channel.title} ({LABELS[suffix]})", f"{site}/feeds/{channel.slug}.{suffix}"
        )
        for suffix, kind in FORMATS.items()
    ]
