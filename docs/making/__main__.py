"""``python -m docs.making``: the site; ``python -m docs.making reference``: docs/reference/."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.making.staging import NoPlaceError, stage

ROOT = Path(__file__).resolve().parents[2]
_WARNED = "Warning"


def main() -> int:
    """Make what is asked for; 1 when something is wrong with it, 2 on a word that is none."""
    if sys.argv[1:] == ["reference"]:
        return write_reference(ROOT)
    if sys.argv[1:]:
        print("Usage: python -m docs.making [reference]", file=sys.stderr)
        return 2
    return build(ROOT, ROOT / "site")


def write_reference(root: Path) -> int:
    """Write each page of docs/reference/ anew from the code."""
    from docs.making.reference import PAGES  # noqa: PLC0415 - the whole program, which the site needs not

    for page, made in PAGES.items():
        path = root / page
        path.write_text(made(), encoding="utf-8")
        print(f"Written: {page}")
    return 0


def build(root: Path, site: Path) -> int:
    """Build the site into a folder that it replaces; any warning is a failure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            stage(root, folder)
        except NoPlaceError as error:
            print(f"✗ {error}", file=sys.stderr)
            return 1
        command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
        ran = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
        said = ran.stdout + ran.stderr
        if ran.returncode or _WARNED in said:
            print(said, file=sys.stderr)
            return 1
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(folder / "site", site)
    print(
        f"{len(list(site.rglob('*.html')))} pages are in {site.name}/: open {site.name}/index.html"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
