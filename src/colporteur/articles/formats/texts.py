"""What every reader asks of an article: that it says something beside its title."""

from colporteur.articles.submission import Submission
from colporteur.exceptions import ArticleRefused


def with_text(said: Submission) -> Submission:
    """The submission, when it has a text or a teaser, or updates by a key what has them.

    Raises:
        ArticleRefused: it has neither.
    """
    updates = said.body_html is None and (said.external_id or said.feed_id or said.url)
    if updates or (said.body_html or "").strip() or (said.teaser or "").strip():
        return said
    raise ArticleRefused(
        "The article has neither a text nor a teaser.",
        cure="Write one of them, or both.",
        field="body_html",
        fault="missing",
    )
