"""Somebody's visit to a page of the newsroom: who they are, and what they sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request

from colporteur.staff.people import Person
from colporteur.staff.permissions import May, may
from colporteur.staff.sessions import Session
from colporteur.web.bodies import Form
from colporteur.web.newsroom.numbers import whole


@dataclass(frozen=True)
class Upload:
    """A file that came with a form."""

    name: str
    type: str  # as the browser says
    bytes: bytes


@dataclass(frozen=True)
class Visit:
    """A request of somebody who is signed in. ``tag`` is the language that they read."""

    request: Request
    person: Person
    session: Session
    tag: str
    query: Form
    form: Form
    files: Mapping[str, Upload] = field(default_factory=dict)

    def at(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def number(self, name: str = "id") -> int:
        """A part of the address that is an id.

        Raises:
            HTTPException: 404, it is none.
        """
        return as_id(self.at(name))

    def may(self, what: May) -> bool:
        """Whether they may do this."""
        return may(self.person, what)

    @property
    def path(self) -> str:
        """The address of the page, without its question."""
        return self.request.url.path


def as_id(text: str) -> int:
    """An id that came from outside.

    Raises:
        HTTPException: 404, no row can have it.
    """
    found = whole(text)
    if found is None:
        raise HTTPException(404)
    return found
