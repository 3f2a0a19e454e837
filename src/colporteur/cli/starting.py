"""``colporteur check`` and ``init``: before anything runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.tree import Tree

from colporteur.cli.dkim import signing_hints
from colporteur.cli.house import console
from colporteur.clock import utcnow
from colporteur.config import load_settings, shipped
from colporteur.editions.calendar import next_slot
from colporteur.exceptions import ColporteurError, TemplatesBroken
from colporteur.publication import Cadence, Channel, DigestRules, Publication
from colporteur.publication.files import read_publication
from colporteur.publication.sending import DomainGroup
from colporteur.publication.values import format_duration

_LAST_DAY = 31
_NOBODY_TOLD = (
    "alerts_to is empty, so that only approvers and admins (`colporteur users list`) are told when "
    "something is wrong. Name somebody in publication.toml."
)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(check)
    app.command()(init)


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder with publication.toml; COLPORTEUR_FEEDS by default."),
    ] = None,
) -> None:
    """Say what will be published, or every mistake with its file, line, key and cure.

    Every template is rendered, too, in each of the publication's languages, those of
    COLPORTEUR_TEMPLATES before the shipped ones. One of yours that has a mistake is told, though
    the shipped one would serve in its place.

    Example: [bold]colporteur check my-paper[/]
    """
    settings = load_settings()
    publication = read_publication(folder or settings.feeds_folder).publication
    tree = Tree(f"[bold]{escape(publication.title)}[/]  {escape(publication.base_url)}")
    tree.add(f"languages {', '.join(publication.languages)}; hours in {publication.timezone}")
    tree.add(escape(f"from {publication.sender.name} <{publication.sender.address}>"))
    tree.add(f"topics {', '.join(publication.topics) or 'none'}")
    tree.add(_specials(publication))
    for said in _leaving(publication):
        tree.add(escape(said))
    for channel in publication.channels:
        _add_channel(tree, publication, channel)
    console.print(tree, highlight=False)
    if not publication.alerts_to:
        console.print(f"Hint: {_NOBODY_TOLD}", highlight=False, soft_wrap=True)
    for hint in signing_hints(settings, publication):
        console.print(f"Hint: {escape(hint)}", highlight=False, soft_wrap=True)
    from colporteur.cli.template_check import (  # noqa: PLC0415 - the web's pages: 0.5 s for all else
        template_mistakes,
    )

    mistakes = template_mistakes(settings, publication)
    if mistakes:
        raise TemplatesBroken(mistakes)
    console.print("No mistake found.")


def init(
    folder: Annotated[Path, typer.Argument(help="A new folder for your publication.")],
) -> None:
    """Start a publication of your own: a folder to edit, then to check and to run.

    Example: [bold]colporteur init my-paper[/]
    """
    if folder.exists() and any(folder.iterdir()):
        raise ColporteurError(f"{folder} is not empty.", cure="Name a new folder.")
    source = shipped("feeds")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(source.glob("*.toml")):
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise ColporteurError(
            f"{folder} cannot be written: {error.strerror}.", cure="Choose another folder."
        ) from None
    name = escape(str(folder))
    console.print(f"Your publication is in {name}. Now:")
    console.print(f"  1. write its name, sender and channels into {name}/*.toml")
    console.print(f"  2. colporteur check {name}")
    console.print(f"  3. COLPORTEUR_FEEDS={name} colporteur up")


def _specials(publication: Publication) -> str:
    rules = publication.specials
    said = f"special editions wait {format_duration(rules.hold)}"
    if rules.approval:
        said += ", leave when somebody approved them"
    if publication.four_eyes:
        said += "; nobody approves their own work"
    return f"{said}; above {rules.confirm_above} readers their number is asked for"


def _leaving(publication: Publication) -> Iterator[str]:
    """What keeps mail waiting, where the files say something of it."""
    if publication.quiet_hours:
        yield f"quiet hours {publication.quiet_hours} for who chose no hour"
    for domain, plan in publication.warm_up.items():
        days = ", ".join(str(count) for count in plan.days[:3])
        yield f"{domain} warms up from {plan.start}: {days}{'…' if plan.days[3:] else ''} a day"
    groups = publication.groups_in_force()
    for name in publication.domain_groups:
        yield f"mail to {name}: {in_words_of(groups[name]) if name in groups else 'no limits'}"


def in_words_of(group: DomainGroup) -> str:
    """What a provider takes: ``2 connections, 100 messages on each, 20/second``."""
    said = [str(limit) for limit in group.limits]
    if group.messages is not None:
        said.insert(0, f"{group.messages} messages on each connection")
    if group.connections is not None:
        said.insert(0, f"{group.connections} at once")
    return ", ".join(said) or "no limits"


def _add_channel(tree: Tree, publication: Publication, channel: Channel) -> None:
    base = escape(publication.base_url)
    branch = tree.add(f"[bold]{channel.slug}[/]  {escape(channel.title)} ({channel.language})")
    text = "whole texts" if channel.feed.full_text else "teasers"
    branch.add(
        f"{base}/feeds/{channel.slug}.rss .atom .json  ({channel.feed.limit} entries, {text})"
    )
    if channel.digest is None:
        branch.add("no digests")
        return
    _add_digests(branch, publication, channel.digest)


def _add_digests(branch: Tree, publication: Publication, rules: DigestRules) -> None:
    now = utcnow()
    for name, cadence in rules.cadences.items():
        zone = publication.zone_of(cadence)
        said = f"{name}: {in_words(cadence)}"
        if cadence.rule != "instant":
            upcoming = next_slot(cadence, zone, now, rules.skip)
            when = f"{upcoming:%Y-%m-%d %H:%M} UTC" if upcoming else "none"
            said = f"{said} ({zone}); next {when}"
        branch.add(said)
    if rules.skip:
        branch.add(f"nothing on {', '.join(f'{day}' for day in rules.skip)}")
    if rules.quiet_hours is not None:
        branch.add(f"quiet hours {rules.quiet_hours}")
    if rules.approval:
        branch.add("leaves when somebody approved it")


def in_words(cadence: Cadence) -> str:
    """A cadence as people say it, without its zone: ``weekly, sun at 09:00``."""
    if cadence.rule == "instant":
        return "instant, 5 minutes after an article"
    if cadence.every is not None:
        days = f"every {format_duration(cadence.every)} from {cadence.starting}"
    elif cadence.on:
        days = f"monthly, {cadence.on}"
    elif cadence.day:
        days = f"monthly, {'last day' if cadence.day == _LAST_DAY else f'day {cadence.day}'}"
    else:
        days = f"{cadence.rule}, {' '.join(cadence.weekdays) or 'every day'}"
    return f"{days} at {' '.join(f'{at:%H:%M}' for at in cadence.at)}"
