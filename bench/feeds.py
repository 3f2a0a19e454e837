"""Section feeds: a channel's new bytes after one new article, against feedgen's full build."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import brotli
from feedgen.feed import FeedGenerator

from bench.measuring import compare, median_us
from colporteur.syndication.feed import Entry, Head
from colporteur.syndication.fragments import Format
from colporteur.syndication.jsonfeed import JSON
from colporteur.syndication.lint import lint_fragment, lint_head
from colporteur.syndication.xml import ATOM, RSS

_NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
_HEAD = Head(
    id="tag:relais.example,2026:feed",
    title="Le Relais",
    description="Une description.",
    language="fr",
    site="https://relais.example",
    home="https://relais.example/actualites",
    path="feeds/actualites",
    rights="© Le Relais",
    updated=_NOW,
    author="Le Relais",
)


def section() -> None:
    """Write feeds of two sizes: one entry and a join, against a plain build in one go."""
    for size in (50, 500):
        entries = [_entry(number) for number in range(size)]
        for written, plain in ((RSS, _plain_rss), (ATOM, _plain_atom), (JSON, _plain_json)):
            _compare(written, plain, entries)


def _compare(written: Format, plain: Callable[[list[Entry]], bytes], entries: list[Entry]) -> None:
    kept = [written.fragment(entry, _HEAD) for entry in entries[1:]]

    def ours() -> bytes:
        return written.join(_HEAD, [written.fragment(entries[0], _HEAD), *kept])

    rival = "json.dumps of all items" if written is JSON else "feedgen in one go"
    compare(
        f"New bytes: {written.suffix} of {len(entries)} entries",
        ("one new fragment, all joined", median_us(ours, 15)),
        (rival, median_us(lambda: plain(entries), 5)),
    )
    body, first = ours(), written.fragment(entries[0], _HEAD)
    shell = written.join(_HEAD, ())
    apart = {
        "lint of the new fragment and the head": lambda: (
            lint_fragment(first, written.suffix),
            lint_head(shell, written.suffix),
        ),
        "gzip -6 and brotli -5": lambda: (
            gzip.compress(body, 6, mtime=0),
            brotli.compress(body, quality=5),
        ),
    }
    for name, work in apart.items():
        print(f"  apart: {name:<39} {median_us(work, 5):>10.0f} µs")


def _plain_rss(entries: list[Entry]) -> bytes:
    return bytes(_plain(entries).rss_str())


def _plain_atom(entries: list[Entry]) -> bytes:
    return bytes(_plain(entries).atom_str())


def _plain(entries: list[Entry]) -> FeedGenerator:
    """A feed as feedgen's own manual shows it, without anything of ours."""
    feed = FeedGenerator()
    feed.id(_HEAD.id)
    feed.title(_HEAD.title)
    feed.link(href=_HEAD.home, rel="alternate")
    feed.description(_HEAD.description)
    feed.language(_HEAD.language)
    feed.updated(_HEAD.updated)
    for one in entries:
        item = feed.add_entry(order="append")
        item.id(one.id)
        item.title(one.title)
        item.link(href=one.link)
        item.summary(one.teaser)
        item.content(one.content, type="html")
        item.published(one.published)
        item.updated(one.updated)
        for name in one.authors:
            item.author(name=name)
        for term, label in one.categories:
            item.category(term=term, scheme=one.scheme, label=label)
    return feed


def _plain_json(entries: list[Entry]) -> bytes:
    items = [
        {
            "id": one.id,
            "url": one.link,
            "title": one.title,
            "summary": one.teaser,
            "content_html": one.content,
            "date_published": one.published.isoformat(),
            "date_modified": one.updated.isoformat(),
            "authors": [{"name": name} for name in one.authors],
            "tags": [label for _, label in one.categories],
        }
        for one in entries
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": _HEAD.title, "items": items}
    return json.dumps(feed, ensure_ascii=False).encode()


def _entry(number: int) -> Entry:
    return Entry(
        id=f"tag:relais.example,2026:{number}",
        link=f"https://relais.example/articles/{number}",
        title=f"Article {number}",
        teaser="Un extrait de deux phrases. Il dit de quoi il s’agit.",
        content="<p>Un paragraphe du texte, répété.</p>" * 20,
        language="fr",
        authors=("Maëlle Tarquin",),
        categories=(("health", "Santé"),),
        scheme="https://relais.example/topics",
        image=None,
        published=_NOW - timedelta(hours=number),
        updated=_NOW - timedelta(hours=number),
    )
