"""What somebody wrote in the newsroom's form, on its way to an article. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from colporteur.articles.formats.records import article_html
from colporteur.articles.formats.texts import with_text
from colporteur.articles.preparing import Prepared, prepare
from colporteur.articles.submission import Image, Submission
from colporteur.exceptions import ArticleRefused
from colporteur.publication import Publication

_HARMLESS: Mapping[str, Any] = {
    "title": "x",
    "teaser": None,
    "body_html": "<p>x</p>",
    "language": None,
    "url": None,
    "image": None,
    "publish_at": None,
    "topics": (),
    "channels": (),
}


@dataclass(frozen=True)
class Manuscript:
    """The form's fields as they were typed; ``html`` where the text is HTML, and no Markdown.

    ``publish_at`` is a local time of the publication's zone (``2026-11-24T07:00``), or empty.
    """

    title: str = ""
    teaser: str = ""
    text: str = ""
    html: bool = False
    language: str = ""
    channels: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    authors: str = ""  # commas between them
    picture: str = ""  # its address
    alt: str = ""
    decorative: bool = False
    publish_at: str = ""
    feeds_only: bool = False
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        return asdict(self)

    @property
    def body_html(self) -> str:
        """The text as HTML, not yet cleaned."""
        return self.text if self.html else article_html(self.text)

    @property
    def names(self) -> tuple[str, ...]:
        """The authors' names."""
        apart = self.authors.replace("،", ",").split(",")
        return tuple(name.strip() for name in apart if name.strip())

    def submission(self, publish_at: datetime | None, image: Image | None) -> Submission:
        """The article to take in."""
        return Submission(
            title=self.title,
            teaser=self.teaser or None,
            body_html=self.body_html,
            language=self.language or None,
            url=self.url or None,
            publish_at=publish_at,
            topics=self.topics,
            authors=self.names,
            image=image,
            channels=self.channels,
        )


def read_manuscript(stored: Mapping[str, Any]) -> Manuscript:
    """What ``as_json`` wrote, by this release or another."""
    known = {one.name for one in fields(Manuscript)}
    said = {name: value for name, value in stored.items() if name in known}
    for name in {"channels", "topics"} & said.keys():
        said[name] = tuple(said[name])
    return Manuscript(**said)


def judged(
    submission: Submission, publication: Publication, topics: Mapping[str, int], now: datetime
) -> tuple[Prepared | None, list[ArticleRefused]]:
    """The article, or all that is wrong with it: a fault of each field, by intake's own rules.

    Raises:
        ArticleRefused: it cannot be taken, for no one field's fault.
    """
    found: list[ArticleRefused] = []
    said = submission
    while True:
        try:
            prepared = prepare(with_text(said), publication, topics, now)
        except ArticleRefused as error:
            # A field that was put right already is not what is wrong.
            if error.field not in _HARMLESS or error.field in {one.field for one in found}:
                raise
            found.append(error)
            said = replace(said, **{error.field: _HARMLESS[error.field]})
        else:
            return (None if found else prepared), found
