"""What an article will look like, before anything of it is kept: its card, and its page."""

from collections.abc import Mapping
from datetime import datetime

from starlette.responses import HTMLResponse, Response

from colporteur.articles.article import Article
from colporteur.articles.pictures.store import of_articles
from colporteur.articles.preparing import Prepared
from colporteur.articles.store import topic_slugs
from colporteur.digests.cards import card
from colporteur.publication import Channel, Publication
from colporteur.web.desk import Desk
from colporteur.web.newsroom.articles.typed import judge, typed
from colporteur.web.newsroom.frames import framed_page
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit
from colporteur.web.site import article_view


class Previewing:
    """The frame beside a form: the form's own button sends it here."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def blank(self, visit: Visit) -> Response:
        """Before the button was pressed."""
        said = self._room.say(visit, "Nothing is shown yet: press “Preview”.")
        return self._notice(visit, [said])

    def show(self, visit: Visit) -> Response:
        """The page as the site would show it now; or what keeps it from being an article."""
        said = typed(self._room, visit)
        with self._room.reading(visit) as desk:
            found = judge(self._room, visit, desk, said)
            if found.prepared is None:
                return self._notice(visit, list(found.faults.values()))
            return self._page(desk, found.prepared)

    def _page(self, desk: Desk, prepared: Prepared) -> HTMLResponse:
        pages, publication = self._room.pages, desk.publication
        site = pages.site(publication)
        article = _article(prepared, desk.names.topics, desk.now)
        channel = _channel(publication, prepared)
        pictures = of_articles(desk.connection, [article])
        topics = topic_slugs(desk.connection)
        return framed_page(
            pages.render(
                "article_preview",
                publication,
                article.language,
                article.title,
                noindex=True,
                article=article_view(desk.connection, publication, article, channel, site),
                card=card(article, publication, topics, site, channel.language, pictures),
            )
        )

    def _notice(self, visit: Visit, sentences: list[str]) -> Response:
        title = self._room.say(visit, "Preview")
        return framed_page(
            self._room.plain(visit.tag, "articles/no_preview", title, sentences=sentences)
        )


def _channel(publication: Publication, prepared: Prepared) -> Channel:
    return publication.channel(prepared.channels[0])


def _article(prepared: Prepared, topics: Mapping[str, int], now: datetime) -> Article:
    content = prepared.content
    return Article(
        id=0,
        version=1,
        feed_id="",
        slug="…",
        language=prepared.language,
        title=content.title,
        teaser=content.teaser,
        teaser_given=content.teaser_given,
        body_html=content.body_html,
        state="published",
        number=None,
        url=prepared.said.url,
        external_id=None,
        listed=False,
        body_public=True,
        in_digests=True,
        authors=content.authors,
        topics=tuple(topics[one] for one in content.topics),
        image=content.image,
        enclosure=None,
        source=None,
        publish_at=None,
        published_at=prepared.publish_at or now,
        changed_at=None,
    )
