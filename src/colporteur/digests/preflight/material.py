"""What preflight looks at: messages as they were rendered, and what they were made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from colporteur.digests.rendering import Rendering
from colporteur.typography import shorten

_NAMED_WITHIN = 80


@dataclass(frozen=True)
class Message:
    """A variant as it was rendered, and the ids of the articles that it brings, in order."""

    rendering: Rendering
    articles: tuple[int, ...]
    layout: str = ""


@dataclass(frozen=True)
class Picture:
    """What is known of an article's picture: pixels and bytes as it was found at its address.

    ``problem`` says why it is none that can be shown; None where nothing is known.
    """

    url: str
    alt: str
    width: int | None = None
    height: int | None = None
    length: int | None = None
    problem: str = ""


@dataclass(frozen=True)
class Piece:
    """An article that the edition brings."""

    id: int
    title: str
    teaser: str
    url: str
    picture: Picture | None = None
    spoken: tuple[str, float] | None = None
    """The language that its words are in, and how sure that is, 0 to 1; None for too few words."""

    @property
    def name(self) -> str:
        """Its title as findings name it."""
        return shorten(self.title, _NAMED_WITHIN)


@dataclass(frozen=True)
class Letterhead:
    """Who writes, in which language, and from where. ``real_relay``: it leaves for readers."""

    language: str
    sender_name: str
    postal_address: str
    site: str
    real_relay: bool


@dataclass(frozen=True)
class Link:
    """How an address answered. ``status`` is HTTP's, None where there was no answer.

    ``refused``: it is not on the public Internet, or no address at all; ``unknown``: its host has
    no address in the DNS; ``unasked``: there was no time left to ask.
    """

    url: str
    status: int | None = None
    problem: str = ""
    refused: bool = False
    unknown: bool = False
    unasked: bool = False


@dataclass(frozen=True)
class Answers:
    """How the links elsewhere answered, by address.

    Where ``names_work`` is False, this machine's name servers answer for no host at all.
    """

    links: Mapping[str, Link]
    names_work: bool = True


@dataclass(frozen=True)
class Material:
    """All that an edition's preflight looks at.

    ``own_pages`` are the paths of this edition's links to our own site that lead somewhere;
    ``in_words`` the addresses in what an editor wrote; ``broken`` says of each template that did
    not render what is wrong with it, ``replaced`` the same of those that the shipped one served
    for.
    """

    letterhead: Letterhead
    messages: tuple[Message, ...]
    pieces: Mapping[int, Piece]
    own_pages: frozenset[str] = frozenset()
    in_words: frozenset[str] = frozenset()
    broken: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
