"""Pictures made on the spot, for tests that need their bytes."""

import io
from typing import Any

from PIL import Image


def drawn(width: int, height: int, kind: str = "JPEG", *, noisy: bool = True, **more: Any) -> bytes:
    """A picture's bytes: a noise that looks like a photograph to encoders, or one colour."""
    mode = "RGB"
    image = Image.effect_noise((width, height), 60).convert(mode) if noisy else None
    image = image or Image.new(mode, (width, height), (120, 30, 30))
    into = io.BytesIO()
    image.save(into, kind, **more)
    return into.getvalue()


def turned(width: int, height: int) -> bytes:
    """A photograph whose camera was held upright: its bytes lie on their side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A camera with a name"
    return drawn(height, width, exif=exif)


def transparent(width: int, height: int) -> bytes:
    """A PNG of which half is glass."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, width // 2, height))
    into = io.BytesIO()
    image.save(into, "PNG")
    return into.getvalue()


def moving(width: int, height: int) -> bytes:
    """A GIF of two frames, the first one red."""
    frames = [Image.new("RGB", (width, height), colour) for colour in ("red", "blue")]
    into = io.BytesIO()
    frames[0].save(into, "GIF", save_all=True, append_images=frames[1:])
    return into.getvalue()


def opened(body: bytes) -> Image.Image:
    """The bytes as a picture."""
    return Image.open(io.BytesIO(body))
