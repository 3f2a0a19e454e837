"""From a wished-for publication to a revision: what it changes, who changed it meanwhile."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from colporteur.exceptions import PublicationInvalid
from colporteur.publication import Publication
from colporteur.publication.revisions import apply, difference, numbered
from colporteur.publication.stranding import refuse_to_strand
from colporteur.syndication.documents import touch_all
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.numbers import version
from colporteur.web.newsroom.room import Changed
from colporteur.web.newsroom.settings.telling import Say, Told, summary, told

_CHANGES_TOLD = 10
_WHY_AT_MOST = 300
SOURCE = "newsroom"
_STRANDED = (
    (
        r"channel (?P<name>\S+): (?P<number>\d+) readers? would be left",
        "%(name)s: readers who would be left without it: %(number)s. Have them go elsewhere.",
    ),
    (
        r"channel (?P<name>\S+): (?P<number>\d+) readers? chose the cadence '(?P<cadence>.+)'",
        "%(name)s: readers who chose “%(cadence)s”: %(number)s. Keep it.",
    ),
    (r"topic (?P<name>\S+): readers chose it", "%(name)s: readers chose it. Name its successor."),
)


@dataclass(frozen=True)
class Plan:
    """What would change; ``stranded`` are the reasons for which it may not."""

    wanted: Publication
    lines: Sequence[Told]
    stranded: Sequence[str]
    notes: Sequence[str] = ()


def _nothing() -> Sequence[str]:
    return ()


def plan(
    desk: Desk,
    wanted: Publication,
    say: Say,
    tag: str,
    more: Callable[[], Sequence[str]] = _nothing,
) -> Plan:
    """What a publication would change if it were put in force now.

    ``more`` is done in the same transaction before that, and tells what it does.
    """
    found = difference(desk.connection, wanted)
    stranded: Sequence[str] = ()
    notes = more()
    try:
        refuse_to_strand(desk.connection, wanted, desk.publication)
    except PublicationInvalid as error:
        stranded = [_stranded(one, desk.publication, say) for one in error.mistakes]
    return Plan(wanted, told(desk.publication, wanted, found, say, tag), stranded, notes)


def _stranded(said: str, publication: Publication, say: Say) -> str:
    """Why readers would be left with nothing, in the words of a page."""
    for pattern, message in _STRANDED:
        if found := re.match(pattern, said):
            known = {one.slug: one.title for one in publication.channels}
            known |= {
                slug: next(iter(one.name.values()), slug)
                for slug, one in publication.topics.items()
            }
            values = found.groupdict()
            return say(message, **values | {"name": known.get(values["name"], values["name"])})
    return said


def put_in_force(
    desk: Desk,
    wanted: Publication,
    why: str,
    action: str = "settings.changed",
    source: str = SOURCE,
) -> bool:
    """Make it a revision, in the caller's transaction; False if it says what is in force.

    Raises:
        PublicationInvalid: readers would be left with nothing.
    """
    made = apply(
        desk.connection,
        wanted,
        by=desk.by,
        why=why[:_WHY_AT_MOST],
        now=desk.now,
        source=source,
    )
    if made is None:
        return False
    touch_all(desk.connection)
    desk.note(action, f"revision:{made.number}", why=why)
    return True


def is_stale(desk: Desk, seen: str) -> bool:
    """Whether somebody changed the settings since a form was opened."""
    return seen != str(desk.revision.number)


def changed_since(desk: Desk, seen: str, say: Say, tag: str) -> list[Changed]:
    """What was changed since a revision, the newest first."""
    last = desk.revision.number
    known = version(seen)
    first = max(min(known, last), last - _CHANGES_TOLD, 1)
    found, before = [], numbered(desk.connection, first)
    for number in range(first + 1, last + 1):
        after = numbered(desk.connection, number)
        what = summary(before.publication, after.publication, say, tag)
        at = Clock(tag, desk.publication.timezone).in_full(after.made_at)
        found.append(Changed(after.made_by, at, what))
        before = after
    return found[::-1]
