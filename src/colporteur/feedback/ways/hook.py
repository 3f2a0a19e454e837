"""What a webhook is: a service tells of bounces and complaints by POST, and proves that it is it.

Another service's is one more class with these two members, named in ``web.feedback``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from colporteur.exceptions import HookMalformed
from colporteur.feedback.clues import Incoming
from colporteur.feedback.dropping import Drop

BODY_AT_MOST = 1024 * 1024


class Hook(Protocol):
    """One service's webhook."""

    @property
    def source(self) -> str:
        """Its name in ``feedback.source``, at most 20 characters, and in its address."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Incoming | Drop]:
        """What a request tells; header names are in small letters.

        Raises:
            HookForged: it is not from that service, or not meant for us.
            HookMalformed: nobody can read it.
            FetchRefused, FetchFailed: what proves it cannot be had now.
        """


def text_of(said: Mapping[str, Any], name: str) -> str:
    """A text among what was said, empty where there is none; whatever else stands there."""
    found = said.get(name)
    return found if isinstance(found, str) else ""


def part_of(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object among what was said, empty where there is none."""
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def parts_of(said: Mapping[str, Any], name: str, at_most: int = 100) -> Sequence[Mapping[str, Any]]:
    """The objects of a list among what was said."""
    found = said.get(name)
    listed = found if isinstance(found, list) else []
    return [one for one in listed if isinstance(one, dict)][:at_most]


def whole(found: object) -> Mapping[str, Any]:
    """An object.

    Raises:
        HookMalformed: it is something else.
    """
    if not isinstance(found, dict):
        raise HookMalformed("The request is no JSON object.")
    return found
