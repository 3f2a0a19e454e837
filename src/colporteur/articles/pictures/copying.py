"""Reads a picture's bytes, whoever sent them, and makes the copies of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from colporteur.articles.pictures.sizes import (
    PIXELS_AT_MOST,
    WIDTHS,
    height_at,
    smallest,
    widths_of,
)
from colporteur.exceptions import PictureRefused

Image.MAX_IMAGE_PIXELS = None  # the limit is ours, looked at before anything is unpacked
_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # of telephones that keep two in one
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
_DRAWN = {"PNG", "GIF"}  # often few colours, and shorter so
_QUALITY = 80
_TURNED = 0x0112  # Exif's Orientation; 5 to 8 lie on their side
_ON_ITS_SIDE = 5
_WHITE = (255, 255, 255)
_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Measured:
    """What a picture truly is, as it is looked at: turned the way its camera was held."""

    width: int
    height: int
    type: str
    length: int


@dataclass(frozen=True)
class Copied:
    """A copy: nothing of the original but what one sees."""

    width: int
    height: int
    type: str
    body: bytes

    @property
    def suffix(self) -> str:
        """Of its name."""
        return _SUFFIXES[self.type]


def measure(body: bytes) -> Measured:
    """What the bytes are, whatever they were declared to be.

    Raises:
        PictureRefused: nothing that mails show, too large, or damaged.
    """
    with _opened(body) as image:
        width, height = image.size
        if image.getexif().get(_TURNED, 1) >= _ON_ITS_SIDE:
            width, height = height, width
        return Measured(width, height, _TYPES[str(image.format)], len(body))


def copies(body: bytes) -> list[Copied]:
    """The copies of a picture, the smallest first; of one that moves, of its first frame.

    Raises:
        PictureRefused: as ``measure``.
    """
    with _opened(body) as opened:
        drawn = opened.format in _DRAWN
        opened.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))  # a JPEG is unpacked no larger than need be
        turned = ImageOps.exif_transpose(opened)
        whole = measure(body)
        image = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
        found = []
        for width in widths_of(whole.width):
            size = (width, height_at(width, (whole.width, whole.height)))
            resized = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
            kind, encoded = _encode(resized, drawn=drawn)
            found.append(Copied(*size, kind, encoded))
        return found


def _encode(image: Image.Image, *, drawn: bool) -> tuple[str, bytes]:
    """A JPEG on white; what was drawn stays a PNG where that is shorter."""
    flat = image
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, _WHITE)
        flat.paste(image, mask=image.getchannel("A"))
    photo = BytesIO()
    flat.save(photo, "JPEG", quality=_QUALITY, progressive=True, optimize=True)
    encoded = [("image/jpeg", photo.getvalue())]
    if drawn:
        drawing = BytesIO()
        image.save(drawing, "PNG")
        encoded.append(("image/png", drawing.getvalue()))
    return smallest(encoded)


@contextmanager
def _opened(body: bytes) -> Iterator[Image.Image]:
    """The picture, its head read; what goes wrong with it then is told, too."""
    if _is_svg(body):
        raise PictureRefused("It is an SVG, which mail programs do not show.")
    try:
        with Image.open(BytesIO(body), formats=[one for one in _TYPES if one != "MPO"]) as image:
            if image.width * image.height > PIXELS_AT_MOST:
                most = f"{PIXELS_AT_MOST / 1_000_000:.0f} million pixels"
                raise PictureRefused(f"It is {image.width} × {image.height}, more than {most}.")
            yield image
    except UnidentifiedImageError:
        raise PictureRefused("It is no picture that mail programs show.") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError) as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise PictureRefused(f"It is damaged: {said[:200]}.") from None


def _is_svg(body: bytes) -> bool:
    head = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in head
