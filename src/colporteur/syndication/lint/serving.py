"""How a feed is served: types, validators, caching, as reference for every reader's program.

Judges answers that somebody else fetched. Header names are in small letters.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from colporteur.syndication.lint.fault import Fault, fault, quoted

_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "opml": "text/x-opml",
}
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_SELF = re.compile(r"rel\s*=\s*\"?[^\",;]*\bself\b", re.IGNORECASE)
NEVER_GIVEN = '"colporteur-never-given"'
OK, NOT_MODIFIED = 200, 304


@dataclass(frozen=True)
class Served:
    """An answer without its body; ``url`` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    url: str


def lint_answer(answer: Served, kind: str, asked: str) -> Iterator[Fault]:
    """The answer to a plain GET that takes gzip; ``kind`` is the document's, "" if unknown."""
    if answer.status != OK:
        yield fault("http-status", f"The answer is {answer.status}.")
        return
    if answer.url != asked:
        yield fault("http-redirect", f"{asked} leads to {answer.url}.")
    yield from _type(answer.headers, kind)
    yield from _caching(answer.headers)
    if "set-cookie" in answer.headers:
        yield fault("http-cookie", "The answer sets a cookie.")
    if answer.headers.get("access-control-allow-origin", "").strip() != "*":
        yield fault("http-cors", "Pages elsewhere may not read it.")
    if "gzip" not in answer.headers.get("content-encoding", "").lower():
        yield fault("http-gzip", "It comes unpacked, though gzip was asked for.")
    if not _SELF.search(answer.headers.get("link", "")):
        yield fault("http-link-self", "No Link header names the feed itself.")


def validators(answer: Served) -> dict[str, str]:
    """What to send to be told whether anything changed; empty if the answer has no validator."""
    if etag := answer.headers.get("etag", ""):
        return {"If-None-Match": etag}
    since = answer.headers.get("last-modified", "")
    return {"If-Modified-Since": since} if since else {}


def lint_unchanged(first: Served, again: Served) -> Iterator[Fault]:
    """The answer to the validators that ``first`` gave, a moment later."""
    if again.status != NOT_MODIFIED:
        yield fault("http-not-modified", f"To its own validator it answers {again.status}.")
    elif "etag" in first.headers and again.headers.get("etag") != first.headers["etag"]:
        said = again.headers.get("etag", "")
        yield fault("http-not-modified-etag", f"The 304 has the ETag {quoted(said)}.")


def lint_changed(again: Served) -> Iterator[Fault]:
    """The answer to a validator that nobody was ever given."""
    if again.status != OK:
        yield fault("http-wrong-validator", f"To {NEVER_GIVEN} it answers {again.status}.")


def _type(headers: Mapping[str, str], kind: str) -> Iterator[Fault]:
    said = headers.get("content-type", "")
    wanted = _TYPES.get(kind)
    if wanted and said.partition(";")[0].strip().lower() != wanted:
        yield fault("http-content-type", f"It is {quoted(said)}, not {wanted}.")
    charset = _CHARSET.search(said)
    if charset is None or charset[1].lower() != "utf-8":
        yield fault("http-charset", f"Content-Type is {quoted(said)}.")


def _caching(headers: Mapping[str, str]) -> Iterator[Fault]:
    if "etag" not in headers and "last-modified" not in headers:
        yield fault("http-validator-missing", "It has neither ETag nor Last-Modified.")
    if not headers.get("cache-control", "").strip():
        yield fault("http-cache-control", "It has no Cache-Control.")
    if headers.get("expires", "").strip() in {"0", "-1"}:
        yield fault("http-expires", f"It has Expires: {headers['expires']}.")
