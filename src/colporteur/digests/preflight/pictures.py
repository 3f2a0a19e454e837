"""Pictures: what stands in their place where they are blocked, and how heavy they are."""

from collections.abc import Iterator

from colporteur.digests.preflight.finding import WARNING, Finding
from colporteur.digests.preflight.markup import parsed
from colporteur.digests.preflight.material import Picture, Piece
from colporteur.digests.rendering import Rendering

WIDE = 3000
HEAVY = 1_000_000
"""Pixels and bytes above which a picture takes its time on a telephone."""


def check_markup(rendering: Rendering) -> Iterator[Finding]:
    """Every ``<img>`` says what it shows, or that it says nothing (``alt=""``)."""
    for image in parsed(rendering.html).iter("img"):
        if image.get("alt") is None:
            source = image.get("src", "")
            yield Finding(
                WARNING,
                "alt",
                f"A picture in the template has no alt: {source[:100]}",
                'Write alt="…", or alt="" for an ornament.',
                source,
            )


def check_piece(piece: Piece) -> Iterator[Finding]:
    """What is known of an article's picture."""
    picture = piece.picture
    if picture is None:
        return
    of = f"The picture of “{piece.name}”"
    if not picture.alt.strip():
        said = f"{of} has no alternative text: who cannot see it does not know what it shows."
        yield Finding(WARNING, "alt", said, "Describe it in the article's image alt.", picture.url)
    if picture.problem:
        said = f"{of} cannot be shown: {picture.problem}"
        yield Finding(WARNING, "picture", said, "Give the article another picture.", picture.url)
    for heavy in _heaviness(picture):
        cure = f"Save it smaller: at most {WIDE} pixels wide, and 1 MB."
        yield Finding(WARNING, "picture", f"{of} is {heavy}.", cure, picture.url)


def _heaviness(picture: Picture) -> Iterator[str]:
    if picture.width is not None and picture.width > WIDE:
        yield f"{picture.width} pixels wide"
    if picture.length is not None and picture.length > HEAVY:
        yield f"{picture.length / 1_000_000:.1f} MB heavy"
