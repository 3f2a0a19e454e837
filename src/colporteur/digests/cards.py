"""An article as a mail or a page shows it in a list: plain values in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from colporteur.articles.article import Article
from colporteur.articles.pictures.sizes import Known, Picture
from colporteur.digests.pictures import picture_of
from colporteur.publication import Publication
from colporteur.templating import language
from colporteur.typography import one_line, shorten

TEASER_AT_MOST = 600
"""Characters of a teaser that a list shows: some publishers hand in the whole text as one."""


@dataclass(frozen=True)
class Card:
    """An article as a mail or a page shows it in a list."""

    title: str
    teaser: str
    url: str
    topics: list[str]
    date: str
    iso_date: str
    authors: list[str]
    language: str
    direction: str
    foreign: bool
    image: Picture | None


def card(
    article: Article,
    publication: Publication,
    topics: Mapping[int, str],
    site: str,
    shown_in: str,
    pictures: Mapping[str, Known],
) -> Card:
    """The card of an article on a page or in a mail whose language is ``shown_in``.

    ``pictures`` is what is known of articles' pictures, by their addresses.
    """
    assert article.published_at is not None
    local = article.published_at.astimezone(ZoneInfo(publication.timezone))
    own = language(article.language)
    slugs = (topics.get(number, "") for number in article.topics)
    return Card(
        title=one_line(article.title),
        teaser=shorten(one_line(article.teaser), TEASER_AT_MOST),
        url=article.link(site),
        topics=[
            publication.topics[slug].name.get(shown_in, slug)
            for slug in slugs
            if slug in publication.topics
        ],
        date=short_date(local, shown_in),
        iso_date=local.isoformat(timespec="minutes"),
        authors=list(article.authors),
        language=own.tag,
        direction=own.direction,
        foreign=own.tag != shown_in,
        image=picture_of(article.image, pictures, site, own=publication.serve_images),
    )


def long_date(day: date, tag: str) -> str:
    """``samedi 21 novembre 2026``, in the language's usual locale."""
    return format_date(day, "full", locale=language(tag).locale)


def short_date(moment: datetime, tag: str) -> str:
    """``21 novembre 2026``, in the language's usual locale."""
    return format_date(moment.date(), "long", locale=language(tag).locale)
