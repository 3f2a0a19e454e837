"""``make looks``: pictures of pages and mails, phone and desktop, light and dark, in looks/.

It starts the sample in a folder of its own, so that it shows what a newcomer sees.
"""

import contextlib
import mailbox
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

from playwright.sync_api import Browser, sync_playwright

_OUT = Path("looks")
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PAGES = {"home": "/", "channel-ar": "/nashra", "channel-fr": "/actualites", "outbox": "/outbox"}
_MAILS = {"fr": "amina@", "en": "claire@", "ar": "nadia@"}


def main() -> None:
    """Take every picture."""
    _OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _sample(Path(folder)) as site:
        shots = {name: site + path for name, path in _PAGES.items()}
        box = mailbox.Maildir(Path(folder) / "var" / "outbox")
        for key, mail in box.iteritems():
            for tag, address in _MAILS.items():
                if mail["Delivered-To"].startswith(address):
                    shots[f"mail-{tag}"] = f"{site}/outbox/{key}/frame"
        with sync_playwright() as playwright:
            binary = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(executable_path=binary, args=_OPTIONS)
            for name, url in shots.items():
                _shoot(browser, name, url)
            browser.close()
    print(f"{len(list(_OUT.glob('*.png')))} pictures are in {_OUT}/")


def _shoot(browser: Browser, name: str, url: str) -> None:
    widths = (375, 700) if name.startswith("mail") else (375, 1200)
    for width in widths:
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page.goto(url)
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
