"""JSON: one object or a list of them, with the same keys as Markdown's front matter."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from markdown_it import MarkdownIt

from colporteur.articles.formats.dates import read_date
from colporteur.articles.formats.texts import with_text
from colporteur.articles.submission import Enclosure, Image, Origin, Submission
from colporteur.exceptions import ArticleRefused

KEYS = frozenset(
    [
        "title",
        "teaser",
        "body",
        "body_html",
        "language",
        "url",
        "id",
        "feed_id",
        "date",
        "publish_at",
        "topics",
        "authors",
        "author",
        "image",
        "enclosure",
        "source",
        "body_public",
        "channels",
    ]
)
_SHORT = 10**100  # a longer number is no id, and Python may not write it
_PIXELS_AT_MOST = 99_999
_BYTES_AT_MOST = 2**53  # beyond it, JSON's readers no longer agree on a number
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read_records(text: str, now: datetime) -> list[Submission]:
    """The articles of a JSON text, in order."""
    try:
        data = json.loads(text)
    except RecursionError:
        raise ArticleRefused("The JSON nests too deep.", cure="Write a list of objects.") from None
    except json.JSONDecodeError as error:
        raise ArticleRefused(f"The file is not valid JSON: {error}.", cure="Correct it.") from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise ArticleRefused(
            "The JSON holds a number that is too large.", cure='Write long numbers as texts: "…".'
        ) from None
    records = data if isinstance(data, list) else [data]
    if not all(isinstance(record, dict) for record in records):
        raise ArticleRefused(
            "The JSON is neither an object nor a list of objects.",
            cure='Write [{"title": "…", "body": "…"}].',
        )
    return [from_record(record, now) for record in records]


def from_record(record: Mapping[str, Any], now: datetime) -> Submission:
    """One article from keys and values; ``body`` is Markdown, ``body_html`` is HTML.

    Raises:
        ArticleRefused: an unknown key, a value of the wrong kind, neither text nor teaser.
    """
    unknown = sorted(str(key) for key in record if key not in KEYS)
    if unknown:
        raise ArticleRefused(
            f"Unknown key: {', '.join(unknown)}.", cure=f"Known keys: {', '.join(sorted(KEYS))}."
        )
    body = _text(record, "body")
    author = _text(record, "author")
    said = Submission(
        title=_text(record, "title") or "",
        teaser=_text(record, "teaser"),
        body_html=_text(record, "body_html") if body is None else article_html(body),
        language=_text(record, "language"),
        url=_text(record, "url"),
        external_id=_text(record, "id"),
        feed_id=_text(record, "feed_id"),
        dated_at=read_date(record.get("date"), now, "date"),
        publish_at=read_date(record.get("publish_at"), now, "publish_at"),
        topics=_texts(record, "topics"),
        authors=_texts(record, "authors") or ((author,) if author else None),
        image=_image(record.get("image")),
        enclosure=_enclosure(record.get("enclosure")),
        source=_origin(record.get("source")),
        body_public=_flag(record, "body_public"),
        channels=_texts(record, "channels") or (),
    )
    return with_text(said)


def article_html(markdown: str) -> str:
    """An article's Markdown as HTML; what HTML is in it stays, and is cleaned at intake."""
    html: str = _MARKDOWN.render(markdown)
    return html


def _text(record: Mapping[str, Any], key: str) -> str | None:
    value = record.get(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _SHORT:
        return str(value)
    raise ArticleRefused(f"{key} is not a text.", cure=f'Write {key} as "…".')


def _texts(record: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    value = record.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise ArticleRefused(f"{key} is not a list of texts.", cure=f'Write {key} as ["…", "…"].')


def _flag(record: Mapping[str, Any], key: str) -> bool | None:
    value = record.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise ArticleRefused(f"{key} is neither true nor false.", cure=f"Write {key}: true.")


def _image(value: object) -> Image | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Image(value, "")
    if isinstance(value, dict) and isinstance(value.get("url"), str):
        sizes = {key: value.get(key) for key in ("width", "height")}
        if all(_is_size(size) for size in sizes.values()):
            return Image(value["url"], str(value.get("alt") or ""), **sizes)
    raise ArticleRefused(
        "image is neither an address nor an object.", cure='Write {"url": "…", "alt": "…"}.'
    )


def _enclosure(value: object) -> Enclosure | None:
    if value is None:
        return None
    if isinstance(value, dict) and value.keys() <= {"url", "type", "length"}:
        url, kind, length = value.get("url"), value.get("type"), value.get("length", 0)
        if isinstance(url, str) and isinstance(kind, str) and _is_length(length):
            return Enclosure(url, kind, length)
    raise ArticleRefused(
        "enclosure is no object of url, type and length.",
        cure='Write {"url": "https://…/a.mp3", "type": "audio/mpeg", "length": 4711}.',
    )


def _origin(value: object) -> Origin | None:
    if value is None:
        return None
    if (
        isinstance(value, dict)
        and {"title", "url"} <= value.keys() <= {"title", "url", "home"}
        and all(isinstance(one, str) for one in value.values())
    ):
        return Origin(**value)
    raise ArticleRefused(
        "source is no object of title and url.",
        cure='Write {"title": "Their name", "url": "https://…/feed"}.',
    )


def _is_length(value: object) -> bool:
    return type(value) is int and 0 <= value < _BYTES_AT_MOST


def _is_size(value: object) -> bool:
    # The type itself, since true and false are integers to isinstance.
    return value is None or (type(value) is int and 0 < value <= _PIXELS_AT_MOST)
