"""Ghost's webhooks: what happened to a post, told by its state before and after.

Ghost posts ``{"post": {"current": {…}, "previous": {…}}}`` and does not name the event.
``previous`` holds what changed; of a deleted post, all, and ``current`` nothing.
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any
from urllib.parse import urljoin

from colporteur.articles.cleaning import is_web_address
from colporteur.articles.formats.dates import read_date
from colporteur.articles.formats.texts import with_text
from colporteur.articles.submission import Image, Submission, Told
from colporteur.exceptions import ArticleRefused

Record = Mapping[str, Any]
_OLDEST = 1600
_PREVIEW = re.compile(r"/p/[0-9a-f-]{36}/?$")
_SLUG = re.compile(r"[\w%-]{1,200}")


class Happened(enum.StrEnum):
    """What a webhook tells."""

    PUBLISHED = "published"
    EDITED = "edited"
    TAKEN_BACK = "taken back"
    NOTHING = "nothing"  # a draft, a page, a member: no business of ours


@dataclass(frozen=True)
class Post:
    """A post's event: ``record`` is the post itself, ``significant`` whether its title changed.

    ``told_at`` is when the post last changed, which one that is deleted then does not, and
    ``addresses`` is where it lives or lived.
    """

    happened: Happened
    external_id: str
    record: Record
    significant: bool
    told_at: datetime | None = None
    deleted: bool = False
    addresses: tuple[str, ...] = ()


def read_event(payload: object) -> Post:
    """What a webhook's body tells.

    Raises:
        ArticleRefused: it is no webhook of Ghost's.
    """
    if not isinstance(payload, dict):
        raise _no_webhook()
    if "post" not in payload:
        return Post(Happened.NOTHING, "", {}, significant=False)
    current, previous = _side(payload["post"], "current"), _side(payload["post"], "previous")
    if current.get("status") != "published" and previous.get("status") != "published":
        return Post(Happened.NOTHING, "", current, significant=False)
    identity = current.get("uuid") or previous.get("uuid")
    if not isinstance(identity, str) or not identity:
        raise _no_webhook()
    happened = Happened.TAKEN_BACK
    if current.get("status") == "published":
        # What was published before, too, is told of by its state not being among the changes.
        came = previous.get("status") not in (None, "published")
        happened = Happened.PUBLISHED if came else Happened.EDITED
    significant = happened is Happened.PUBLISHED or "title" in previous
    return Post(
        happened,
        f"ghost:{identity}",
        current,
        significant=significant,
        told_at=_moment(current.get("updated_at") or previous.get("updated_at")),
        deleted=not current,
        addresses=_addresses(current, previous),
    )


def read_post(
    post: Post, topics: Mapping[str, str], now: datetime, *, once: bool = False
) -> Submission:
    """The article of a published post; ``topics`` leads from case-folded names to known ones.

    ``once`` where the event could be sent again by somebody else.

    Raises:
        ArticleRefused: a value of the wrong kind, neither text nor teaser.
    """
    record = post.record
    url = _text(record, "url")
    return with_text(
        Submission(
            title=_text(record, "title"),
            teaser=_text(record, "custom_excerpt") or None,
            body_html=_text(record, "html") or None,
            url=url if is_web_address(url) else None,
            external_id=post.external_id,
            dated_at=read_date(record.get("published_at"), now, "published_at"),
            topics=_topics(record, topics),
            authors=tuple(name for one in _list(record, "authors") if (name := _text(one, "name"))),
            image=_image(record, url),
            body_public=record.get("visibility", "public") == "public",
            told=Told(post.told_at, once) if post.told_at else None,
        )
    )


def _side(post: object, name: str) -> Record:
    side = post.get(name) if isinstance(post, dict) else None
    if not isinstance(side, dict):
        raise _no_webhook()
    return side


def _moment(said: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and _OLDEST <= moment.year < MAXYEAR else None


def _addresses(current: Record, previous: Record) -> tuple[str, ...]:
    """Where a post lives or lived: of one that is a draft now, Ghost tells the preview's."""
    said = [side.get("url") for side in (previous, current)]
    urls = [url for url in said if isinstance(url, str)]
    slugs = [side.get("slug") for side in (previous, current)]
    public = [
        _PREVIEW.sub(f"/{slug}/", url)
        for url in urls
        for slug in slugs
        if isinstance(slug, str) and _SLUG.fullmatch(slug) and _PREVIEW.search(url)
    ]
    return tuple(url for url in (*urls, *public) if is_web_address(url))


def _text(record: Record, key: str) -> str:
    value = record.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    raise ArticleRefused(f"{key} is not a text.", cure="Ghost sends it as a text.")


def _list(record: Record, key: str) -> list[Record]:
    value = record.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _topics(record: Record, known: Mapping[str, str]) -> tuple[str, ...]:
    """Its tags that the publication knows, by their slug, else by their name."""
    names = [
        known.get(_text(tag, "slug").casefold()) or known.get(_text(tag, "name").casefold())
        for tag in _list(record, "tags")
    ]
    return tuple(dict.fromkeys(name for name in names if name))


def _image(record: Record, url: str) -> Image | None:
    """The picture at the top; one that has no whole address is left out."""
    try:
        address = urljoin(url, _text(record, "feature_image"))
    except ValueError:  # no address at all, such as http://[
        return None
    if not record.get("feature_image") or not is_web_address(address):
        return None
    return Image(address, _text(record, "feature_image_alt"))


def _no_webhook() -> ArticleRefused:
    return ArticleRefused(
        "This is no webhook of Ghost's about a post.",
        cure="In Ghost, choose events of posts: published, published updated, unpublished, deleted.",
    )
