"""Section feeds: a channel's documents after one new article, against feedgen's full build."""

from datetime import UTC, datetime, timedelta

from bench.measuring import compare, median_us
from colporteur.syndication.feed import Entry, Head
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
)


def section() -> None:
    """Write feeds of two sizes: joined from fragments, against feedgen in one go."""
    for size in (50, 500):
        entries = _entries(size)
        for one in (RSS, ATOM):
            kept = [one.fragment(entry, _HEAD) for entry in entries]
            compare(
                f"{one.suffix} of {size} entries, before compression",
                ("joined from fragments", median_us(lambda: one.join(_HEAD, kept), 10)),  # noqa: B023
                ("feedgen in one go", median_us(lambda: one.whole(_HEAD, entries), 10)),  # noqa: B023
            )


def _entries(size: int) -> list[Entry]:
    return [
        Entry(
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
        for number in range(size)
    ]
