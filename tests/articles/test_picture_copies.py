import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from drawing import drawn, moving, opened, transparent, turned
from PIL import Image, ImageChops, ImageOps

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


@pytest.mark.parametrize("turn", range(1, 10))
def test_a_picture_is_seen_as_it_was_however_it_was_turned_and_made_small(turn: int):
    exif = Image.Exif()
    exif[0x0112] = turn
    body = drawn(250, 270, "PNG", exif=exif)
    wanted = ImageOps.exif_transpose(opened(body)).convert("RGB")
    found = copies(body)
    assert (measure(body).width, measure(body).height) == wanted.size
    assert [one.width for one in found] == [240, wanted.width]
    for one in found:
        whole = wanted.resize((one.width, one.height), Image.Resampling.LANCZOS)
        other = ImageChops.difference(whole, opened(one.body).convert("RGB")).resize((8, 8))
        assert max(high for _, high in other.getextrema()) < 20


def _png(width: int, height: int, rows: int = 0) -> bytes:
    """A PNG of that size by its head, RGBA and clear, with so many rows truly in it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        sealed = name + body
        return struct.pack(">I", len(body)) + sealed + struct.pack(">I", zlib.crc32(sealed))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(rows * (1 + 4 * width)), 1))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")


def _webp(width: int, height: int) -> bytes:
    """A WebP of 16 pixels that says its canvas has that size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    def three(number: int) -> bytes:
        return number.to_bytes(3, "little")

    frame = drawn(16, 16, "WEBP", noisy=False, lossless=True)[12:]
    at = three(0) + three(0) + three(15) + three(15) + three(100) + b"\0"
    canvas = chunk(b"VP8X", b"\x02\0\0\0" + three(width - 1) + three(height - 1))
    body = canvas + chunk(b"ANIM", bytes(6)) + chunk(b"ANMF", at + frame)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<!DOCTYPE html><p>Not found</p>", "no picture"),
        (b"", "no picture"),
        (drawn(400, 400)[:2000], "damaged"),
        (drawn(10, 10, "BMP"), "no picture"),
        (_png(7071, 7071), "more than 25 million pixels"),
        (_png(1, 40_000_000), "more than 12000 pixels on a side"),
        (_webp(4000, 4000), "more than 13 million pixels"),
        (drawn(20, 81, "PNG"), "a strip"),
        (turned(20, 81), "a strip"),
    ],
    ids=["svg", "page", "nothing", "cut", "bmp", "bomb", "thread", "webp", "strip", "turned"],
)
def test_what_mails_cannot_show_is_refused_with_the_reason(body: bytes, why: str):
    with pytest.raises(PictureRefused, match=why):
        copies(body)


def test_whatever_a_decoder_says_of_a_damaged_picture_it_is_refused():
    whole = drawn(40, 30, "AVIF")
    refused = set()
    for at in range(20, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        try:
            copies(bytes(damaged))
        except PictureRefused as error:
            refused.add(error.message.partition(":")[0])
    assert "It is damaged" in refused


def test_a_picture_four_times_as_high_as_wide_is_no_strip():
    assert [(one.width, one.height) for one in copies(drawn(20, 80, "PNG"))] == [(20, 80)]


PEAK = """
import sys
from colporteur.articles.pictures.copying import copies, measure
def peak():
    said = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(said.split()[1]) // 1024
copies(open(sys.argv[2], "rb").read())
before = peak()
assert copies(open(sys.argv[1], "rb").read())[-1].width == 1200
print(peak() - before)
"""


def test_a_large_picture_is_in_memory_once(tmp_path: Path):
    (tmp_path / "large").write_bytes(_png(3000, 3000, 3000))
    (tmp_path / "small").write_bytes(drawn(10, 10, "PNG"))
    ran = subprocess.run(
        [sys.executable, "-c", PEAK, tmp_path / "large", tmp_path / "small"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(ran.stdout) < 2.5 * 3000 * 3000 * 4 / 1024**2


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
