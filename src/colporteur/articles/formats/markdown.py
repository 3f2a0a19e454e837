"""Markdown with YAML front matter; without a ``title`` there, the first ``#`` heading is it."""

import re
from datetime import datetime

import frontmatter
import yaml

from colporteur.articles.formats.records import from_record
from colporteur.articles.submission import Submission
from colporteur.exceptions import ArticleRefused

_TITLE = re.compile(r"\A\s*#[ \t]+(.+?)[ \t#]*(?:\n|\Z)")


def read_markdown(text: str, now: datetime) -> list[Submission]:
    """The file's one article."""
    try:
        post = frontmatter.loads(text)
    except yaml.YAMLError as error:
        raise ArticleRefused(
            f"The front matter is not valid YAML: {' '.join(str(error).split())}.",
            cure='Put texts with a colon in quotes: title: "A: b".',
        ) from None
    record = dict(post.metadata)
    body = post.content
    if "title" not in record and (found := _TITLE.match(body)):
        record["title"] = found[1]
        body = body[found.end() :]
    return [from_record({**record, "body": body}, now)]
