"""Section feeds: writing a channel's three documents, at 50 and 500 entries."""

from datetime import UTC, datetime, timedelta

from bench.measuring import median_us
from colporteur.syndication.documents import WRITERS
from colporteur.syndication.feed import Entry, Feed

_NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)


def section() -> None:
    """Write feeds of two sizes in each format."""
    print("\nA feed's bytes, before compression")
    for size in (50, 500):
        feed = _feed(size)
        for suffix, writer in WRITERS.items():
            figure = median_us(lambda write=writer, one=feed: write(one), 10)  # type: ignore[misc]
            print(f"  {f'{suffix}, {size} entries':<46} {figure:>10.0f} µs")


def _feed(size: int) -> Feed:
    entries = tuple(
        Entry(
            id=f"tag:relais.example,2026:{number}",
            link=f"https://relais.example/articles/{number}",
            title=f"Article {number}",
            teaser="Un extrait de deux phrases. Il dit de quoi il s’agit.",
            content="<p>Un paragraphe du texte, répété.</p>" * 20,
            language="fr",
            authors=("Maëlle Tarquin",),
            categories=(("health", "Santé"),),
            image=None,
            published=_NOW - timedelta(hours=number),
            updated=_NOW - timedelta(hours=number),
        )
        for number in range(size)
    )
    site = "https://relais.example"
    return Feed(
        id="tag:relais.example,2026:feed",
        title="Le Relais",
        description="Une description.",
        language="fr",
        site=site,
        home=f"{site}/actualites",
        path="feeds/actualites",
        rights="© Le Relais",
        updated=_NOW,
        entries=entries,
    )
