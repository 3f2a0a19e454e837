"""What a first start does: the publication put in force and, on request, the sample shown."""

import logging
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from rich.markup import escape
from rich.panel import Panel
from sqlalchemy import Connection, delete, insert, select

from colporteur.cli.articles import build_feeds, import_file
from colporteur.cli.braking import brake_lines
from colporteur.cli.editions import people, send_now
from colporteur.cli.house import console, house
from colporteur.cli.publication import put_in_force
from colporteur.cli.subscribers import add_sample_readers
from colporteur.cli.watching import watch
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.editions import editions
from colporteur.db.tables.publication import facts
from colporteur.editions.brakes import suspend
from colporteur.publication import site
from colporteur.publication.files import read_publication
from colporteur.publication.revisions import current
from colporteur.staff import credentials, links
from colporteur.staff.links import Purpose
from colporteur.syndication.documents import touch_all
from colporteur.syndication.fragments import WRITTEN_AS
from colporteur.tasks import Runtime

_log = logging.getLogger(__name__)
_SAMPLE_TAKEN = "sample_taken"
_DIGEST_WITHIN_S = 60


@dataclass
class Begun:
    """What a first start did before the engine runs, and the editions that shall leave then."""

    done: list[str] = field(default_factory=list)
    leaving: list[tuple[str, int, int]] = field(default_factory=list)  # channel, edition, readers


def first_start(run: Runtime, *, with_sample: bool) -> Begun:
    """Apply the publication's files if none is in force, and take the sample in.

    Before the engine runs: else the calendar, just before one of its hours, would be faster with
    an edition of its own, and the sample's readers would wait for that.
    """
    with reading(run.engine) as connection:
        new = current(connection) is None
        sample = with_sample and _fact(connection, _SAMPLE_TAKEN) is None
    begun = Begun()
    if new:
        put_in_force(run, read_publication(run.settings.feeds_folder), "first start")
        follow_site(run)
        begun.done.append(f"The publication in {run.settings.feeds_folder} is in force.")
    if sample and run.settings.outbox is not None:
        _take_sample(run, begun)
    return begun


def welcome(run: Runtime, begun: Begun) -> None:
    """See the first digests leave, now that the engine runs; say where to look."""
    for channel, edition_id, count in begun.leaving:
        watch(run, edition_id, _DIGEST_WITHIN_S)
        begun.done.append(f"The first digest of {channel} has left for {people(count)}.")
    build_feeds(run)
    _welcome(run, begun.done)


def follow_site(run: Runtime) -> None:
    """Have the feeds built anew when they would say something else than at the last start.

    The site's address is another, or this release writes entries otherwise. With a real relay
    another address holds all mail back: this may be a copy of the database that readers know.
    """
    with writing(run.engine) as connection:
        revision = current(connection)
        if revision is None:
            return
        address = run.settings.site(revision.publication.base_url)
        before = site.noted(connection)
        moved = site.note(connection, site.SITE, address)
        real = run.settings.outbox is None and run.settings.has_site
        if before is not None and moved and real:
            now = database_now(connection)
            why = f"The site's address was {before} and is {address} now."
            suspend(connection, by="start", why=why, now=now)
            _log.warning("%s All sending is held back until `colporteur release`.", why)
        if site.note(connection, "feeds_written_as", WRITTEN_AS) or moved:
            touch_all(connection)


def _take_sample(run: Runtime, begun: Begun) -> None:
    folder = run.settings.feeds_folder
    results = [
        result
        for path in sorted((folder / "articles").glob("*.md"))
        for result in import_file(run, path)
    ]
    taken = sum(one.outcome == "added" for one in results)
    readers = add_sample_readers(run, folder / "readers.csv")
    begun.done.append(f"{taken} articles were taken in.")
    begun.done.append(f"{readers} sample readers are subscribed.")
    for channel, cadence in _unsent(run):
        edition, count = send_now(run, channel, cadence)
        if count:
            begun.leaving.append((channel, edition.id, count))
    with writing(run.engine) as connection:
        _state(connection, _SAMPLE_TAKEN, value=True)


def _unsent(run: Runtime) -> list[tuple[str, str]]:
    """The channels without any edition yet, each with its first cadence."""
    with house(run) as inside:
        begun = set(inside.connection.scalars(select(editions.c.channel_id)))
        return [
            (channel.slug, next(iter(channel.digest.cadences)))
            for channel in inside.publication.channels
            if channel.digest and inside.names.channels[channel.slug] not in begun
        ]


def _welcome(run: Runtime, done: list[str]) -> None:
    with house(run) as inside:
        title = inside.publication.title
        first = inside.publication.channels[0].slug
        address = inside.site
    lines = [f"[green]✓[/] {escape(line)}" for line in done]
    if done:
        lines.append("")
    lines.append(f"The site      {address}/")
    lines.append(f"A feed        {address}/feeds/{first}.atom")
    lines.append(f"All feeds     {address}/feeds.opml")
    if run.settings.outbox is not None:
        here = urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}
        lines.append(f"The mail      {f'{address}/outbox' if here else run.settings.outbox}")
    opens = _first_admin(run, address)
    lines.append(f"The newsroom  {'by the link below, once' if opens else f'{address}/newsroom/'}")
    lines.append("")
    lines += [f"[yellow]![/] {escape(line)}" for line in brake_lines(run)]
    lines.append("Ctrl-C stops it.")
    console.print(
        Panel("\n".join(lines), title=f"{escape(title)} is up", expand=False, padding=(1, 3))
    )
    if opens:  # outside of the frame, which would cut it
        console.print("Nobody signs in yet. Be the first: choose your address and password at")
        console.print(opens, soft_wrap=True, highlight=False, markup=False)


def _first_admin(run: Runtime, site: str) -> str:
    """A link by which the first admin comes in; none once anybody has a password."""
    with writing(run.engine) as connection:
        if not credentials.nobody_signs_in(connection):
            return ""
        text = links.make(connection, Purpose.FIRST, None, database_now(connection))
    return f"{site}{links.path_of(text)}"


def _fact(connection: Connection, name: str) -> object:
    return connection.scalar(select(facts.c.value).where(facts.c.name == name))


def _state(connection: Connection, name: str, value: object) -> None:
    connection.execute(delete(facts).where(facts.c.name == name))
    connection.execute(insert(facts).values(name=name, value=value))
