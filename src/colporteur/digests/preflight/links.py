"""Where an edition's links lead, and what came of asking. Pure: ``reaching`` asks."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from colporteur.digests.preflight.finding import ERROR, WARNING, Finding
from colporteur.digests.preflight.markup import addresses, parsed, plain
from colporteur.digests.preflight.material import Answers, Link, Material, Message, Piece

_WEB = {"http", "https"}
_GONE = {404, 410}
_GOOD = range(200, 400)
_OTHERS = {"mailto", "tel", "sms"}
_NAMED_AT_MOST = 5
_INVALID = "https://colporteur.invalid/"


def linked(
    messages: Iterable[Message], pieces: Iterable[Piece], in_words: Iterable[str] = ()
) -> list[str]:
    """Every address that the edition links to, the articles' first; without readers' own.

    Those of articles and of an editor's words also where messages lead there by a detour.
    """
    found = [*(piece.url for piece in pieces), *sorted(in_words)]
    for message in messages:
        found += addresses(parsed(message.rendering.html))
    distinct: dict[str, str] = {}
    for one in found:
        distinct.setdefault(plain(one), one)
    return [one for one in distinct.values() if not one.startswith(_INVALID)]


def own_path(url: str, site: str) -> str | None:
    """The path of an address of our own site; None for one elsewhere."""
    if url != site and not url.startswith((f"{site}/", f"{site}?", f"{site}#")):
        return None
    return urlsplit(url).path or "/"


def to_ask(material: Material) -> list[str]:
    """The addresses elsewhere, each once."""
    site = material.letterhead.site
    found = linked(material.messages, material.pieces.values(), material.in_words)
    return [one for one in found if own_path(one, site) is None and _scheme(one) in _WEB]


def check(material: Material, answers: Answers) -> Iterator[Finding]:
    """Errors for what readers would click in vain, where that is sure."""
    site = material.letterhead.site
    named = {plain(one): "in the words above the articles " for one in material.in_words}
    named |= {plain(one.url): f"of “{one.name}” " for one in material.pieces.values()}
    everything = linked(material.messages, material.pieces.values(), material.in_words)
    for url in everything:
        path = own_path(url, site)
        whose = named.get(plain(url), "")
        if path is not None:
            yield from _own(url, path, whose, material.own_pages)
        elif _scheme(url) not in _WEB:
            yield from _of_no_web(url, whose)
        elif url in answers.links:
            yield from _answered(answers.links[url], whose, names_work=answers.names_work)
    yield from _insecure([one for one in everything if own_path(one, site) is None])
    yield from _unasked(answers.links.values())


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _own(url: str, path: str, whose: str, pages: frozenset[str]) -> Iterator[Finding]:
    if path not in pages:
        said = f"The link {whose}leads to no page of our site: {url}"
        severity = ERROR if whose else WARNING
        yield Finding(severity, "link", said, "Correct it, or publish what it leads to.", url)


def _of_no_web(url: str, whose: str) -> Iterator[Finding]:
    if _scheme(url) not in _OTHERS:
        said = f"The link {whose}leads nowhere from a mail: {url or '(empty)'}"
        yield Finding(WARNING, "link", said, "Write a whole https:// address.", url)


def _answered(link: Link, whose: str, *, names_work: bool) -> Iterator[Finding]:
    if link.unasked or (link.status is not None and link.status in _GOOD):
        return
    url, sure = link.url, ERROR if whose else WARNING
    if link.refused:
        said = f"The link {whose}leads where no reader can follow: {link.problem}"
        yield Finding(ERROR, "link", said, "Link to an address on the public Internet.", url)
    elif link.status in _GONE:
        said = f"The link {whose}is dead ({link.status}): {url}"
        yield Finding(sure, "link", said, "Correct it, or leave the article out.", url)
    elif link.unknown:
        severity = sure if names_work else WARNING
        said = f"The link {whose}leads to a host that does not exist: {url}"
        yield Finding(severity, "link", said, "Correct it, or leave the article out.", url)
    else:
        problem = f"it says {link.status}" if link.status is not None else link.problem
        said = f"The link {whose}could not be followed ({problem.rstrip('.')}): {url}"
        yield Finding(WARNING, "link", said, "Look whether it opens in a browser.", url)


def _insecure(urls: list[str]) -> Iterator[Finding]:
    found = [one for one in urls if _scheme(one) == "http"]
    if found:
        said = f"{_count(found)} not HTTPS: {_some(found)}"
        yield Finding(WARNING, "https", said, "Link to https:// where the site has it.", found[0])


def _unasked(asked: Iterable[Link]) -> Iterator[Finding]:
    found = [one.url for one in asked if one.unasked]
    if found:
        said = f"{_count(found)} not looked at for lack of time: {_some(found)}"
        cure = "`colporteur editions preflight` looks again."
        yield Finding(WARNING, "link", said, cure, found[0])


def _count(found: list[str]) -> str:
    return "1 link is" if len(found) == 1 else f"{len(found)} links are"


def _some(found: list[str]) -> str:
    more = len(found) - _NAMED_AT_MOST
    return ", ".join(found[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
