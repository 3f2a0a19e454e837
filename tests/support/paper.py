"""A publication in files, served by a real process, for programs that poll its feeds."""

import io
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from house import SITE, channel, publication
from running import Installation, wait_for

from colporteur import tasks
from colporteur.cli import main
from colporteur.publication.exporting import to_files

FRENCH: list[dict[str, Any]] = [
    {
        "id": "fr-port",
        "title": "Le port mesure & compare : « 1 < 2 »",
        "teaser": "Trois cents capteurs veillent sur les quais.",
        "body_html": '<p>Trois cents <a href="/quais">capteurs</a> veillent.</p>',
        "date": "2025-03-03T08:00:00Z",
        "topics": ["health", "law"],
        "authors": ["Amina Sefrioui"],
        "image": {
            "url": "https://img.example/quai.jpg",
            "alt": "Un quai à l’aube",
            "width": 1200,
            "height": 800,
        },
        "channels": ["actualites"],
    },
    {
        "id": "fr-son",
        "title": "À écouter : la voix des machines",
        "body_html": "<p>Une heure avec celles et ceux qui les entraînent.</p>",
        "date": "2025-03-03T09:00:00Z",
        "topics": ["law"],
        "enclosure": {
            "url": "https://son.example/voix.mp3",
            "type": "audio/mpeg",
            "length": 4_711_000,
        },
        "channels": ["actualites"],
    },
    {
        "id": "fr-repris",
        "title": "Repris d’une autre rédaction",
        "body_html": "<p>Un texte venu d’ailleurs, avec son origine.</p>",
        "date": "2025-03-03T10:00:00Z",
        "url": "https://ailleurs.example/repris",
        "source": {"title": "Ailleurs", "url": "https://ailleurs.example/feed"},
        "channels": ["actualites"],
    },
]
ARABIC: list[dict[str, Any]] = [
    {
        "id": f"ar-{name}",
        "title": title,
        "body_html": f"<p>{title}، والتفاصيل في النص.</p>",
        "date": f"2025-03-03T1{hour}:00:00Z",
        "topics": ["health"],
        "language": "ar",
        "channels": ["nashra"],
    }
    for hour, (name, title) in enumerate(
        [("sijill", "مدينة تنشر سجل الخوارزميات"), ("GPT", "GPT في المستشفيات")], start=1
    )
]
SERIES: list[dict[str, Any]] = [
    {
        "id": f"serie-{number}",
        "title": f"Épisode {number}",
        "body_html": f"<p>Le texte de l’épisode {number}.</p>",
        "date": f"2024-{1 + number // 28:02}-{1 + number % 28:02}T06:00:00Z",
        "language": "fr",
        "channels": ["serie"],
    }
    for number in range(105)
]


@dataclass
class Paper:
    """A running installation's publication, changed as its people would: by files and commands."""

    installation: Installation
    base_url: str = SITE
    channels: list[dict[str, Any]] = field(
        default_factory=lambda: [
            channel("actualites", "fr"),
            channel("nashra", "ar", topics=["health"]),
            channel("serie", "fr", topics=[], feed={"limit": 3}),
        ]
    )

    @classmethod
    def founded(cls, folder: Path) -> "Paper":
        """A publication's files in a folder, nothing started yet."""
        made = cls(Installation(folder))
        own = {"FEEDS": str(made.feeds), "BASE_URL": made.installation.url}
        made.installation.settings = {f"COLPORTEUR_{name}": value for name, value in own.items()}
        made.feeds.mkdir()
        made.write()
        return made

    @property
    def feeds(self) -> Path:
        """Where the publication's files are."""
        return self.installation.folder / "paper"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.installation.folder / "var" / "colporteur.db"

    def write(self) -> None:
        """The files as the publication now is."""
        wanted = publication(channels=self.channels, base_url=self.base_url)
        for name, text in to_files(wanted, 0).items():
            (self.feeds / name).write_text(text, encoding="utf-8")

    def rename(self, slug: str, to: str) -> None:
        """Give a channel another slug, keep the old one as a former name, put that in force."""
        for one in self.channels:
            if one["slug"] == slug:
                former = {*one.get("formerly", ()), slug} - {to}
                one |= {"slug": to, "formerly": sorted(former)}
        (self.feeds / f"{slug}.toml").unlink()
        self.write()
        self.does("publication", "apply", "--yes")
        wait_for(lambda: httpx.get(self.url(f"{to}.json")).status_code == 200)

    def take(self, articles: Sequence[dict[str, Any]], *options: str) -> None:
        """Import articles from one JSON file, and wait until the feeds served are built anew."""
        path = self.installation.folder / "articles.json"
        path.write_text(json.dumps(articles), encoding="utf-8")
        self.does("articles", "import", path, *options)
        self.wait_until_served()

    def wait_until_served(self) -> None:
        """Wait until the web gives what is stored; it takes all that changed over at once."""
        query = "SELECT etag FROM documents WHERE path = 'feeds/all.json'"
        asked = self.url("all.json")  # which no test counts the polls of
        wait_for(lambda: [(httpx.head(asked).headers.get("etag"),)] == self.ask(query))

    def does(self, *words: str | Path) -> str:
        """What a command that must succeed prints.

        It runs in this process, beside the one that serves: to start another costs two seconds.
        """
        with (
            pytest.MonkeyPatch.context() as patched,
            redirect_stdout(io.StringIO()) as printed,
            redirect_stderr(printed),
        ):
            patched.chdir(self.installation.folder)
            patched.setattr("sys.argv", ["colporteur", *map(str, words)])
            for name, value in self.installation.settings.items():
                patched.setenv(name, value)
            try:
                code = _code_of_main()
            finally:
                tasks.runtime().engine.dispose()
        assert code == 0, printed.getvalue()
        return printed.getvalue()

    def listed(self) -> list[dict[str, Any]]:
        """What ``feeds list`` tells of each document."""
        found: list[dict[str, Any]] = json.loads(self.does("feeds", "list", "--json"))
        return found

    def url(self, document: str) -> str:
        """The address of a feed such as ``actualites.rss``."""
        return f"{self.installation.url}/feeds/{document}"

    def answered(self, document: str, polls: int) -> dict[int, int]:
        """How often a feed was answered with each status, by the server's own count.

        The server writes its counts down every ten seconds; wait until so many polls are in.
        """
        found: Counter[int] = Counter()

        def counted() -> bool:
            query = "SELECT status, SUM(polls) FROM feed_polls WHERE path = ? GROUP BY status"
            found.clear()
            found.update(dict(self.ask(query, f"feeds/{document}")))
            return found.total() >= polls

        wait_for(counted)
        return dict(found)

    def ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        return rows(self.database, query, *values)


def rows(path: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    """Rows of an SQLite file."""
    with closing(sqlite3.connect(path, timeout=15)) as database, database:
        return database.execute(query, values).fetchall()


def _code_of_main() -> object:
    try:
        main()
    except SystemExit as left:
        return left.code or 0
    return 0
