"""HTML pages: title, description and Open Graph from the head, the main text by trafilatura."""

import logging
from datetime import datetime

from lxml import html as lxml_html
from lxml.etree import LxmlError

from colporteur.articles.cleaning import clean_text, is_web_address, nesting
from colporteur.articles.formats.dates import read_date
from colporteur.articles.formats.texts import with_text
from colporteur.articles.submission import Image, Submission
from colporteur.exceptions import ArticleRefused

_DATES = ("article:published_time", "datePublished", "date")
_NESTED_AT_MOST = 3000  # with the tags that a page forgets to close; parsers are slow beyond
_DIGITS_AT_MOST = 5
Head = dict[str, str]

# It warns of every page without a main text, which is refused in a sentence of ours.
logging.getLogger("trafilatura").setLevel(logging.ERROR)


def read_page(text: str, now: datetime) -> list[Submission]:
    """The page's one article."""
    if nesting(text) > _NESTED_AT_MOST:
        raise ArticleRefused(
            f"The page nests elements more than {_NESTED_AT_MOST} deep.",
            cure="Close each element where it ends.",
        )
    try:
        parser = lxml_html.HTMLParser(encoding="utf-8")  # XHTML may name one, which str cannot
        root = lxml_html.document_fromstring(text.encode(), parser=parser)
    except (LxmlError, ValueError):
        raise ArticleRefused("The file is not an HTML page.", cure="Check what it holds.") from None
    head = _head(root)
    return [
        with_text(
            Submission(
                title=head.get("og:title") or _text_of(root, "h1") or _text_of(root, "title"),
                teaser=head.get("og:description") or head.get("description"),
                body_html=_main_text(text),
                language=_language(root, head),
                url=_address(_canonical(root), head.get("og:url")),
                dated_at=_date(head, now),
                authors=(head["author"],) if head.get("author") else None,
                image=_image(head),
            )
        )
    ]


def _head(root: lxml_html.HtmlElement) -> Head:
    found: Head = {}
    for node in root.iter("meta"):
        name = node.get("property") or node.get("name") or node.get("itemprop")
        content = clean_text(node.get("content") or "")
        if name and content:
            found.setdefault(name, content)
    return found


def _text_of(root: lxml_html.HtmlElement, tag: str) -> str:
    return next((clean_text(node.text_content()) for node in root.iter(tag)), "")


def _address(*said: str | None) -> str | None:
    """The first that is whole: a page need not say its address, so half of one is none."""
    return next((url for url in said if url and is_web_address(url)), None)


def _main_text(text: str) -> str | None:
    import trafilatura  # noqa: PLC0415 - 7 MB and 60 ms that only pages need

    extracted = trafilatura.extract(
        text, output_format="html", include_links=True, include_comments=False, favor_precision=True
    )
    if not extracted:
        return None
    body = lxml_html.document_fromstring(extracted).find("body")
    if body is None:
        return None
    inner = "".join(lxml_html.tostring(child, encoding="unicode") for child in body)
    return inner or None


def _language(root: lxml_html.HtmlElement, head: Head) -> str | None:
    said = root.get("lang") or head.get("og:locale") or ""
    return said.replace("_", "-").partition("-")[0].lower() or None


def _canonical(root: lxml_html.HtmlElement) -> str | None:
    for node in root.iter("link"):
        if (node.get("rel") or "").lower() == "canonical" and node.get("href"):
            return clean_text(node.get("href"))
    return None


def _date(head: Head, now: datetime) -> datetime | None:
    for name in _DATES:
        if name in head:
            try:
                return read_date(head[name], now, name)
            except ArticleRefused:  # a page's own idea of a date is no reason to refuse it
                continue
    return None


def _image(head: Head) -> Image | None:
    url = head.get("og:image")
    if not url or not is_web_address(url):
        return None
    return Image(
        url,
        head.get("og:image:alt", ""),
        _number(head.get("og:image:width")),
        _number(head.get("og:image:height")),
    )


def _number(text: str | None) -> int | None:
    if not text or not text.isdecimal() or len(text) > _DIGITS_AT_MOST:
        return None
    return int(text) or None
