"""Gathers what an edition's preflight looks at: its largest messages, its articles, their links.

It costs nearly the same for ten variants and for ten thousand: at most six are rendered, and what
all that somebody still gets bring is looked at article by article.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy import Connection, func, select, text

from colporteur.articles.article import Article
from colporteur.articles.languages import recognise
from colporteur.articles.matching import url_key
from colporteur.articles.store import at_versions
from colporteur.articles.submission import Image
from colporteur.db.tables.articles import articles, pictures
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import variants
from colporteur.digests.notes import note_html
from colporteur.digests.preflight.links import linked, own_path
from colporteur.digests.preflight.markup import addresses, parsed
from colporteur.digests.preflight.material import Letterhead, Material, Message, Picture, Piece
from colporteur.digests.variants import articles_of, lay_out, render_variant
from colporteur.editions.store import Edition
from colporteur.exceptions import TemplateBroken
from colporteur.publication import Publication
from colporteur.publication.model import RESERVED_SLUGS
from colporteur.publication.revisions import frozen_channel
from colporteur.templating import Templates

MESSAGES = 6
_CHUNK = 500
_ARTICLES = "/articles/"
_WAITING = text("deliveries.status IN ('pending', 'inflight', 'deferred')")
"""Written out, so that the partial index is seen to serve."""


@dataclass(frozen=True)
class Chosen:
    """A variant to look at."""

    id: int
    articles: tuple[int, ...]
    layout: str


@dataclass(frozen=True)
class _Got(Chosen):
    readers: int


def chosen(connection: Connection, edition_id: int) -> list[Chosen]:
    """The variant of most articles of each layout, then those of most readers.

    Of those that somebody still gets: what articles were taken out of is nobody's any more. Where
    nobody waits for it any more, of those that were sent.
    """
    got = _got(connection, edition_id)
    largest: dict[str, _Got] = {}
    for one in sorted(got, key=lambda one: (-len(one.articles), one.id)):
        largest.setdefault(one.layout, one)
    most = sorted(got, key=lambda one: (-one.readers, one.id))[:MESSAGES]
    rows = [*(largest[layout] for layout in sorted(largest)), *most]
    found = {row.id: Chosen(row.id, row.articles, row.layout) for row in rows}
    return list(found.values())[:MESSAGES]


def _got(connection: Connection, edition_id: int) -> list[_Got]:
    """Every variant that somebody still gets, or else got."""
    mine = select(deliveries.c.variant_id, func.count().label("readers")).where(
        deliveries.c.edition_id == edition_id
    )
    for wanted in (_WAITING, deliveries.c.status != "skipped"):
        counted = mine.where(wanted).group_by(deliveries.c.variant_id).subquery()
        query = select(
            variants.c.id, variants.c.articles, variants.c.layout, counted.c.readers
        ).join(counted, counted.c.variant_id == variants.c.id)
        rows = connection.execute(query).all()
        if rows:
            return [_Got(row.id, tuple(row.articles), row.layout, row.readers) for row in rows]
    return []


def render_one(
    connection: Connection,
    templates: Templates,
    one: Chosen,
    site: str,
    now: datetime,
    *,
    secret_key: str,
) -> Message | str:
    """The message of a variant, rendered and kept as for sending; or why it does not render."""
    try:
        rendering = render_variant(connection, templates, one.id, site, now, secret_key=secret_key)
    except TemplateBroken as error:
        return error.message
    return Message(rendering, one.articles, one.layout)


def overrides_broken(
    connection: Connection, templates: Templates, wanted: Iterable[Chosen], site: str
) -> tuple[str, ...]:
    """What is wrong with an operator's own templates, for which the shipped ones serve.

    Who rendered a message first may have been another process: so they are tried anew.
    """
    if len(templates.folders) == 1:
        return ()
    strict, found = templates.strict(), []
    for one in wanted:
        try:
            lay_out(connection, strict, one.id, site)
        except TemplateBroken as error:
            found.append(error.message)
    return tuple(dict.fromkeys(found))


def gather(
    connection: Connection,
    edition: Edition,
    site: str,
    rendered: Sequence[Message | str],
    *,
    real_relay: bool,
    replaced: tuple[str, ...] = (),
) -> Material:
    """What is to be judged of a frozen edition, with its messages as they were rendered.

    ``replaced`` is what ``overrides_broken`` found.
    """
    assert edition.revision is not None
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    brought = _brought(connection, edition.id)
    seen = _seen(connection, [one.image.url for one in brought if one.image])
    pieces = {one.id: _piece(one, site, seen) for one in brought}
    messages = tuple(one for one in rendered if isinstance(one, Message))
    written = note_html(edition.arrangement.intro)
    in_words = frozenset(addresses(parsed(written)) if written else ())
    paths = {own_path(one, site) for one in linked(messages, pieces.values(), in_words)}
    return Material(
        Letterhead(
            language=channel.language,
            sender_name=publication.sender_of(channel).name,
            postal_address=publication.postal_address_of(channel),
            site=site,
            real_relay=real_relay,
        ),
        messages,
        pieces,
        own_pages=frozenset(_pages(connection, publication, [one for one in paths if one])),
        in_words=in_words,
        broken=tuple(dict.fromkeys(one for one in rendered if isinstance(one, str))),
        replaced=replaced,
    )


def _brought(connection: Connection, edition_id: int) -> list[Article]:
    ids = {article for one in _got(connection, edition_id) for article in one.articles}
    versions = articles_of(connection, edition_id)
    found = at_versions(connection, {one: versions[one] for one in ids})
    return [found[one] for one in sorted(found)]


def _piece(article: Article, site: str, seen: dict[str, Picture]) -> Piece:
    image = article.image
    return Piece(
        article.id,
        article.title,
        article.teaser,
        article.link(site),
        picture=_picture(image, seen) if image else None,
        spoken=recognise(f"{article.title}. {article.teaser}"),
    )


def _picture(image: Image, seen: dict[str, Picture]) -> Picture:
    known = seen.get(image.url)
    if known is None:
        return Picture(image.url, image.alt, image.width, image.height, image.length)
    return Picture(image.url, image.alt, known.width, known.height, known.length, known.problem)


def _seen(connection: Connection, urls: Sequence[str]) -> dict[str, Picture]:
    """What was found at the addresses of pictures; nothing of those not looked at yet."""
    found = {}
    keys = sorted({url_key(one) for one in urls})
    for first in range(0, len(keys), _CHUNK):
        query = select(pictures).where(pictures.c.url_key.in_(keys[first : first + _CHUNK]))
        for row in connection.execute(query.where(pictures.c.state != "waiting")):
            problem = row.problem or "it is no picture" if row.state == "refused" else ""
            found[row.url] = Picture(row.url, "", row.width, row.height, row.length, problem)
    return found


def _pages(connection: Connection, publication: Publication, paths: Iterable[str]) -> Iterable[str]:
    """Those of some paths of our site that lead somewhere; what is not known is not doubted."""
    wanted = set(paths)
    slugs = {
        one: unquote(one.removeprefix(_ARTICLES)) for one in wanted if one.startswith(_ARTICLES)
    }
    query = select(articles.c.slug).where(
        articles.c.slug.in_(set(slugs.values())), articles.c.state == "published"
    )
    there = set(connection.scalars(query))
    channels = {name for one in publication.channels for name in (one.slug, *one.formerly)}
    for path in wanted:
        first, _, rest = path.strip("/").partition("/")
        if path in slugs:
            good = slugs[path] in there
        else:
            good = bool(rest) or not first or first in channels | RESERVED_SLUGS or "." in first
        if good:
            yield path
