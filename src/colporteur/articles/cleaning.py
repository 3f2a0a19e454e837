"""Cleans text and HTML at intake, so that nothing after it has to.

Characters that XML 1.0 forbids (section 2.2) vanish, text is NFC, runs of spaces are one.
"""

import html
import re
import unicodedata
from urllib.parse import urljoin

import nh3
from lxml import html as lxml_html

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_SPACES = re.compile(r"[ \t\r\n\f\v\x85\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
# Narrow and plain no-break spaces are French typography: they stay where they stand alone.
_KEPT_SPACES = {"\u00a0", "\u202f"}
_DOTS = re.compile(r"(?:\s*(?:\.{3,}|…\.*))+")
_TAGS = {
    *(
        [
            "p",
            "h2",
            "h3",
            "h4",
            "ul",
            "ol",
            "li",
            "blockquote",
            "a",
            "em",
            "strong",
            "b",
            "i",
            "u",
            "s",
            "sub",
            "sup",
            "code",
            "pre",
            "br",
            "hr",
            "img",
            "figure",
        ]
    ),
    *(
        [
            "figcaption",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "caption",
            "abbr",
            "cite",
            "q",
            "dl",
            "dt",
            "dd",
            "span",
            "bdi",
            "time",
        ]
    ),
}
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title", "hreflang"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "abbr": {"title"},
}


def clean_text(text: str) -> str:
    """One line of plain text: no forbidden characters, NFC, spaces folded, trimmed."""
    text = unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))
    return _SPACES.sub(_one_space, text).strip()


def has_forbidden(text: str) -> bool:
    """Whether a text holds characters that ``clean_text`` would drop."""
    return _FORBIDDEN.search(text) is not None


def one_ellipsis(text: str) -> str:
    """Three dots or more, or several ellipses, become one ``…``."""
    return _DOTS.sub("…", text)


def clean_html(markup: str, base_url: str = "") -> str:
    """HTML that is safe to show and to put in a feed: allowed tags only, absolute links."""
    text = unicodedata.normalize("NFC", _FORBIDDEN.sub("", markup))
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
        attribute_filter=lambda tag, name, value: _absolute(tag, name, value, base_url),
    ).strip()


def paragraphs(markup: str) -> list[str]:
    """The plain text of each ``<p>`` of a cleaned body, in order, outside quotes and tables."""
    if not markup:
        return []
    root = lxml_html.fragment_fromstring(markup, create_parent="div")
    return [
        clean_text(node.text_content())
        for node in root.iter("p")
        if not any(
            parent.tag in {"blockquote", "table", "figcaption"} for parent in node.iterancestors()
        )
    ]


def plain_to_html(text: str) -> str:
    """Plain text as HTML text."""
    return html.escape(text, quote=False)


def title_key(title: str) -> str:
    """What two spellings of one title share, whatever apostrophes, spaces and ellipses."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(char for char in folded if char.isalnum())[:300]


def _one_space(run: re.Match[str]) -> str:
    return run[0] if run[0] in _KEPT_SPACES else " "


def _absolute(tag: str, name: str, value: str, base_url: str) -> str | None:
    if (tag, name) not in {("a", "href"), ("img", "src")} or not base_url:
        return value
    try:
        return urljoin(base_url, value)
    except ValueError:  # no address at all, such as http://[
        return None
