"""Markdown with YAML front matter; without a ``title`` there, the first ``#`` heading is it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from colporteur.articles.cleaning import clean_html
from colporteur.articles.formats.notes import NOTE
from colporteur.articles.formats.records import from_record
from colporteur.articles.submission import Submission
from colporteur.exceptions import ArticleRefused

_TITLE = re.compile(r"\A\s*#[ \t]+(.+)(?:\n|\Z)")


class _FrontMatter(YAMLHandler):
    def load(self, fm: str, **_options: object) -> Any:
        """By PyYAML's own parser: libyaml's crashes the process on a thousand open brackets."""
        return yaml.load(fm, Loader=yaml.SafeLoader)


def read_markdown(text: str, now: datetime) -> list[Submission]:
    """The file's one article."""
    metadata, body = _split(text)
    record = dict(metadata)
    if "title" not in record and (found := _TITLE.match(body)):
        record["title"] = found[1].rstrip(" \t#")
        body = body[found.end() :]
    return [from_record({**record, "body": body}, now)]


def note_html(text: str) -> str:
    """A note that somebody of the newsroom wrote as safe HTML; HTML in it is shown, not obeyed.

    Its headings begin below the page's own; a picture is a link that says what it shows.
    """
    return clean_html(NOTE.render(text)) if text.strip() else ""


def _split(text: str) -> tuple[Mapping[str, Any], str]:
    handler = _FrontMatter()
    if not handler.detect(text.lstrip()):
        return {}, text
    try:
        post = frontmatter.loads(text, handler=handler)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: the 45th of May
        raise ArticleRefused(
            f"The front matter is not valid YAML: {' '.join(str(error).split())}.",
            cure='Put texts with a colon in quotes: title: "A: b".',
        ) from None
    return post.metadata, post.content
