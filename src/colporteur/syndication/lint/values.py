"""What single values must look like: addresses, language tags, media types, numbers, text."""

import html.entities
import re
from collections.abc import Iterator

from colporteur.articles.cleaning import is_web_address
from colporteur.syndication.lint.fault import Fault, fault, quoted

# XML 1.0 section 2.2, and the surrogates that JSON can spell.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}(?:\s*;.*)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}")
_LINES = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_ENTITY = re.compile(r"&(#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});|[A-Za-z][A-Za-z0-9]{1,31};)")
_NAMES = "a|abbr|b|big|blockquote|br|center|cite|code|div|em|font|h[1-6]|i|img|li|mark|ol|p|pre|q|s|script|small|span|strike|strong|style|sub|sup|table|td|tr|tt|u|ul"
_TAG = re.compile(rf"<(?:{_NAMES})\s*>", re.IGNORECASE)
# A tag with an attribute, one that closes itself, or a closing one: somebody's HTML, for sure.
_MARKUP = re.compile(
    rf"</(?:{_NAMES})\s*>|<(?:{_NAMES})(?:\s[^<>]*[=/]|/|\s*/)[^<>]*>|<br>", re.IGNORECASE
)


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI or IRI, of any scheme."""
    return _URI.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Whether a text has the shape of a language tag (BCP 47)."""
    return _LANGUAGE.fullmatch(text) is not None


def is_number(text: str, *, least: int = 0) -> bool:
    """Whether a text is a whole number of digits only, not below ``least``."""
    return _NUMBER.fullmatch(text) is not None and int(text) >= least


def is_media_type(text: str) -> bool:
    """Whether a text has the shape of a media type (RFC 6838 section 4.2)."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def lint_address(url: str | None, name: str) -> Iterator[Fault]:
    """An address must be http(s), with a host."""
    if not is_web_address((url or "").strip()):
        yield fault("link-not-absolute", f"{name} is {quoted(url or '')}, no web address.")


def lint_language(tag: str) -> Iterator[Fault]:
    """A feed should say its language, and in a tag that programs know."""
    if not tag:
        yield fault("language-missing", "The feed does not say its language.")
    elif not is_language(tag):
        yield fault("language-invalid", f"The language is {quoted(tag)}.")


def lint_title(text: str) -> Iterator[Fault]:
    """A title is one line of plain text, escaped once; ``text`` is as a parser reads it."""
    text = text.strip()
    if _LINES.search(text):
        yield fault("title-lines", f"The title {quoted(text)} has more than one line.")
    if "<" in text and _MARKUP.search(text):
        yield fault("title-markup", f"The title {quoted(text)} holds HTML.")
    elif "<" in text and _TAG.search(text):
        yield fault("title-tag", f"The title {quoted(text)} holds what looks like HTML.")
    if "&" in text and (found := _entity(text)):
        yield fault("title-double-escaped", f"The title {quoted(text)} shows {found} to readers.")


def _entity(text: str) -> str:
    for found in _ENTITY.finditer(text):
        if found[1].startswith("#") or found[1] in html.entities.html5:
            return found[0]
    return ""
