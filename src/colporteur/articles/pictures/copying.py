"""Reads a picture's bytes, whoever sent them, and makes the copies of it."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from colporteur.articles.pictures.sizes import (
    PIXELS_AT_MOST,
    PIXELS_WHERE_DOUBLED,
    TALL_AT_MOST,
    height_at,
    smallest,
    too_large,
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
_MOST_OF = dict.fromkeys(["WEBP", "AVIF"], PIXELS_WHERE_DOUBLED)
_QUALITY = 80
_TURNED = 0x0112  # Exif's Orientation
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = {_TURNS[one] for one in (5, 6, 7, 8)}
_BAND = 256  # pixels
_WHITE = (255, 255, 255)
_DAMAGED = (  # what decoders raise of bytes that are not as they should be
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError),
    *(RuntimeError, ArithmeticError, MemoryError, struct.error, zlib.error),
)
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
        PictureRefused: nothing that mails show, too large, a strip, or damaged.
    """
    with _opened(body) as image:
        width, height = _as_seen(image.size, _turn_of(image))
        _refuse_strip(width, height)
        return Measured(width, height, _TYPES[str(image.format)], len(body))


def copies(body: bytes) -> list[Copied]:
    """The copies of a picture, the smallest first; of one that moves, of its first frame.

    It is made small before anything else is done with it: we hold no second one of its size.

    Raises:
        PictureRefused: as ``measure``.
    """
    with _opened(body) as image:
        drawn, turn = image.format in _DRAWN, _turn_of(image)
        whole = _as_seen(image.size, turn)
        _refuse_strip(*whole)
        sizes = [(width, height_at(width, whole)) for width in widths_of(whole[0])]
        small = _shrunk(image, _as_seen(sizes[-1], turn))
    largest = small.transpose(turn) if turn is not None else small
    found = []
    for size in sizes:
        resized = largest.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        found.append(Copied(*size, *_encode(resized, drawn=drawn)))
    return found


def _turn_of(image: Image.Image) -> Image.Transpose | None:
    """What turns a picture as its camera was held; None where it is so already."""
    return _TURNS.get(image.getexif().get(_TURNED, 1))


def _as_seen(size: tuple[int, int], turn: Image.Transpose | None) -> tuple[int, int]:
    """The size of what is stored as it is looked at, and the other way round."""
    return (size[1], size[0]) if turn in _ON_ITS_SIDE else size


def _refuse_strip(width: int, height: int) -> None:
    if height > TALL_AT_MOST * width:
        raise PictureRefused(
            f"It is {width} × {height}, a strip: mails show pictures up to {TALL_AT_MOST} times "
            "as high as wide."
        )


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in another size, as RGB or RGBA.

    Band by band it is made narrower, then what is left of it lower: the same pixels come of it as
    at one go, and only bands of it are ever converted.
    """
    image.draft("RGB", size)  # a JPEG is unpacked no larger than need be
    image.load()
    kind, between = ("RGBA", "RGBa") if image.has_transparency_data else ("RGB", "RGB")
    narrow = Image.new(between, (size[0], image.height))
    for top in range(0, image.height, _BAND):
        bottom = min(top + _BAND, image.height)
        band = image.crop((0, top, image.width, bottom)).convert(kind).convert(between)
        narrow.paste(_resized(band, (size[0], bottom - top)), (0, top))
    return _resized(narrow, size).convert(kind)


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS)


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
            if why := too_large(
                *image.size, at_most=_MOST_OF.get(str(image.format), PIXELS_AT_MOST)
            ):
                raise PictureRefused(f"It is {image.width} × {image.height}, {why}.")
            yield image
    except UnidentifiedImageError:
        raise PictureRefused("It is no picture that mail programs show.") from None
    except _DAMAGED as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise PictureRefused(f"It is damaged: {said[:200]}.") from None


def _is_svg(body: bytes) -> bool:
    head = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in head
