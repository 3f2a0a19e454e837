"""Cleans text and HTML at intake, so that nothing after it has to.

Characters that XML 1.0 forbids (section 2.2) vanish, text is NFC, runs of spaces are one.
"""

import html
import re
import unicodedata
from collections import Counter
from urllib.parse import urljoin, urlsplit

import nh3
from lxml import html as lxml_html

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_SPACES = re.compile(r"[ \t\r\n\f\v\x85\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
# Narrow and plain no-break spaces are French typography: they stay where they stand alone.
_KEPT_SPACES = {"\u00a0", "\u202f"}
_DOTS = re.compile(r"(?<!\s)(?:\s*(?:\.{3,}|…\.*))+")  # not from within a run of spaces
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
_IMG = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')  # as nh3 writes it
_TAG = re.compile(r"<!--(?!-?>)|--!?>|<(/?)([a-zA-Z][^\s/>]*)")
_RAW = {"script", "style"}
# They hold nothing, or the next of their kind ends them: however many, they do not nest.
_NEVER_NEST = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dd",
        "dt",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "optgroup",
        "colgroup",
        "rt",
        "rp",
        "html",
        "head",
        "body",
    ]
)
_QUOTES = frozenset("'\"`´′″‚„ʼ")
_SENTENCE = frozenset(".,;:!?؟،؛…")
_NEVER_IN_ADDRESSES = frozenset('"<>`\\')


def clean_text(text: str) -> str:
    """One line of plain text: no forbidden characters, NFC, spaces folded, trimmed."""
    text = unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))
    return _SPACES.sub(_one_space, text).strip()


def without_forbidden(text: str) -> str:
    """The text without the characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def has_forbidden(text: str) -> bool:
    """Whether a text holds characters that ``clean_text`` would drop."""
    return _FORBIDDEN.search(text) is not None


def one_ellipsis(text: str) -> str:
    """Three dots or more, or several ellipses, become one ``…``."""
    return _DOTS.sub("…", text)


def clean_html(markup: str, base_url: str = "") -> str:
    """HTML that is safe to show and to put in a feed: allowed tags only, absolute links."""
    text = unicodedata.normalize("NFC", _FORBIDDEN.sub("", markup))
    clean = _sanitised(text, base_url)
    if has_forbidden(clean):  # they stood there as references, ``&#1;``
        # Sanitised once more without them: they may have kept an address from being one.
        clean = _sanitised(_FORBIDDEN.sub("", clean), base_url)
    return _IMG.sub(_with_source, clean).strip()


def _sanitised(text: str, base_url: str) -> str:
    found: str = nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
        attribute_filter=lambda tag, name, value: _absolute(tag, name, value, base_url),
    )
    return found


def nesting(markup: str) -> int:
    """How deep elements nest at most; the sanitiser's time grows with the square of it.

    One pass over the tags: those that are never closed count as if all the rest were in them.
    """
    opened: Counter[str] = Counter()
    inside, depth, deepest = "", 0, 0
    for found in _TAG.finditer(markup):
        ends, name = bool(found[1]), (found[2] or found[0]).lower()
        if inside:
            inside = "" if name.startswith("--") or (ends and name == inside) else inside
        elif name == "<!--" or (name in _RAW and not ends):
            inside = name
        elif name.startswith("--") or name in _NEVER_NEST or (ends and not opened[name]):
            continue
        else:
            opened[name] += -1 if ends else 1
            depth += -1 if ends else 1
            deepest = max(deepest, depth)
    return deepest


def is_web_address(url: str) -> bool:
    """Whether a text is a whole http(s) address, with a host and nothing that needs quoting."""
    if has_forbidden(url) or any(char.isspace() or char in _NEVER_IN_ADDRESSES for char in url):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # such as http://[ and https://x.example:port/
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


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
    """What two spellings of one title share, whatever apostrophes, spaces and ellipses.

    A comma between digits stays: a rise of 1,5 % is not one of 15 %.
    """
    # NFKC makes a space and an accent of the apostrophe that some write as an acute.
    folded = unicodedata.normalize("NFKC", title.replace("´", "")).casefold()
    around = zip(f" {folded}", folded, f"{folded[1:]} ", strict=False)
    return "".join(char for before, char, after in around if _tells(before, char, after))[:300]


def _one_space(run: re.Match[str]) -> str:
    return run[0] if run[0] in _KEPT_SPACES else " "


def _tells(before: str, char: str, after: str) -> bool:
    """Whether a character tells a title from others: no space, quote, dash, sentence mark."""
    if char in _SENTENCE:
        return before.isdigit() and after.isdigit()
    kind = unicodedata.category(char)
    return char not in _QUOTES and kind[0] not in "CZ" and kind not in {"Pi", "Pf", "Pd"}


def _with_source(picture: re.Match[str]) -> str:
    return picture[0] if re.search(r'(?:^|") src="', picture[1]) else ""


def _absolute(tag: str, name: str, value: str, base_url: str) -> str | None:
    if (tag, name) not in {("a", "href"), ("img", "src")}:
        return value
    try:
        whole = urljoin(base_url, value)
        scheme = urlsplit(whole).scheme
    except ValueError:  # no address at all, such as http://[
        return None
    # In a feed, half an address would be one on the reader's own site; https:/un is half of one.
    if scheme in {"http", "https"}:
        return whole if whole[len(scheme) :].startswith("://") else None
    return whole if scheme and tag == "a" else None  # a picture comes from the web
