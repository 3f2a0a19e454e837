"""From the bytes of an answer to a text that is safe to parse, or the reason why not. Pure."""

import codecs
import re
from collections.abc import Mapping
from urllib.parse import urljoin

from colporteur.articles.cleaning import without_forbidden
from colporteur.exceptions import SourceRefused

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_USUAL = {"ar": "windows-1256"}  # of pages that say nothing, or nothing true
_WESTERN = {"iso8859-1", "ascii"}  # those who declare them write windows-1252
_C1 = {code: bytes([code]).decode("windows-1252", "ignore") for code in range(0x80, 0xA0)}
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|(\d{1,10}));")
_BEFORE_ROOT = re.compile(r"\A(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_QUOTED = r""" "[^"]*+" | '[^']*+' """
_DOCTYPE = re.compile(
    rf"""<!DOCTYPE (?: {_QUOTED} | [^>\["'] )*+
    (?: \[ (?: <!--.*?--> | <\?.*?\?> | {_QUOTED} | <(?!!--|\?) | [^\]<"'] )*+ \] \s* )? >""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_STARTS_DOCTYPE = re.compile("<!DOCTYPE", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|script|title)\b", re.IGNORECASE)
_ALTERNATE = re.compile(r"<link\b[^>]{0,1000}>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss|atom)\+xml|application/feed\+json", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*["']?([^"'\s>]{1,1000})""", re.IGNORECASE)
_CHALLENGES = (
    "cf-chl",
    "challenge-platform",
    "just a moment...",
    "checking your browser",
    "captcha",
    "enable javascript and cookies",
    "ddos protection",
    "anubis",
)
_LOOKED_AT = 100_000


def decoded(body: bytes, headers: Mapping[str, str], language: str = "") -> str:
    """The text, whatever was declared: what reads as UTF-8 is UTF-8.

    Characters that XML forbids are dropped, as such and as references (``&#11;``).

    Raises:
        SourceRefused: there is nothing.
    """
    text = _text(body, headers, language).translate(_C1)
    text = _REFERENCE.sub(_allowed_reference, without_forbidden(text)).lstrip("\ufeff")
    if not text.strip():
        raise SourceRefused("The answer is empty.", cure="Check the address in a browser.")
    return text


def root_of(text: str) -> str:
    """The text from its first element on, without what XML allows before it.

    Raises:
        SourceRefused: it declares entities, which may call files or grow without bound.
    """
    rest = text[_BEFORE_ROOT.match(text).end() :]  # type: ignore[union-attr] # it matches nothing, too
    if _HTML.match(rest):
        return rest
    doctype = _DOCTYPE.match(rest)
    if doctype:
        rest = rest[doctype.end() :]
        rest = rest[_BEFORE_ROOT.match(rest).end() :]  # type: ignore[union-attr] # the same
    if "<!entity" in text[: len(text) - len(rest)].lower():
        raise SourceRefused(
            "The document declares XML entities, which is not safe to read.",
            cure="Ask the site to write characters as they are, without <!ENTITY>.",
        )
    if _STARTS_DOCTYPE.match(rest):  # what cannot be told from the root may hide entities
        raise SourceRefused(
            "The document's DOCTYPE cannot be read.", cure="Ask the site to leave it out."
        )
    return rest


def refuse_html(root: str, wanted: str, url: str) -> None:
    """Say what stands where a feed or sitemap should.

    Raises:
        SourceRefused: the document is a web page, perhaps one that tests browsers.
    """
    if not _HTML.match(root):
        return
    if is_challenge(root):
        raise SourceRefused(
            f"The site answers with a page that tests browsers instead of {wanted}.",
            cure="Ask the site to let programs read that address.",
        )
    feed = _feed_named(root, url)
    cure = f"The page names this one: {feed}" if feed else "Check the address in a browser."
    raise SourceRefused(f"The answer is a web page (HTML), not {wanted}.", cure=cure)


def is_challenge(text: str) -> bool:
    """Whether a page is one of those that keep programs out."""
    start = text[:_LOOKED_AT].lower()
    return any(mark in start for mark in _CHALLENGES)


def _text(body: bytes, headers: Mapping[str, str], language: str) -> str:
    for mark, coding in _BOMS:
        if body.startswith(mark):
            return body.decode(coding, "ignore")
    try:
        return body.decode()
    except UnicodeDecodeError:
        pass
    usual = _USUAL.get(language.partition("-")[0], "windows-1252")
    declared = _declared(body, headers)
    if declared not in {"", "utf-8"}:
        return body.decode(usual if declared in _WESTERN else declared, "ignore")
    mended = body.decode(errors="ignore")
    wrong = len(body) - len(mended.encode())
    right = sum(char > "\x7f" for char in mended)
    return mended if right > wrong else body.decode(usual, "ignore")


def _declared(body: bytes, headers: Mapping[str, str]) -> str:
    """The charset that the answer or the document says and Python knows; empty if none."""
    said = _CHARSET.search(headers.get("content-type", ""))
    inside = _DECLARED.match(body)
    for name in (said and said[1], inside and inside[1].decode("ascii")):
        try:
            coding: codecs.CodecInfo | None = codecs.lookup(name) if name else None
        except LookupError:
            continue
        if coding is not None and coding._is_text_encoding:  # noqa: SLF001 - codecs' own mark
            return str(coding.name)
    return ""


def _allowed_reference(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    if code > 0x10FFFF:  # noqa: PLR2004 - the last character there is
        return ""
    allowed = code in _C1 or without_forbidden(chr(code)) != ""
    return str(found[0]) if allowed else ""


def _feed_named(page: str, url: str) -> str:
    for link in _ALTERNATE.findall(page[:_LOOKED_AT]):
        href = _HREF.search(link)
        if _FEED_TYPE.search(link) and href:
            return urljoin(url, str(href[1]).replace("&amp;", "&"))
    return ""
