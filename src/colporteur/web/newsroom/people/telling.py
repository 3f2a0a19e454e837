"""Choices as the pages of people tell them. Pure."""

from collections.abc import Iterable, Sequence

from colporteur.staff.people import Person
from colporteur.staff.permissions import ASKED_BY_SCOPE, may
from colporteur.staff.tokens import Scope

LANGUAGES = (("fr", "Français"), ("en", "English"), ("ar", "العربية"))
LASTS = (30, 90, 365, 0)
"""Days that a token may work; 0 for ever."""


def scopes_for(person: Person) -> list[Scope]:
    """What somebody may let a program do. Ghost's is made by the command line, with its secret."""
    asked = ((one, ASKED_BY_SCOPE.get(one)) for one in Scope if one is not Scope.GHOST)
    return [one for one, what in asked if what is not None and may(person, what)]


def known_scopes(names: Iterable[str], offered: Sequence[Scope]) -> list[Scope]:
    """Those of a form that were offered."""
    wanted = set(names)
    return [one for one in offered if one.value in wanted]
