"""The picture that a card shows: our own copies where there are any, else the original. Pure."""

from collections.abc import Mapping

from colporteur.articles.pictures.sizes import REFUSED, Known, Picture, Size
from colporteur.articles.submission import Image


def picture_of(
    image: Image | None, pictures: Mapping[str, Known], site: str, *, own: bool
) -> Picture | None:
    """An article's picture; None where it has none, or it was refused.

    ``own`` prefers our copies. What was not fetched yet has the size that the article tells.
    """
    if image is None:
        return None
    found = pictures.get(image.url)
    if found is None:
        return Picture(image.alt, (Size(image.url, image.width, image.height),))
    if found.state == REFUSED:
        return None
    if own and found.copies:
        copies = (Size(site + one.src, one.width, one.height) for one in found.copies)
        return Picture(image.alt, tuple(copies))
    width, height = found.width or image.width, found.height or image.height
    return Picture(image.alt, (Size(image.url, width, height),))
