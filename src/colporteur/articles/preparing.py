"""Makes a checked, clean article of what was handed in, or refuses it with the cure. Pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from colporteur.articles.checking import check
from colporteur.articles.cleaning import (
    clean_html,
    clean_text,
    nesting,
    one_ellipsis,
    paragraphs,
)
from colporteur.articles.languages import guess_language
from colporteur.articles.submission import Enclosure, Image, Origin, Submission
from colporteur.articles.teasers import cut_teaser
from colporteur.exceptions import ArticleRefused
from colporteur.publication import Publication

NESTED_AT_MOST = 200
_UNCLOSED_AT_MOST = 3000  # a body that forgets to close tags looks deeper than it is


@dataclass(frozen=True)
class Content:
    """What a version holds. ``topics`` are slugs here."""

    title: str
    teaser: str
    teaser_given: bool
    body_html: str
    authors: tuple[str, ...]
    topics: tuple[str, ...]
    image: Image | None
    enclosure: Enclosure | None
    source: Origin | None

    def hash(self) -> str:
        """Equal for equal contents, on every machine."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Prepared:
    """A clean article on its way into the store, with the channels it goes to (slugs).

    A part that says no language has none here, and goes only to channels that it names.
    """

    said: Submission
    content: Content
    language: str
    channels: tuple[str, ...]
    publish_at: datetime | None


def prepare(
    submission: Submission, publication: Publication, topics: Mapping[str, int], now: datetime
) -> Prepared:
    """Check and clean one article; ``topics`` has every topic name in use, former ones too.

    Raises:
        ArticleRefused: no title, too long, an unknown language, channel or topic.
    """
    said = _cleaned(submission, topics)
    check(said, topics)
    content = _content(said)
    language = _language(said, content, publication)
    future = said.dated_at if said.dated_at and said.dated_at > now else None
    return Prepared(
        said,
        content,
        language,
        _channels(said, language, publication),
        publish_at=said.publish_at or future,
    )


def merged(incoming: Content, said: Submission, known: Content, *, known_listed: bool) -> Content:
    """An update's content: what it does not say keeps what was known.

    A list's teaser never overwrites what an article's own page said.
    """
    if said.listed and not known_listed:
        return known
    body = incoming.body_html if said.body_html is not None else known.body_html
    teaser, given = _teaser(incoming, said, known, body)
    kept = {
        name: getattr(known, name)
        for name in ("authors", "topics", "image", "enclosure", "source")
        if getattr(said, name) is None and name not in said.remove
    }
    return replace(
        incoming,
        title=incoming.title or known.title,
        body_html=body,
        teaser=teaser,
        teaser_given=given,
        **kept,
    )


def _teaser(incoming: Content, said: Submission, known: Content, body: str) -> tuple[str, bool]:
    """The teaser, and whether it is the author's. A new text comes with a teaser of its own."""
    if incoming.teaser_given:
        return incoming.teaser, True
    if "teaser" in said.remove:
        return cut_teaser(paragraphs(body)), False
    if said.body_html is None or (said.part and known.teaser_given):
        return known.teaser, known.teaser_given
    return incoming.teaser, False


def _cleaned(said: Submission, topics: Mapping[str, int]) -> Submission:
    return replace(
        said,
        title=one_ellipsis(clean_text(said.title)),
        teaser=None if said.teaser is None else one_ellipsis(clean_text(said.teaser)) or None,
        body_html=None if said.body_html is None else _body(said.body_html, said.url or ""),
        authors=None if said.authors is None else _names(said.authors),
        topics=None if said.topics is None else _in_force(said.topics, topics),
        image=said.image and replace(said.image, alt=clean_text(said.image.alt)),
        source=said.source and replace(said.source, title=clean_text(said.source.title)),
        external_id=_not_blank(said.external_id),
        feed_id=_not_blank(said.feed_id),
        url=said.url or None,
    )


def _names(said: Sequence[str]) -> tuple[str, ...]:
    """Authors' names; one that is blank names nobody, and feeds may not hold it."""
    return tuple(name for name in map(clean_text, said) if name)


def _not_blank(key: str | None) -> str | None:
    return key if key and key.strip() else None


def _body(markup: str, url: str) -> str:
    if nesting(markup) <= _UNCLOSED_AT_MOST:
        clean = clean_html(markup, url)
        if nesting(clean) <= NESTED_AT_MOST:
            return clean
    raise ArticleRefused(
        f"The text nests elements more than {NESTED_AT_MOST} deep.",
        cure="Close each element where it ends.",
        field="body_html",
        fault="nested",
    )


def _in_force(said: Sequence[str], topics: Mapping[str, int]) -> tuple[str, ...]:
    """Each topic once, by the name it has now: the names in force come before former ones."""
    names: dict[int, str] = {}
    for name, number in topics.items():
        names.setdefault(number, name)
    now = (names[topics[name]] if name in topics else name for name in said)
    return tuple(dict.fromkeys(now))


def _content(said: Submission) -> Content:
    body = said.body_html or ""
    return Content(
        title=said.title,
        teaser=said.teaser or cut_teaser(paragraphs(body)),
        teaser_given=said.teaser is not None,
        body_html=body,
        authors=said.authors or (),
        topics=said.topics or (),
        image=said.image,
        enclosure=said.enclosure,
        source=said.source,
    )


def _language(said: Submission, content: Content, publication: Publication) -> str:
    if said.language is None:
        if said.part:
            return ""
        texts = [content.title, content.teaser, *paragraphs(content.body_html)]
        return guess_language("\n".join(texts), publication.languages)
    base = said.language.partition("-")[0].lower()
    for tag in publication.languages:
        if said.language == tag or base == tag.partition("-")[0]:
            return tag
    raise ArticleRefused(
        f"Its language {said.language!r} is none of the publication's.",
        cure=f"Use one of: {', '.join(publication.languages)}.",
        field="language",
        fault="unknown",
    )


def _channels(said: Submission, language: str, publication: Publication) -> tuple[str, ...]:
    known = [channel.slug for channel in publication.channels]
    unknown = [name for name in said.channels if not _has_channel(publication, name)]
    if unknown:
        raise ArticleRefused(
            f"There is no channel {unknown[0]!r}.",
            cure=f"The channels are: {', '.join(known)}.",
            field="channels",
            fault="unknown",
        )
    if said.channels:
        return tuple(dict.fromkeys(publication.channel(name).slug for name in said.channels))
    return _first_in(language, publication) if language else ()


def _has_channel(publication: Publication, name: str) -> bool:
    return any(name == one.slug or name in one.formerly for one in publication.channels)


def _first_in(language: str, publication: Publication) -> tuple[str, ...]:
    for channel in publication.channels:
        if channel.language == language and channel.state != "archived":
            return (channel.slug,)
    raise ArticleRefused(
        f"No channel is in its language, {language!r}.",
        cure="Name a channel for it.",
        field="channels",
        fault="missing",
    )
