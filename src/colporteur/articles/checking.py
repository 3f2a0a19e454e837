"""What an article may be: the rules for what is said of one, and each fault by its field. Pure."""

import re
from collections.abc import Mapping

from colporteur.articles.cleaning import has_forbidden, is_web_address
from colporteur.articles.submission import Submission
from colporteur.exceptions import ArticleRefused

TITLE_AT_MOST = 500
TEASER_AT_MOST = 2000
_ADDRESS_CURE = "Write it whole, as https://example.org/a%20b, without spaces or quotes."
_OLDEST, _LATEST = 1600, 9998  # RFC 822's four digits, with room for any zone
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)


def check(said: Submission, topics: Mapping[str, int]) -> None:
    """Refuse what no article may be; ``topics`` are those there are.

    Raises:
        ArticleRefused: names the field, what is wrong with it, and the cure.
    """
    if said.title or not said.part:
        _check_title(said)
    if said.teaser and len(said.teaser) > TEASER_AT_MOST:
        raise ArticleRefused(
            f"The teaser has {len(said.teaser)} characters; at most {TEASER_AT_MOST} are taken.",
            cure="Shorten it, or leave it out: it is then cut from the text.",
            field="teaser",
            fault="long",
            count=len(said.teaser),
            at_most=TEASER_AT_MOST,
        )
    _check_keys(said)
    _check_dates(said)
    for name in said.topics or ():
        if name not in topics:
            known = ", ".join(topics) or "none"
            raise ArticleRefused(
                f"There is no topic {name!r}.",
                cure=f"The topics are: {known}.",
                field="topics",
                fault="unknown",
            )


def _check_title(said: Submission) -> None:
    if not said.title:
        raise ArticleRefused(
            "The article has no title.", cure="Give it one.", field="title", fault="missing"
        )
    if not any(char.isalnum() for char in said.title):
        raise ArticleRefused(
            "The title has no letter or digit.",
            cure="Write it in words.",
            field="title",
            fault="wordless",
        )
    if len(said.title) > TITLE_AT_MOST:
        raise ArticleRefused(
            f"The title has {len(said.title)} characters; at most {TITLE_AT_MOST} are taken.",
            cure="Shorten it, or put a blank line after the title.",
            field="title",
            fault="long",
            count=len(said.title),
            at_most=TITLE_AT_MOST,
        )


def _check_dates(said: Submission) -> None:
    for field in ("dated_at", "publish_at"):
        moment = getattr(said, field)
        if moment is not None and not _OLDEST <= moment.year <= _LATEST:
            raise ArticleRefused(
                f"The year {moment.year} is no article's.",
                cure="Correct the date, or leave it out.",
                field=field,
                fault="year",
            )


def _check_keys(said: Submission) -> None:
    parts = {"image": said.image, "enclosure": said.enclosure, "source": said.source}
    named = [("url", said.url), *((name, one.url) for name, one in parts.items() if one)]
    if said.source and said.source.home:
        named.append(("source", said.source.home))
    for field, url in named:
        if url is not None and not is_web_address(url):
            raise ArticleRefused(
                f"{url[:80]!r} is no web address.",
                cure=_ADDRESS_CURE,
                field=field,
                fault="address",
            )
    if said.source and not said.source.title:
        raise ArticleRefused(
            "The source has no title.", cure="Write its feed's name, or no source."
        )
    if said.enclosure and not _MEDIA_TYPE.fullmatch(said.enclosure.type):
        raise ArticleRefused(
            f"{said.enclosure.type[:60]!r} is no media type.", cure="Write one such as audio/mpeg."
        )
    for field, at_most in (("external_id", 500), ("feed_id", 500), ("url", 2000)):
        key = getattr(said, field)
        if key and (len(key) > at_most or has_forbidden(key)):
            raise ArticleRefused(
                f"{key[:60]!r} cannot be an article's id or address.",
                cure=f"Write it without control characters, at most {at_most} long.",
                field=field,
                fault="key",
                at_most=at_most,
            )
