"""Pictures for the documentation, of the pages that a browser test comes by anyway."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

_COLOURS = 96  # of pages that are mostly paper and ink


class Album:
    """Where pictures go with ``pytest --pictures FOLDER``; without it none is taken."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def take(self, page: Page, name: str, *, height: int = 900) -> None:
        """Keep what the page shows at its width and a height, as a small PNG of that name."""
        if self._folder is None:
            return
        page.wait_for_load_state("networkidle")
        width = (page.viewport_size or {"width": 1280})["width"]
        path = self._folder / f"{name}.png"
        page.screenshot(
            path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height}
        )
        with Image.open(path) as taken:
            few = taken.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
