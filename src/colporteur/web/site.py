"""The public pages: home, a channel, an article."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy import Connection

from colporteur.articles.article import Article
from colporteur.articles.pictures.sizes import Picture
from colporteur.articles.pictures.store import of_articles
from colporteur.articles.store import by_slug, channel_ids, newest, topic_slugs
from colporteur.db import reading
from colporteur.digests.cards import Card, card, short_date
from colporteur.exceptions import UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import ids
from colporteur.tasks import Runtime
from colporteur.templating import language
from colporteur.web.pages import ChannelLink, Pages, channel_link
from colporteur.web.signing_up.form import SignupForm, blank_form

ON_HOME = 7
ON_CHANNEL = 40


@dataclass(frozen=True)
class ArticleView:
    """An article as its own page shows it."""

    title: str
    teaser: str
    standfirst: str  # the teaser, unless the text below begins with it
    body_html: Markup
    date: str
    iso_date: str
    authors: list[str]
    topics: list[str]
    language: str
    direction: str
    image: Picture | None
    source_url: str
    channel: ChannelLink


def site_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """The routes of the public pages; the last, since a channel's name may be any path."""
    site = _Site(runtime, pages)
    routes = APIRouter()
    routes.add_api_route("/", site.home)
    routes.add_api_route("/articles/{slug}", site.article)
    routes.add_api_route("/{slug}", site.channel)
    return routes


class _Site:
    """The public pages of one installation."""

    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self._runtime = runtime
        self._pages = pages

    def home(self) -> HTMLResponse:
        """The newest of every channel."""
        with reading(self._runtime.engine) as connection:
            publication = self._pages.publication(connection)
            site = self._pages.site(publication)
            sections = [
                (channel_link(one, site), _cards(connection, publication, one, site, ON_HOME))
                for one in publication.channels
                if one.state != "archived"
            ]
        return self._pages.render(
            "home",
            publication,
            publication.languages[0],
            publication.title_in(publication.languages[0]),
            path="/",
            alternates_of=publication.channels,
            sections=sections,
            signup=_form_at_home(self._runtime, publication),
        )

    def article(self, slug: str) -> HTMLResponse:
        """One article: its text, or its teaser and a link to where it lives."""
        with reading(self._runtime.engine) as connection:
            publication = self._pages.publication(connection)
            site = self._pages.site(publication)
            found = by_slug(connection, slug)
            channel = _channel_of(connection, publication, found)
            view = article_view(connection, publication, found, channel, site)
        return self._pages.render(
            "article",
            publication,
            found.language,
            found.title,
            path="" if found.url else found.link(site).removeprefix(site),
            alternates_of=[channel],
            article=view,
        )

    def channel(self, slug: str) -> Response:
        """The newest of one channel; its former names lead here."""
        with reading(self._runtime.engine) as connection:
            publication = self._pages.publication(connection)
            found = publication.channel(slug)
            site = self._pages.site(publication)
            cards = _cards(connection, publication, found, site, ON_CHANNEL)
        if found.slug != slug:
            return RedirectResponse(f"/{found.slug}", 301)
        return self._pages.render(
            "channel",
            publication,
            found.language,
            found.title,
            path=f"/{found.slug}",
            alternates_of=[found],
            channel=channel_link(found, site),
            cards=cards,
            signup=blank_form(
                self._runtime,
                publication,
                found.language,
                channels=[found] if found.takes_readers else [],
            ),
        )


def _form_at_home(runtime: Runtime, publication: Publication) -> SignupForm:
    """The form for all channels; the first in the page's language is ticked."""
    tag = publication.languages[0]
    own = [one.slug for one in publication.channels if one.takes_readers and one.language == tag]
    return blank_form(runtime, publication, tag, own[:1])


def _cards(
    connection: Connection, publication: Publication, channel: Channel, site: str, limit: int
) -> list[Card]:
    channel_id = ids(connection, publication).channels[channel.slug]
    topics = topic_slugs(connection)
    found = newest(connection, channel_id, limit)
    pictures = of_articles(connection, found)
    return [card(one, publication, topics, site, channel.language, pictures) for one in found]


def _channel_of(connection: Connection, publication: Publication, article: Article) -> Channel:
    names = ids(connection, publication).channels
    shown_in = channel_ids(connection, [article.id])[article.id]
    for channel in publication.channels:
        if names[channel.slug] in shown_in:
            return channel
    raise UnknownName("Its channel is not published any more.", cure="See the home page.")


def article_view(
    connection: Connection,
    publication: Publication,
    article: Article,
    channel: Channel,
    site: str,
) -> ArticleView:
    """An article as its page shows it; it has a date."""
    topics, pictures = topic_slugs(connection), of_articles(connection, [article])
    shown = card(article, publication, topics, site, article.language, pictures)
    assert article.published_at is not None
    local = article.published_at.astimezone(ZoneInfo(publication.timezone))
    return ArticleView(
        title=article.title,
        teaser=article.teaser,
        standfirst=article.teaser if article.teaser_given or not article.body_public else "",
        # Sanitised at intake: the one place where HTML of an article is let through.
        body_html=Markup(article.body_html if article.body_public else ""),  # noqa: S704
        date=short_date(local, article.language),
        iso_date=shown.iso_date,
        authors=shown.authors,
        topics=shown.topics,
        language=article.language,
        direction=language(article.language).direction,
        image=shown.image,
        source_url=article.url or "",
        channel=channel_link(channel, site),
    )
