"""Posts of a WordPress site by its REST API (wp/v2), which needs no plugin. Pure."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from colporteur.articles.sources.document import decoded, refuse_html
from colporteur.articles.sources.harvesting import harvest
from colporteur.articles.sources.jsonfeeds import moment, read_json
from colporteur.articles.sources.markup import pixels
from colporteur.articles.sources.reading import Asked, Harvest, Raw
from colporteur.articles.submission import Image
from colporteur.exceptions import ArticleRefused, SourceRefused

_POSTS = "/wp-json/wp/v2/posts"
_QUERY = "_embed=1&per_page=50&orderby=modified"


def posts_url(site: str) -> str:
    """Where the API of a site lists its posts, those changed last first.

    ``site`` may be such an address already.
    """
    if "_embed=" in site:
        return site
    if "/wp-json/" not in site and "rest_route=" not in site:
        return f"{site.partition('?')[0].rstrip('/')}{_POSTS}?{_QUERY}"
    return f"{site}{'&' if '?' in site else '?'}{_QUERY}"


def read_posts(body: bytes, headers: Mapping[str, str], asked: Asked) -> Harvest:
    """The posts of an answer, in its order.

    Raises:
        SourceRefused: it is no list of posts.
    """
    text = decoded(body, headers, asked.language)
    refuse_html(text.lstrip(), "WordPress's list of posts", asked.url)
    posts = read_json(text)
    if not isinstance(posts, list):
        said = _text(posts.get("message")) if isinstance(posts, dict) else ""
        raise SourceRefused(
            f"The answer is no list of posts{f': {said[:200]}' if said else ''}.",
            cure='Check that the site is a WordPress whose REST API is open, or use its feed: kind = "feed".',
        )
    return harvest(posts, _raw, asked)


def _raw(post: object) -> Raw:
    if not isinstance(post, dict):
        raise ArticleRefused("The entry is no object.", cure="Ask the site to write one.")
    content = _table(post.get("content"))
    if content.get("protected"):
        raise ArticleRefused("The post asks for a password.", cure="Publish it without one.")
    more = _table(post.get("_embedded"))
    return Raw(
        title=_rendered(post, "title"),
        title_is_html=True,
        id=html.unescape(_rendered(post, "guid")) or None,
        link=_text(post.get("link")) or None,
        summary=_rendered(post, "excerpt"),
        content=_text(content.get("rendered")),
        published=_instant(post, "date_gmt"),
        updated=_instant(post, "modified_gmt"),
        language=_text(post.get("lang")) or None,
        categories=_terms(more),
        authors=tuple(_text(one.get("name")) for one in _tables(more.get("author"))),
        image=_picture(more),
    )


def _instant(post: Mapping[str, Any], name: str) -> datetime | None:
    return moment(post.get(name))


def _terms(more: Mapping[str, Any]) -> tuple[str, ...]:
    """Names and slugs of categories and tags."""
    groups = more.get("wp:term")
    terms = (
        [one for group in groups if isinstance(group, list) for one in _tables(group)]
        if isinstance(groups, list)
        else []
    )
    named = (html.unescape(_text(one.get(key))) for one in terms for key in ("name", "slug"))
    return tuple(name for name in named if name)


def _picture(more: Mapping[str, Any]) -> Image | None:
    for one in _tables(more.get("wp:featuredmedia")):
        url = _text(one.get("source_url"))
        if url:
            details = _table(one.get("media_details"))
            size = details.get("filesize")
            return Image(
                url,
                html.unescape(_text(one.get("alt_text"))),
                pixels(details.get("width")),
                pixels(details.get("height")),
                _text(one.get("mime_type")) or None,
                size if type(size) is int and size > 0 else None,
            )
    return None


def _rendered(post: Mapping[str, Any], name: str) -> str:
    return _text(_table(post.get(name)).get("rendered"))


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
