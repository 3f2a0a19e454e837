"""Plain-text pages: title, tagline, sections with headings, then perhaps a list of teasers.

Blocks stand between blank lines. After a block that says "Articles", each pair of blocks is the
title and the teaser of another article.
"""

import re
from datetime import datetime

from colporteur.articles.cleaning import clean_text, one_ellipsis, plain_to_html, title_key
from colporteur.articles.formats.texts import with_text
from colporteur.articles.submission import Submission
from colporteur.exceptions import ArticleRefused

_LIST_HEADINGS = frozenset(
    title_key(words)
    for words in (
        "Articles",
        "Autres articles",
        "À lire aussi",
        "Derniers articles",
        "Related articles",
        "More articles",
        "Latest articles",
        "مقالات",
        "المقالات",
        "مقالات أخرى",
    )
)
_HEADING_AT_MOST = 120
_ENDS_A_SENTENCE = tuple('.!?…؟»":;,')


def read_plain(text: str, _now: datetime) -> list[Submission]:
    """The page's own article first, then those it lists."""
    blocks = [clean_text(block) for block in re.split(r"\n[ \t]*\n", text)]
    blocks = [block for block in blocks if block]
    if not blocks:
        raise ArticleRefused("The file holds no text.", cure="Give it a title and a text.")
    page, listed = _split_at_list(blocks)
    own = with_text(Submission(title=page[0], body_html=_body(page[1:])))
    return [own, *_listed(listed)]


def _split_at_list(blocks: list[str]) -> tuple[list[str], list[str]]:
    for index in range(len(blocks) - 1, 0, -1):
        if title_key(blocks[index]) in _LIST_HEADINGS:
            return blocks[:index], blocks[index + 1 :]
    return blocks, []


def _body(blocks: list[str]) -> str:
    parts = []
    for index, block in enumerate(blocks):
        following = blocks[index + 1] if index + 1 < len(blocks) else ""
        tagline = index == 0 and _is_heading(block) and _is_heading(following)
        heading = _is_heading(block) and following and not tagline
        text = plain_to_html(block)
        parts.append(f"<h2>{text}</h2>" if heading else f"<p>{_em(text) if tagline else text}</p>")
    return "\n".join(parts)


def _em(text: str) -> str:
    return f"<em>{text}</em>"


def _is_heading(block: str) -> bool:
    return 0 < len(block) <= _HEADING_AT_MOST and not block.endswith(_ENDS_A_SENTENCE)


def _listed(blocks: list[str]) -> list[Submission]:
    found: list[Submission] = []
    index = 0
    while index < len(blocks):
        title = blocks[index]
        has_teaser = index + 1 < len(blocks) and not _is_heading(blocks[index + 1])
        teaser = one_ellipsis(blocks[index + 1]) if has_teaser else ""
        found.append(Submission(title=title, teaser=teaser, listed=True))
        index += 2 if has_teaser else 1
    return found
