"""Pictures of sixteen mails beside pictures that somebody looked at, half their size.

The fonts are named in the samples' look and installed with the browser. Where a picture differs,
the new one is left in looks/: look at it, and if it is right, move it to tests/looks/goldens/.
"""

import io
from pathlib import Path

import pytest
from house import TEMPLATES
from mails import brought, letter, rendered
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Page

from colporteur.digests.rendering import Rendering, render
from colporteur.publication.look import Look

pytestmark = pytest.mark.browser
GOLDENS, LEFT = Path(__file__).parent / "goldens", Path("looks")
SHOWN = [
    ("digest", "briefing", "fr", 375, "light"),
    ("digest", "briefing", "fr", 700, "dark"),
    ("digest", "briefing", "en", 700, "light"),
    ("digest", "briefing", "ar", 375, "dark"),
    ("digest", "briefing", "ar", 700, "light"),
    ("digest", "headlines", "fr", 375, "dark"),
    ("digest", "headlines", "en", 700, "light"),
    ("digest", "headlines", "ar", 375, "light"),
    ("digest", "text-first", "fr", 700, "light"),
    ("digest", "text-first", "ar", 700, "dark"),
    ("special", "briefing", "en", 375, "dark"),
    ("correction", "briefing", "ar", 375, "light"),
    ("article", "briefing", "fr", 375, "light"),
    ("confirm", "letter", "fr", 375, "light"),
    ("welcome", "letter", "ar", 375, "dark"),
    ("alert", "letter", "en", 700, "light"),
]
_MUCH, _OFTEN = 40, 0.001  # of 255, and of all pixels
_HEIGHT = 0.01


@pytest.mark.parametrize("shown", SHOWN, ids=lambda one: "-".join(map(str, one)))
def test_a_mail_looks_as_it_did_when_somebody_looked(
    page: Page, shown: tuple[str, str, str, int, str]
):
    kind, layout, language, width, scheme = shown
    name = "-".join(map(str, shown))
    mail = letter(kind, language) if layout == "letter" else rendered(language, layout, kind)
    found = picture(page, mail, width, scheme)
    golden = GOLDENS / f"{name}.png"
    if not golden.exists() or differ(found, seen(golden)):
        LEFT.mkdir(exist_ok=True)
        found.save(LEFT / f"{name}.png", optimize=True)
        pytest.fail(f"{golden} is another picture than {LEFT / name}.png: look at both")


def test_another_colour_is_noticed(page: Page):
    blue = brought()
    look = Look.model_validate(
        {**blue.publication.look.model_dump(), "light": {"accent": "#0b4f9c"}}
    )
    changed = blue.publication.model_copy(update={"look": look})
    found = picture(page, render(TEMPLATES, brought(publication=changed)), 375, "light")
    assert differ(found, seen(GOLDENS / "digest-briefing-fr-375-light.png"))


def seen(golden: Path) -> Image.Image:
    """The picture that somebody looked at; its file is closed again."""
    return Image.open(io.BytesIO(golden.read_bytes()))


def picture(page: Page, mail: Rendering, width: int, scheme: str) -> Image.Image:
    """A mail's whole page, at half its size."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_content(mail.html)
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    half = whole.resize((whole.width // 2, whole.height // 2), Image.Resampling.LANCZOS)
    # Few pixels have the accent: most methods would give them another colour.
    return half.quantize(96, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Whether more than the edges of letters differ, which each release of a browser draws anew."""
    if one.width != other.width or abs(one.height - other.height) > _HEIGHT * other.height:
        return True
    blurred = [
        picture.convert("RGB").resize(other.size).filter(ImageFilter.GaussianBlur(2))
        for picture in (one, other)
    ]
    red, green, blue = ImageChops.difference(*blurred).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    far = most.point(lambda value: 255 * (value > _MUCH))
    return far.histogram()[255] > _OFTEN * far.width * far.height
