"""The rules of OPML 2.0 as a list of feeds (opml.org/spec2.opml)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from colporteur.syndication.lint.dates import lint_rfc822
from colporteur.syndication.lint.elements import text
from colporteur.syndication.lint.fault import Fault, fault, of_entry, quoted
from colporteur.syndication.lint.values import is_language, lint_address


def lint_list(root: Any, now: datetime | None) -> Iterator[Fault]:
    """The whole list; an outline is named by its text."""
    if root.get("version") != "2.0":
        yield fault("opml-version", f"The version is {quoted(root.get('version', ''))}.")
    bodies, heads = root.findall("body"), root.findall("head")
    if len(bodies) != 1 or len(heads) != 1 or bodies[0].find("outline") is None:
        yield fault("opml-shape", "It lacks a head, a body or its outlines, or has two.")
    if heads and not text(heads[0], "title"):
        yield fault("feed-title-missing", "The list has no title.")
    for date in root.iterfind("head/dateCreated"):
        yield from lint_rfc822(date.text or "", "dateCreated", now)
    outlines = list(root.iterfind("body//outline"))
    for outline in outlines:
        yield from of_entry(outline.get("text", ""), _outline(outline))
    feeds = Counter(outline.get("xmlUrl") for outline in outlines if outline.get("xmlUrl"))
    for url, count in feeds.items():
        if count > 1:
            yield fault("opml-url-repeated", f"{url} is listed {count} times.")


def _outline(outline: Any) -> Iterator[Fault]:
    if not outline.get("text", "").strip():
        yield fault("opml-text-missing", "An outline has no text.")
    if outline.get("type") == "rss" and not outline.get("xmlUrl"):
        yield fault("opml-url-missing", "A feed has no xmlUrl.")
    for one in ("xmlUrl", "htmlUrl"):
        if outline.get(one):
            yield from lint_address(outline.get(one), one)
    language = outline.get("language")
    if language and not is_language(language):
        yield fault("language-invalid", f"The feed's language is {quoted(language)}.")
