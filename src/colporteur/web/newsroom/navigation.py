"""Where the newsroom leads: its pages in the order that people need them."""

from collections.abc import Sequence
from dataclasses import dataclass

from colporteur.staff.people import Person
from colporteur.staff.permissions import May, may


@dataclass(frozen=True)
class Entry:
    """An entry of the menu; its label is a message of the catalogues."""

    path: str
    label: str
    may: May


ENTRIES = (
    Entry("/newsroom/", "Today", May.LOOK),
    Entry("/newsroom/calendar", "Calendar", May.LOOK),
    Entry("/newsroom/articles", "Articles", May.WRITE),
    Entry("/newsroom/editions", "Editions", May.LOOK),
    Entry("/newsroom/specials", "Special editions", May.STEER),
    Entry("/newsroom/readers", "Readers", May.READERS),
    Entry("/newsroom/reports", "Reports", May.LOOK),
    Entry("/newsroom/settings", "Settings", May.SETTINGS),
    Entry("/newsroom/people", "People", May.PEOPLE),
)


def entries_for(person: Person) -> Sequence[Entry]:
    """The entries that somebody may follow."""
    return [one for one in ENTRIES if may(person, one.may)]


def current(path: str) -> str:
    """The path of the entry that an address belongs to; empty if to none."""
    found = [one.path for one in ENTRIES if path == one.path or path.startswith(f"{one.path}/")]
    return "/newsroom/" if path == "/newsroom" else max(found, key=len, default="")
