"""What reads bytes that strangers send. Each target refuses in our own words, or keeps a promise.

A target that raises anything but a ``ColporteurError`` has failed.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from colporteur.articles.cleaning import clean_html, has_forbidden
from colporteur.articles.formats.ghost import read_event
from colporteur.articles.formats.markdown import note_html, read_markdown
from colporteur.articles.formats.page import read_page
from colporteur.articles.formats.plain import read_plain
from colporteur.articles.formats.records import read_records
from colporteur.articles.pictures.copying import measure
from colporteur.articles.preparing import prepare
from colporteur.articles.sources.feeds import read_feed
from colporteur.articles.sources.reading import Asked, Harvest
from colporteur.articles.sources.sitemaps import Page, read_article, read_sitemap
from colporteur.articles.sources.wordpress import read_posts
from colporteur.articles.submission import Submission
from colporteur.audience.addresses import parse_address
from colporteur.audience.importing.opening import look_at, records
from colporteur.audience.importing.terms import Terms
from colporteur.care.manifest import read_manifest
from colporteur.delivery.classifier import classify
from colporteur.delivery.transports.smtp.replies import MalformedReply, ReplyReader
from colporteur.exceptions import ColporteurError, TokenInvalid
from colporteur.feedback.reading import read_report
from colporteur.feedback.ways import postmark, ses, sns
from colporteur.fetch.decoding import read_bounded
from colporteur.fetch.guard import parse_target
from colporteur.publication import Publication
from colporteur.sealing import seal, unseal
from colporteur.syndication.hub.requests import parse_request
from colporteur.syndication.lint import lint_document
from colporteur.tokens import (
    BOUNCE,
    UNSUBSCRIBE,
    read_pair,
    read_passing,
    read_tag,
    read_token,
)
from colporteur.web.bodies import read_form
from colporteur.web.polling import asked_in

KEY = "k" * 32
SITE = "https://relais.example"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASKED = Asked(f"{SITE}/feed", "actualites", "fr", NOW, ("fr", "ar"))
CORPUS = Path(__file__).parent / "corpus"
_RUNS = {"script", "style", "iframe", "object", "embed", "form", "svg", "math", "base", "meta"} | {
    "javascript",
    "vbscript",
    "data",
}
_LEADS = {"href", "src", "action", "cite"}


@dataclass(frozen=True)
class Target:
    """``run`` reads bytes; ``words`` are pieces that its grammar is made of."""

    run: Callable[[bytes], object]
    words: tuple[bytes, ...] = ()


def seeds(name: str) -> list[bytes]:
    """What a target begins with: files of our own, one of each kind, and what once broke it."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


def read(target: Target, data: bytes) -> None:
    """Have a target read bytes; what it refuses is refused."""
    with suppress(ColporteurError):
        target.run(data)


def _publication() -> Publication:
    return Publication.model_validate(
        {
            "title": "Le Relais",
            "languages": ["fr", "ar"],
            "timezone": "Europe/Paris",
            "base_url": SITE,
            "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
            "postal_address": {"fr": "1 rue du Test", "ar": "باريس"},
            "topics": {},
            "channels": [
                {
                    "slug": slug,
                    "title": slug,
                    "language": language,
                    "topics": [],
                    "digest": {
                        "max_age": "7d",
                        "cadences": {"matin": {"rule": "daily", "at": ["07:00"]}},
                    },
                }
                for slug, language in (("actualites", "fr"), ("nashra", "ar"))
            ],
        }
    )


_PUBLICATION = _publication()


def _taken(found: Iterable[Submission]) -> None:
    """What readers hand over must come through intake clean, or be refused there."""
    for said in found:
        with suppress(ColporteurError):
            content = prepare(said, _PUBLICATION, {}, NOW).content
            _harmless(content.body_html)
            for text in (content.title, content.teaser):
                assert not has_forbidden(text), "a character that XML forbids"


class _Elements(HTMLParser):
    """Notes what another parser than the one that cleaned sees in its work."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that runs or frames, and an attribute that does."""
        if tag in _RUNS:
            self.found.append(tag)
        for name, value in attrs:
            scheme = "".join((value or "").split()).partition(":")[0].lower()
            if name.startswith("on") or name == "style" or (name in _LEADS and scheme in _RUNS):
                self.found.append(f"{name}={value}")


def _harmless(markup: str) -> None:
    seen = _Elements()
    seen.feed(markup)
    seen.close()
    assert not seen.found, f"it would run: {seen.found}"
    assert not has_forbidden(markup), "a character that XML forbids"


def _harvested(found: Harvest) -> None:
    _taken(one.said for one in found.entries)


def _feed(data: bytes) -> None:
    _harvested(read_feed(data, {}, ASKED))


def _sitemap(data: bytes) -> None:
    read_sitemap(data, {}, f"{SITE}/sitemap.xml")


def _page(data: bytes) -> None:
    _harvested(read_article(_text(data), Page(f"{SITE}/un", NOW), ASKED))


def _wordpress(data: bytes) -> None:
    _harvested(read_posts(data, {}, ASKED))


def _article(data: bytes) -> None:
    kind, text = data[:1], _text(data[1:])
    reader = {b"m": read_markdown, b"h": read_page, b"j": read_records}.get(kind, read_plain)
    _taken(reader(text, NOW))


def _ghost(data: bytes) -> None:
    with suppress(ValueError, RecursionError):
        read_event(json.loads(data))


def _html(data: bytes) -> None:
    once = clean_html(_text(data), SITE)
    _harmless(once)
    _harmless(clean_html(once, SITE))
    _harmless(note_html(_text(data)))


def _bounce(data: bytes) -> None:
    found = read_report(data)
    for one in found.failures:
        classify(0, None, f"{one}")


def _hooks(data: bytes) -> None:
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(said, dict):
        return
    for events in (postmark.events, ses.events):
        with suppress(ColporteurError):
            events(said, data, "bounces.relais.example")
    with suppress(ColporteurError):
        sns.certificate_address(said)
    with suppress(ColporteurError):
        sns.confirmation_address(said)
    sns.verify(said, b"-----BEGIN CERTIFICATE-----", NOW)


# The seeds carry these and no others. One may be written in several ways (base64 has bits to
# spare), and says the same in each.
_GIVEN = (7, 10**12, (7, f"{SITE}/un"), (7, "lea"))


def _token(data: bytes) -> None:
    """No token but those that were given is read, and nothing but ``TokenInvalid`` is raised."""
    token = _text(data)
    for reads in (
        lambda: read_token(KEY, UNSUBSCRIBE, token),
        lambda: read_pair(KEY, UNSUBSCRIBE, token),
        lambda: read_passing(KEY, UNSUBSCRIBE, token, NOW),
    ):
        with suppress(TokenInvalid):
            assert reads() in _GIVEN, "a token that nobody gave"
    with suppress(TokenInvalid):
        number = read_tag(KEY, BOUNCE, token)
        assert number in _GIVEN, "a tag that nobody gave"
    assert unseal(KEY, "secret", token) is None, "a box that nobody sealed"


def _sealed(data: bytes) -> None:
    text = _text(data)
    with suppress(UnicodeEncodeError):
        assert unseal(KEY, "secret", seal(KEY, "secret", text)) == text


def _list(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(data)
        found = look_at(path, Terms())
        for part in found.parts:
            for record, said in records(found, part):
                assert record.line > 0
                assert isinstance(said, str | dict)


def _address(data: bytes) -> None:
    found = parse_address(_text(data))
    assert not re.search(r"[\s\x00-\x1f]", found.text), "it would break a header"


def _hub(data: bytes) -> None:
    parse_request(data, SITE)


def _form(data: bytes) -> None:
    with suppress(HTTPException):
        for name, values in read_form(data).fields.items():
            assert isinstance(name, str)
            assert not any("\0" in one for one in values)


def _replies(data: bytes) -> None:
    reader = ReplyReader()
    with suppress(MalformedReply):
        for at in range(0, len(data), 7):
            reader.feed(data[at : at + 7])
            while (reply := reader.next()) is not None:
                assert "\n" not in reply.text
                classify(reply.code, None, reply.text)


def _packed(data: bytes) -> None:
    limit = 10_000
    body = read_bounded([data[at : at + 50] for at in range(0, len(data), 50)], "gzip", limit)
    assert len(body) <= limit


def _url(data: bytes) -> None:
    found = parse_target(_text(data))
    assert re.fullmatch(r"[\x21-\x7e]+", found.path), "it would break a request"
    assert re.fullmatch(r"[\x21-\x7e]+", found.host), "it would break a request"
    assert parse_target(found.url) == found, "it leads elsewhere when read again"


def _poll(data: bytes) -> None:
    lines = [line.partition(b":") for line in data.split(b"\n")]
    asked_in([(name.lower(), value) for name, _, value in lines])


def _lint(data: bytes) -> None:
    lint_document(data, feed_url=f"{SITE}/feed")


def _manifest(data: bytes) -> None:
    for name in read_manifest(data).members:
        assert not name.startswith("/"), "it would be written anywhere"
        assert ".." not in name.split("/"), "it would be written elsewhere"


def _picture(data: bytes) -> None:
    measure(data)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _words(text: str) -> tuple[bytes, ...]:
    return tuple(one.encode() for one in text.split())


_MARKUP = _words(
    "<p> </p> <a href=' ' javascript: <script> </script> <![CDATA[ ]]> <!-- --> <!DOCTYPE <!ENTITY "
    "&#0; &#x1f; &lt; <svg> <math> <style> <template> <title> <img src=x onerror=1> <br/> <ul><li>"
)
_JSON = _words('{ } [ ] " : , null true 1e999 -1 "" \\u0000 \\ud800 [[[[[[ {"a":')
TARGETS: dict[str, Target] = {
    "feed": Target(
        _feed,
        (*_MARKUP, *_words("<entry> <item> <content xml:base= <guid> <pubDate> <media:content")),
    ),
    "sitemap": Target(_sitemap, _words("<url> <loc> <sitemap> <lastmod> <urlset <!ENTITY ]>")),
    "page": Target(_page, _MARKUP),
    "wordpress": Target(_wordpress, _JSON),
    "article": Target(_article, (*_MARKUP, *_words("--- title: date: tags: !!python # ```"))),
    "ghost": Target(_ghost, _JSON),
    "html": Target(_html, _MARKUP),
    "bounce": Target(
        _bounce,
        _words(
            "Content-Type: multipart/report; boundary= --b --b-- 5.1.1 =?utf-8?b? <a@b.example>"
        ),
    ),
    "hooks": Target(_hooks, _JSON),
    "token": Target(_token, _words(". - _ = WzEs eyJ a a234567")),
    "sealed": Target(_sealed),
    "list": Target(_list, _words('email name ; , \t " \r\n {"email": PK\x03\x04 @x.example')),
    "address": Target(_address, _words('@ . " <> xn-- ( ) \\ % [127.0.0.1] é')),
    "hub": Target(
        _hub, _words("hub.mode= subscribe & hub.topic= hub.callback= http:// %00 %0d%0a")
    ),
    "form": Target(_form, _words("& = %00 %ff + ; a=b")),
    "replies": Target(_replies, _words("250 250- 550 5.1.1 \r\n \n - 421")),
    "packed": Target(_packed),
    "url": Target(_url, _words("http:// https:// @ # ? [::1] %00 xn-- .. // \\ :80 ۰ 。")),
    "poll": Target(
        _poll, _words('user-agent: if-none-match: W/ " , * subscribers if-modified-since:')
    ),
    "lint": Target(_lint, _MARKUP),
    "manifest": Target(_manifest, (*_JSON, b"../", b"/etc/", b"keys/", b"\\u002e")),
    "picture": Target(
        _picture, (b"\xff\xd8", b"\xff\xd9", b"GIF89a", b"IHDR", b"IDAT", b"\xff" * 4)
    ),
}


def known() -> Any:
    """The names there are, for a command's help."""
    return sorted(TARGETS)
