"""``colporteur editions special`` and ``correction``: draft, ask, confirm."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from colporteur.articles.store import ids_of
from colporteur.cli.forecasting import expected, in_words
from colporteur.cli.house import House, console, house, looking, runtime
from colporteur.cli.moments import both_clocks
from colporteur.cli.publication import user
from colporteur.editions.brakes import in_force
from colporteur.editions.drafting import Wanted, correction_of, drafted, question, special_of
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.moments import read_moment
from colporteur.editions.specials import confirm, draft
from colporteur.editions.specials import withdraw as take_back
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load
from colporteur.exceptions import ColporteurError, SpecialRefused
from colporteur.tasks import Runtime

Subject = Annotated[str, typer.Option(help="The subject; else the first article's title.")]
Preheader = Annotated[str, typer.Option(help="The line that mail programs show after it.")]
Note = Annotated[str, typer.Option(help="A note above the articles, Markdown.")]
NoteFile = Annotated[Path | None, typer.Option(help="A file with the note.")]
At = Annotated[
    str | None,
    typer.Option(help="When, on the publication's clock: 2026-11-24T07:00. Now by default."),
]
Key = Annotated[str, typer.Option(help="A key of your own: run twice with it, it is one edition.")]
Readers = Annotated[
    int | None, typer.Option(help="The number of readers, typed beforehand, for scripts.")
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Answer the yes/no; never the number of readers.")
]


@dataclass(frozen=True)
class Answers:
    """What was said beforehand to what a special edition asks; ``at`` None is now."""

    at: datetime | None
    readers: int | None
    yes: bool


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("special")(special)
    app.command("correction")(correction)


def special(
    channel: Annotated[str, typer.Argument(help="Its home: language, sender and List-Id.")],
    *,
    article: Annotated[
        list[str] | None, typer.Option(help="An article's slug; several in their order.")
    ] = None,
    note: Note = "",
    note_file: NoteFile = None,
    subject: Subject = "",
    preheader: Preheader = "",
    to: Annotated[
        list[str] | None, typer.Option(help="A channel whose readers get it; else the home.")
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Only readers whose own topics let an article of these pass."),
    ] = None,
    at: At = None,
    key: Key = "",
    readers: Readers = None,
    yes: Yes = False,
) -> None:
    """Send a special edition, after saying exactly how many people get it.

    Confirmed, it can be withdrawn until its hold is over. A draft that nobody confirmed stays:
    the same command with its --key, and nothing else of it, asks again.

    Example: [bold]colporteur editions special actualites --article un-port --note "Alerte." --key alerte-1[/]
    """
    run = runtime()
    moment = _moment(run, at)
    wanted = Wanted(
        articles=tuple(article or ()),
        note=_note(note, note_file),
        subject=subject,
        preheader=preheader,
        to=tuple(to or ()),
        topics=tuple(topic or ()),
    )
    with house(run) as inside:
        home = inside.publication.channel(channel)
        found = drafted(inside.connection, inside.names, home, key) if wanted.empty else None
        if found is None:
            ids = ids_of(inside.connection, wanted.articles)
            content = special_of(inside.publication, inside.names, home, wanted, ids)
            found = draft(
                inside.connection,
                content,
                inside.names,
                key=key or _new_key(),
                by=user(),
                now=inside.now,
            )
    _ask_and_confirm(run, found, Answers(moment, readers, yes), f"special {channel}")


def correction(
    edition: Annotated[int, typer.Argument(metavar="EDITION", help="What is corrected.")],
    note: Note = "",
    note_file: NoteFile = None,
    subject: Annotated[str, typer.Option(help="The subject.")] = "",
    preheader: Preheader = "",
    at: At = None,
    key: Key = "",
    readers: Readers = None,
    yes: Yes = False,
) -> None:
    """Write to those who received an edition what was wrong in it.

    Example: [bold]colporteur editions correction 12 --subject "Correction" --note "It is 40, not 400."[/]
    """
    run = runtime()
    moment = _moment(run, at)
    wanted = Wanted(note=_note(note, note_file), subject=subject, preheader=preheader)
    with house(run) as inside:
        corrected = load(inside.connection, edition)
        content = correction_of(inside.publication, inside.names, corrected, wanted)
        known = drafted(inside.connection, inside.names, content.home, key)
        found = (
            known
            if known and wanted.empty
            else draft(
                inside.connection,
                content,
                inside.names,
                key=key or _new_key(),
                by=user(),
                now=inside.now,
            )
        )
    _ask_and_confirm(run, found, Answers(moment, readers, yes), f"correction {edition}")


def _ask_and_confirm(run: Runtime, found: Edition, answers: Answers, command: str) -> None:
    with looking(run) as inside:
        asked = question(inside.connection, inside.revision, found, _whom(run, inside))
        meant = replace(found, send_at=answers.at)
        ahead = None if asked.settled else expected(run, inside, meant)
    if asked.settled:
        _say(f"There is an edition of this key already: edition {found.id}, {found.state}.")
        return
    _say(f"Edition {found.id} goes to {_people(asked.readers)}.")
    if asked.staff_only:
        _say("The publication is in rehearsal: only its staff get mail.")
    for line in in_words(ahead, inside.publication.timezone) if ahead else ():
        _say(line)
    try:
        agreed, typed = _answer(asked.readers, answers, number_asked=asked.number_asked)
        if agreed:
            _confirm(run, found, answers.at, typed, asked.readers)
            return
    except (typer.Abort, SpecialRefused):
        _say(f"It stays a draft. To confirm it: colporteur editions {command} --key {found.key}")
        raise
    with house(run) as inside:
        take_back(inside.connection, found, by=user(), why="not confirmed", now=inside.now)
    _say("It is not sent, and its draft is cancelled.")


def _answer(count: int, answers: Answers, *, number_asked: bool) -> tuple[bool, int | None]:
    """Whether to send it, and the number of readers as it was typed."""
    if answers.readers is not None:
        if answers.readers != count:
            raise SpecialRefused(
                f"This edition goes to {_people(count)}, and {answers.readers} was typed.",
                cure="Look at whom it is for, then type the number that is shown.",
            )
        return True, count
    if number_asked and count:
        return True, typer.prompt("Type the number of readers to confirm", type=int)
    return answers.yes or not count or typer.confirm("Send it?"), None


def _confirm(
    run: Runtime, found: Edition, at: datetime | None, typed: int | None, shown: int
) -> None:
    with house(run) as inside:
        whom = _whom(run, inside)
        now_meant = question(inside.connection, inside.revision, found, whom).readers
        after = confirm(
            inside.connection,
            load(inside.connection, found.id),
            inside.revision,
            typed=typed,
            at=at,
            by=user(),
            now=inside.now,
            whom=whom,
        )
    if now_meant != shown:
        _say(f"Meanwhile it is {_people(now_meant)}.")
    _tell(inside, after)


def _tell(inside: House, after: Edition) -> None:
    if after.state is State.SKIPPED:
        _say(f"Nothing was sent: {after.reason}.")
        return
    withdraw = f"`colporteur editions withdraw {after.id}`"
    assert after.send_at is not None
    leaves = both_clocks(after.hold_until or after.send_at, inside.publication.timezone)
    if after.state is State.AWAITING_APPROVAL:
        _say(f"It waits for an approver: `colporteur editions approve {after.id}`.")
        _say(f"{withdraw} takes it back.")
        return
    _say(f"It leaves at {leaves}. Until then {withdraw} takes it back.")


def _moment(run: Runtime, at: str | None) -> datetime | None:
    with looking(run) as inside:
        return read_moment(at, inside.publication.timezone) if at else None


def _whom(run: Runtime, inside: House) -> Whom:
    """Everybody, or the staff in rehearsal."""
    real_relay = run.settings.outbox is None
    brake = in_force(inside.connection, inside.publication, real_relay=real_relay)
    return Whom(staff=brake.staff_only)


def _note(text: str, path: Path | None) -> str:
    if path is None:
        return text
    if text:
        raise typer.BadParameter("--note and --note-file contradict each other.")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ColporteurError(
            f"{path} cannot be read: {error}.", cure="Name a text file in UTF-8."
        ) from None


def _new_key() -> str:
    return secrets.token_hex(8)


def _people(count: int) -> str:
    return "1 reader" if count == 1 else f"{count} readers"


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
