"""Editions as web pages: all of one, or what the readers of one of its mails got."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy import Connection

from colporteur.articles.formats.markdown import note_html
from colporteur.articles.pictures.store import of_articles
from colporteur.articles.store import at_versions, topic_slugs
from colporteur.db import reading
from colporteur.digests.cards import Card, card
from colporteur.editions.addresses import archive_path, page_path
from colporteur.editions.past import Line, Past, of_variant, past_edition
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import channel_of, ids
from colporteur.publication.revisions import frozen_channel
from colporteur.tasks import Runtime
from colporteur.templating import language
from colporteur.typography import fine
from colporteur.web.archive import Shown, shown
from colporteur.web.pages import ChannelLink, Pages, channel_link
from colporteur.web.validated import validated


@dataclass(frozen=True)
class EditionView:
    """An edition as its page shows it; nothing in it tells one reader from another.

    ``named_after_lead``: its title stands below already. ``whole_url`` leads from one variant to
    all of it. ``channel`` is None where that was removed.
    """

    about: Shown
    named_after_lead: bool
    intro: Markup
    preheader: str
    lead: Card | None
    cards: list[Card]
    whole_url: str
    archive_url: str
    channel: ChannelLink | None
    locale: str


def edition_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """``/editions/<public id>``, and the same with the beginning of a variant's key."""
    routes = APIRouter()

    @routes.get("/editions/{public_id}")
    def whole(request: Request, public_id: str) -> Response:
        return answer(request, public_id, "")

    @routes.get("/editions/{public_id}/{key}")
    def of_some(request: Request, public_id: str, key: str) -> Response:
        return answer(request, public_id, key)

    def answer(request: Request, public_id: str, key: str) -> Response:
        with reading(runtime.engine) as connection:
            publication = pages.publication(connection)
            past = past_edition(connection, public_id)
            part = _part(connection, past, key) if key else past
            assert past.edition.revision is not None
            _, then = frozen_channel(connection, past.edition.revision, past.edition.channel_id)
            now = channel_of(publication, ids(connection, publication), past.edition.channel_id)
            cards = _cards(connection, publication, part.lines, pages.site(publication), then)
        site = pages.site(publication)
        view = EditionView(
            about=shown(part, publication, then, site, runtime.templates),
            named_after_lead=bool(cards) and part.title == part.lines[0].title,
            # Cleaned as it is rendered: HTML in it is shown, not obeyed.
            intro=Markup(note_html(fine(part.edition.arrangement.intro, then.language))),  # noqa: S704
            preheader=_preheader(part, cards),
            lead=cards[0] if cards else None,
            cards=cards[1:],
            whole_url=site + page_path(public_id) if part != past else "",
            archive_url=site + archive_path(now.slug) if now else "",
            channel=channel_link(now, site) if now else None,
            locale=str(language(then.language).locale),
        )
        page = pages.render(
            "edition",
            publication,
            then.language,
            view.about.title,
            path=page_path(public_id),
            alternates_of=[now] if now else [],
            noindex=not publication.index_editions,
            edition=view,
        )
        return validated(request, page)

    return routes


def _part(connection: Connection, past: Past, key: str) -> Past:
    """The edition as the readers of one variant got it."""
    wanted = of_variant(connection, past.edition.id, key)
    return replace(past, lines=tuple(one for one in past.lines if one.id in wanted))


def _cards(
    connection: Connection,
    publication: Publication,
    lines: tuple[Line, ...],
    site: str,
    channel: Channel,
) -> list[Card]:
    found = at_versions(connection, {one.id: one.version for one in lines})
    topics = topic_slugs(connection)
    pictures = of_articles(connection, found.values())
    tag = channel.language
    return [card(found[one.id], publication, topics, site, tag, pictures) for one in lines]


def _preheader(past: Past, cards: list[Card]) -> str:
    first = past.lines[0].id if past.lines else None
    _, preheader = past.edition.arrangement.words_for(first)
    return preheader or (cards[0].teaser if cards else "")
