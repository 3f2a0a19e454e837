import struct
import zlib

import pytest
from drawing import drawn, moving, opened, transparent, turned

from colporteur.articles.pictures.copying import copies, measure
from colporteur.articles.pictures.sizes import Picture, Size, widths_of
from colporteur.exceptions import PictureRefused


@pytest.mark.parametrize(
    ("width", "wanted"),
    [(4000, (240, 600, 1200)), (800, (240, 600, 800)), (240, (240,)), (1, (1,))],
)
def test_copies_have_the_widths_that_mails_need_and_none_is_enlarged(
    width: int, wanted: tuple[int, ...]
):
    assert widths_of(width) == wanted


def test_a_photograph_is_copied_as_progressive_jpegs_of_its_own_shape():
    found = copies(drawn(1600, 900))
    assert [(one.width, one.height) for one in found] == [(240, 135), (600, 338), (1200, 675)]
    for one in found:
        image = opened(one.body)
        assert (image.format, image.size) == ("JPEG", (one.width, one.height))
        assert image.info.get("progressive")


def test_a_picture_is_turned_as_its_camera_was_held_and_says_nothing_of_the_camera():
    body = turned(300, 500)
    assert (measure(body).width, measure(body).height) == (300, 500)
    largest = copies(body)[-1]
    assert opened(largest.body).size == (300, 500)
    assert not opened(largest.body).getexif()
    assert b"camera" not in largest.body


def test_glass_is_white_or_stays_glass_where_that_is_shorter():
    (found,) = copies(transparent(200, 100))
    image = opened(found.body)
    if image.format == "JPEG":
        assert image.getpixel((190, 50)) == (255, 255, 255)
    else:
        assert image.convert("RGBA").getpixel((190, 50))[3] == 0
    assert found.type == f"image/{image.format}".lower()


def test_of_a_moving_picture_the_first_frame_is_shown():
    (found,) = copies(moving(50, 50))
    red, _, blue = opened(found.body).convert("RGB").getpixel((10, 10))
    assert red > 200
    assert blue < 50


def test_the_type_is_what_the_bytes_are():
    assert measure(drawn(10, 10, "PNG")).type == "image/png"
    assert measure(drawn(10, 10, "WEBP")).type == "image/webp"


def _bomb() -> bytes:
    """A PNG that says it is 30,000 pixels wide and as high."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rest = drawn(10, 10, "PNG")
    return rest[:12] + head + struct.pack(">I", zlib.crc32(head)) + rest[33:]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<!DOCTYPE html><p>Not found</p>", "no picture"),
        (b"", "no picture"),
        (drawn(400, 400)[:2000], "damaged"),
        (drawn(10, 10, "BMP"), "no picture"),
        (_bomb(), "more than 50 million pixels"),
    ],
    ids=["svg", "page", "nothing", "cut", "bmp", "bomb"],
)
def test_what_mails_cannot_show_is_refused_with_the_reason(body: bytes, why: str):
    with pytest.raises(PictureRefused, match=why):
        copies(body)


def test_a_page_takes_the_smallest_copy_that_is_sharp():
    sizes = tuple(Size(f"{one}", one, one) for one in (240, 600, 1200))
    picture = Picture("", sizes)
    assert [picture.at(one).width for one in (100, 120, 121, 300, 552, 9000)] == [
        240,
        240,
        600,
        600,
        1200,
        1200,
    ]
    unknown = Size("https://x.example/a.jpg", None, None)
    assert Picture("", (unknown,)).at(120) == unknown
