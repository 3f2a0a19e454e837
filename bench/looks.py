"""``make looks``: pictures of pages and mails, phone and desktop, light and dark, in looks/.

Every message in every language and layout; and the sample's pages as a newcomer sees them,
started in a folder of its own.
"""

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from house import TEMPLATES
from mails import KINDS, LANGUAGES, LAYOUTS, SITE, brought, paper
from playwright.sync_api import Browser, sync_playwright
from rich.progress import track

from colporteur.digests import samples
from colporteur.digests.letters import TEST, render_letter
from colporteur.digests.rendering import render

_OUT = Path("looks")
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PAGES = {
    "home": "/",
    "channel-ar": "/nashra",
    "channel-fr": "/actualites",
    "archive": "/archive",
    "outbox": "/outbox",
}
_MAIL, _PAGE = (375, 700), (375, 1200)


def main() -> None:
    """Take every picture."""
    _OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        binary = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=binary, args=_OPTIONS)
        for name, html in track(list(_mails()), "Mails", transient=True):
            _shoot(browser, name, _MAIL, html=html)
        with tempfile.TemporaryDirectory() as folder, _sample(Path(folder)) as site:
            for name, path in _PAGES.items():
                _shoot(browser, name, _PAGE, url=site + path)
        browser.close()
    print(f"{len(list(_OUT.glob('*.png')))} pictures are in {_OUT}/")


def _mails() -> Iterator[tuple[str, str]]:
    """The name and HTML of each message."""
    for kind, layout, language in itertools.product(KINDS, LAYOUTS, LANGUAGES):
        rendering = render(TEMPLATES, brought(language, layout, kind))
        yield f"{kind}-{layout}-{language}", rendering.html
    for language in LANGUAGES:
        letters = samples.letters(paper(), language, SITE)
        for number, (message, content) in enumerate(letters):
            if message != TEST:  # a digest with a line above it
                found = render_letter(TEMPLATES, message, language, content, paper(), SITE)
                yield f"{message}-{number}-{language}", found.html


def _shoot(
    browser: Browser, name: str, widths: tuple[int, int], *, html: str = "", url: str = ""
) -> None:
    page = browser.new_page()
    for width, scheme in itertools.product(widths, ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(url) if url else page.set_content(html)
        page.screenshot(path=_OUT / f"{name}-{width}-{scheme}.png", full_page=True)
    page.close()


@contextlib.contextmanager
def _sample(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = {**os.environ, "COLPORTEUR_PORT": str(port)}  # noqa: TID251 - handed on
    command = [sys.executable, "-m", "colporteur.cli", "up", "--sample"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/readyz"):
                break
            time.sleep(0.2)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


if __name__ == "__main__":
    main()
