"""Counts whom a draft would reach, and says it in words."""

from dataclasses import dataclass

from colporteur.db import database_now, undoing
from colporteur.editions.brakes import in_force
from colporteur.editions.drafting import meant_by
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.special_reach import Reach, reach
from colporteur.editions.special_writing import Writing
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.tasks import Runtime
from colporteur.web.newsroom.specials.words import Words


@dataclass(frozen=True)
class Row:
    """A channel's readers, in words."""

    channel: str
    language: str
    get: str
    nothing: str


@dataclass(frozen=True)
class Told:
    """Whom a draft would reach, in words; numbers beside them where grammar asks for one."""

    reach: Reach
    meant: str
    get: str
    had_all: str
    had_some: str
    instead: str
    rows: list[Row]
    left_out: list[tuple[str, str]]


def reach_of(runtime: Runtime, writing: Writing) -> Reach:
    """Whom a draft would reach if it were confirmed now; nothing of it stays.

    Raises:
        UnknownName: the channel that it comes from was removed.
    """
    with undoing(runtime.engine) as connection:
        publication = require(connection).publication
        names, now = ids(connection, publication), database_now(connection)
        special = meant_by(publication, names, writing)
        real_relay = runtime.settings.outbox is None
        brake = in_force(connection, publication, real_relay=real_relay)
        whom = Whom(staff=brake.staff_only)
        return reach(connection, publication, names, special, whom, now)


def told(words: Words, found: Reach, channels: dict[int, tuple[str, str]]) -> Told:
    """It in words; ``channels`` are titles and languages by id."""
    return Told(
        found,
        words.people(found.meant),
        words.people(found.get),
        words.number(found.had_all),
        words.number(found.had_some),
        words.number(found.instead),
        [
            Row(
                *channels.get(number, (f"{number}", words.tag)),
                words.number(one.new + (one.had_all if found.note else 0)),
                words.number(0 if found.note else one.had_all),
            )
            for number, one in found.channels.items()
        ],
        [(words.number(count), words.left_out(why)) for why, count in found.left_out.items()],
    )
