"""Which copies of a picture are made, when it is asked for again, which one is shown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

WIDTHS = (240, 600, 1200)
"""Pixels: a card's 120 twice, a lead's 600 once and twice, for screens of both kinds."""
WAITING, KEPT, REFUSED = "waiting", "kept", "refused"
PIXELS_AT_MOST = 50_000_000  # unpacked it has four bytes each
TRIES = 5
_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)


@dataclass(frozen=True)
class Size:
    """A picture's address in one size; pixels, None where nobody knows them."""

    src: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Known:
    """What is known of the picture at an address; ``copies`` from the smallest to the largest."""

    state: str
    width: int | None
    height: int | None
    copies: tuple[Size, ...] = ()  # ``src`` is a path on our site


@dataclass(frozen=True)
class Picture:
    """A picture as a mail or a page shows it; ``sizes`` from the smallest to the largest."""

    alt: str
    sizes: tuple[Size, ...]

    @property
    def largest(self) -> Size:
        """The largest there is."""
        return self.sizes[-1]

    def at(self, width: int) -> Size:
        """The smallest that is sharp at so many pixels on a screen of two to one."""
        return next((one for one in self.sizes if (one.width or 0) >= 2 * width), self.largest)


def widths_of(width: int) -> tuple[int, ...]:
    """The widths of the copies of a picture so wide; none is enlarged."""
    return tuple(sorted({min(one, width) for one in WIDTHS}))


def height_at(width: int, of: tuple[int, int]) -> int:
    """How high a picture of ``of`` (width, height) is at another width; never nothing."""
    return max(1, round(of[1] * width / of[0]))


def wait_after(tries: int) -> timedelta:
    """How long a picture waits after so many tries, from 1."""
    return _WAITS[min(tries, len(_WAITS)) - 1]


def smallest(encoded: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Of one picture in several types the one that is quickest to load."""
    return min(encoded, key=lambda one: len(one[1]))
