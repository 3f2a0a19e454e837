"""Makes a submission of an entry, mending what can be mended. Pure.

What stands in feeds: titles escaped twice, links without a host, dates of the year 1 or 2999,
ids that are blank, bodies without paragraphs.
"""

import hashlib
import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import nh3

from colporteur.articles.cleaning import (
    clean_text,
    has_forbidden,
    is_web_address,
    nesting,
    one_ellipsis,
    plain_to_html,
    title_key,
)
from colporteur.articles.sources.markup import Markup
from colporteur.articles.sources.reading import Asked, Entry, Raw
from colporteur.articles.submission import Enclosure, Image, Origin, Submission
from colporteur.exceptions import ArticleRefused

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
SUMMARY_AT_MOST = 600  # characters; a longer one is the text, or its beginning
_ISOLATED = re.compile("\\A[\u2066-\u2068]([^\u2066-\u2069]*)\u2069\\Z")  # feeds isolate anew
_TAG = re.compile(r"<[^<>]*>")
_NESTED_AT_MOST = 200
_ID_AT_MOST = 500
_URL_AT_MOST = 2000
_TITLE_ABOUT = 80
_AUTHORS_AT_MOST = 20
_WORLDWIDE = re.compile(r"(?:https?://|tag:|urn:)\S", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_MARKUP = re.compile(r"<[a-zA-Z/!]")
_CUT = re.compile(r"([.!?؟…]?)\s*\[\s*(?:…|\.{3})\s*\]\s*$")
_APPEARED = re.compile(
    r"(?:The post|L’article|L'article|المقالة) .{1,300} (?:appeared first on|est apparu en premier sur|ظهرت أولاً على) .{1,200}$"
)
_SENTENCE = re.compile(r".+?[.!?؟…](?=\s|$)")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_BYTES_AT_MOST = 2**53 - 1
_NO_LANGUAGE = {"und", "mul", "zxx", "x"}


def mended(raw: Raw, asked: Asked) -> Entry:
    """The entry as intake takes it.

    Raises:
        ArticleRefused: nothing names it.
    """
    base = _base(raw, asked)
    url = web_address(raw.link, base)
    markup = Markup(raw.content, base if raw.base else url or base)
    teaser, body = _texts(raw, markup)
    title = plain_title(raw.title, is_html=raw.title_is_html) or _first_words(teaser, body)
    own_id = _own_id(raw.id)
    if not (own_id or url or title):
        raise ArticleRefused(
            "The entry has no id, no link and no title.", cure="Ask the site to give it one."
        )
    date = sane(raw.published) or sane(raw.updated)
    external_id = key_of(raw, asked)
    said = Submission(
        title=title,
        teaser=teaser,
        body_html=body,
        language=_language(raw, asked),
        url=url,
        external_id=external_id,
        feed_id=own_id if asked.keep_ids and own_id and len(own_id) <= _ID_AT_MOST else None,
        dated_at=date,
        publish_at=date if date and date > asked.now else None,
        topics=topics_of(raw.categories, asked),
        authors=authors_of(raw.authors),
        image=_image(raw, markup, base),
        enclosure=_enclosure(raw, base),
        source=_origin(raw, asked, base),
        channels=(asked.channel,),
    )
    return Entry(external_id, said, sane(raw.updated))


def key_of(raw: Raw, asked: Asked) -> str:
    """What an entry is known by from poll to poll, and what lists of refusals call it.

    Its own id; one that is not the whole world's, such as ``42`` or ``post:1``, is the site's
    alone: its host is put before it. Else its link, else its title or text, and date.
    """
    own = _own_id(raw.id)
    if own:
        host = urlsplit(asked.url).hostname or ""
        return _short(own if _WORLDWIDE.match(own) else f"{host} {own}")
    if url := web_address(raw.link, _base(raw, asked)):
        return _short(url)
    date = sane(raw.published) or sane(raw.updated)
    title = plain_title(raw.title, is_html=raw.title_is_html) or _first_words(
        *_texts(raw, Markup(raw.content, asked.url))
    )
    return _hashed(f"{title_key(title)}\n{date.isoformat() if date else ''}")


def _base(raw: Raw, asked: Asked) -> str:
    return _joined(asked.url, raw.base) or asked.url


def _short(key: str) -> str:
    return key if len(key) <= _ID_AT_MOST else _hashed(key)


def _hashed(key: str) -> str:
    return f"urn:sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def plain_title(text: str, *, is_html: bool) -> str:
    """A title as plain text; escaped once too often is unescaped, if that makes no markup."""
    if is_html:
        text = plain_text(text)
    if _ENTITY.search(text):
        once = html.unescape(text)
        text = text if _MARKUP.search(once) else once
    return one_ellipsis(_ISOLATED.sub(r"\1", clean_text(text)))


def plain_text(markup: str) -> str:
    """The words of some HTML."""
    spaced = re.sub(r"(?i)<(?:br|/p|/div|/li|/h\d)\b", r" \g<0>", markup)
    if nesting(spaced) > _NESTED_AT_MOST:  # the sanitiser's time grows with its square
        return clean_text(html.unescape(_TAG.sub(" ", spaced)))
    return clean_text(html.unescape(nh3.clean(spaced, tags=set())))


def web_address(link: str | None, base: str) -> str | None:
    """A link made whole against a base, or None if that makes no address."""
    if not link or not link.strip():
        return None
    whole = _joined(base, link.strip().replace(" ", "%20"))
    return whole if whole and len(whole) <= _URL_AT_MOST and is_web_address(whole) else None


def sane(moment: datetime | None) -> datetime | None:
    """The moment, unless no publication of ours can have written then."""
    return moment if moment is not None and moment >= OLDEST else None


def topics_of(categories: tuple[str, ...], asked: Asked) -> tuple[str, ...] | None:
    """The topics that the publication knows among an entry's, and the source's own."""
    known = [asked.topics.get(title_key(plain_title(name, is_html=False))) for name in categories]
    found = dict.fromkeys([*asked.always, *(slug for slug in known if slug)])
    return tuple(found) if categories or asked.always else None


def authors_of(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Names of people, each once; addresses are not names."""
    plain = (plain_title(name, is_html=False) for name in names)
    found = tuple(dict.fromkeys(name for name in plain if name and "@" not in name))
    return found[:_AUTHORS_AT_MOST] or None


def _texts(raw: Raw, markup: Markup) -> tuple[str | None, str | None]:
    """Teaser and body: a short summary is a teaser, a long one without a text is the text."""
    summary = _teaser_of(raw.summary)
    if markup.says_something:
        short = 0 < len(summary) <= SUMMARY_AT_MOST
        return (summary if short else None), markup.body()
    if len(summary) <= SUMMARY_AT_MOST:
        return summary or None, None
    return None, Markup(raw.summary, markup.base).body()


def _teaser_of(summary: str) -> str:
    if not summary:
        return ""
    text = plain_text(summary)
    text = _ISOLATED.sub(r"\1", text)
    return _CUT.sub(lambda cut: cut[1] or "…", _APPEARED.sub("", text).strip())


def _first_words(teaser: str | None, body: str | None) -> str:
    """What stands for a title that is not there."""
    text = teaser or plain_text(body or "")
    first = _SENTENCE.match(text)
    title = first[0] if first else text
    if len(title) <= _TITLE_ABOUT:
        return title
    cut = title.rfind(" ", 0, _TITLE_ABOUT)
    return title[: cut if cut > 0 else _TITLE_ABOUT].rstrip(" ,;:") + "…"


def _own_id(said: str | None) -> str | None:
    """The entry's id where it is one: not blank, and of characters that can be kept."""
    text = (said or "").strip()
    return text if text and not has_forbidden(text) else None


def _language(raw: Raw, asked: Asked) -> str:
    """The entry's own; else the document's, if the publication has it; else the channel's."""
    own = (raw.language or "").replace("_", "-").strip()
    if own and own.partition("-")[0].lower() not in _NO_LANGUAGE:
        return own
    said = (raw.feed_language or "").replace("_", "-").strip().lower()
    bases = {tag.partition("-")[0].lower() for tag in asked.languages}
    return said if said.partition("-")[0] in bases else asked.language


def _image(raw: Raw, markup: Markup, base: str) -> Image | None:
    if raw.image and (url := web_address(raw.image.url, base)):
        kind = (raw.image.type or "").partition(";")[0].strip()
        length = raw.image.length or 0
        return replace(
            raw.image,
            url=url,
            alt=plain_title(raw.image.alt, is_html=False),
            type=kind if _MEDIA_TYPE.fullmatch(kind) else None,
            length=length if 0 < length <= _BYTES_AT_MOST else None,
        )
    return markup.first_image() or Markup(raw.summary, markup.base).first_image()


def _enclosure(raw: Raw, base: str) -> Enclosure | None:
    said = raw.enclosure
    url = web_address(said.url, base) if said else None
    if said is None or url is None:
        return None
    kind = said.type.partition(";")[0].strip()
    length = said.length if 0 <= said.length <= _BYTES_AT_MOST else 0
    return Enclosure(url, kind, length) if _MEDIA_TYPE.fullmatch(kind) else None


def _origin(raw: Raw, asked: Asked, base: str) -> Origin | None:
    """The feed it comes from: the one that the entry names, else the one it was read in."""
    said = raw.source
    title = plain_title(said.title, is_html=False) if said else ""
    url = web_address((said.url if said else "") or asked.feed, base)
    if said is None or url is None or not title:
        return None
    return Origin(title, url, web_address(said.home, base) or "")


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:  # such as http://[
        return ""


def text_to_html(text: str) -> str:
    """Paragraphs of plain text as HTML."""
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{plain_to_html(block)}</p>" for block in blocks if block)
