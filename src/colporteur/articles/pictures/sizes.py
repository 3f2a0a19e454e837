"""Which copies of a picture are made, when it is asked for again, which one is shown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

WIDTHS = (240, 600, 1200)
"""Pixels: a card's 120 twice, a lead's 600 once and twice, for screens of both kinds."""
WAITING, KEPT, REFUSED = "waiting", "kept", "refused"
PIXELS_AT_MOST = 25_000_000  # unpacked each has four bytes
PIXELS_WHERE_DOUBLED = 13_000_000  # decoders of WebP and AVIF hold up to four such pictures
SIDE_AT_MOST = 12_000
TALL_AT_MOST = 4  # times its width: what is taller fills screens of a mail with a strip
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


def too_large(width: int, height: int, *, at_most: int) -> str:
    """Why a picture so wide and high, and of how many pixels, is not even unpacked; else empty."""
    if max(width, height) > SIDE_AT_MOST:
        return f"more than {SIDE_AT_MOST} pixels on a side"
    if width * height > at_most:
        return f"more than {at_most / 1_000_000:.0f} million pixels"
    return ""


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
