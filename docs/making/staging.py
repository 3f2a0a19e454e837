"""From the tree's pages to the folder that Zensical reads: copied, and each link led on.

On a forge a page links to others by their places in the tree, some of them outside docs/. The
site has them side by side.
"""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from docs.making.rooms import DECISIONS, ROOMS, Page, Section, named

_LINK = re.compile(r"(?<!\\)(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_SOURCE = re.compile(r'(<(?:img|source)[^>]*\bsrc(?:set)?=")([^":]+)(")')
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_OUTSIDE = {"README.md": "try.md"}
"""Where the pages outside docs/ stand on the site, where that is not their name in small letters."""


class NoPlaceError(Exception):
    """A page is in no room, or a link leads nowhere; says which."""


def place(page: str) -> str:
    """Where a page of the tree stands on the site.

    >>> place("docs/feeds.md"), place("SECURITY.md"), place("docs/decisions/README.md")
    ('feeds.md', 'security.md', 'decisions/index.md')
    """
    if page in _OUTSIDE:
        return _OUTSIDE[page]
    inside = page.removeprefix("docs/")
    inside = inside if inside != page else page.lower()
    return inside.removesuffix("README.md") + "index.md" if inside.endswith("README.md") else inside


def pages(root: Path) -> list[str]:
    """Every page that the site has, as its place in the tree: the rooms', and each decision."""
    there = [page for page in named() if (root / page).is_file()]
    return there + [path.relative_to(root).as_posix() for path in _decisions(root)]


def homeless(root: Path) -> list[str]:
    """Pages of docs/ that no room names."""
    there = {path.relative_to(root).as_posix() for path in (root / "docs").rglob("*.md")}
    return sorted(there - set(pages(root)))


def stage(root: Path, folder: Path) -> None:
    """Lay out what Zensical reads: ``folder/zensical.toml`` and ``folder/pages``.

    Raises:
        NoPlaceError: a page is in no room, or a link leads nowhere.
    """
    if lost := homeless(root):
        raise NoPlaceError(f"docs/making/rooms.py gives no room to: {', '.join(lost)}.")
    known = {page: place(page) for page in pages(root)}
    for page, target in known.items():
        path = folder / "pages" / target
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (root / page).read_text(encoding="utf-8")
        path.write_text(led_on(text, page, root, known), encoding="utf-8")
    shutil.copytree(root / "docs/images", folder / "pages/images")
    shutil.copy(root / "docs/look.css", folder / "pages")
    look = (root / "docs/zensical.toml").read_text(encoding="utf-8")
    nav = f"[project]\nnav = {_inline(_navigation(root))}\n"
    (folder / "zensical.toml").write_text(look.replace("[project]\n", nav, 1), encoding="utf-8")


def led_on(text: str, page: str, root: Path, known: dict[str, str]) -> str:
    """A page's text with each link as the site has it; what the site lacks is only named.

    Raises:
        NoPlaceError: a link leads nowhere.
    """
    at = known[page]

    def link(found: re.Match[str]) -> str:
        mark, words, target = found.groups()
        there = _led(target, page, at, root, known)
        return f"{mark}[{words}]({there})" if there else words

    def source(found: re.Match[str]) -> str:
        return f"{found[1]}{_led(found[2], page, at, root, known)}{found[3]}"

    parts = _FENCE.split(text)
    parts[::2] = [_SOURCE.sub(source, _LINK.sub(link, part)) for part in parts[::2]]
    return "".join(parts)


def _led(target: str, page: str, at: str, root: Path, known: dict[str, str]) -> str:
    path, hash_, anchor = target.partition("#")
    if not path or ":" in path:
        return target
    there = (root / page).parent.joinpath(path).resolve()
    if not there.exists():
        raise NoPlaceError(f"{page} links to {path}, which is not there.")
    name = there.relative_to(root.resolve()).as_posix()
    name = f"{name}/README.md" if there.is_dir() else name
    if name in known:
        return _relative(known[name], at) + hash_ + anchor
    return _relative(name.removeprefix("docs/"), at) if name.startswith("docs/images/") else ""


def _relative(target: str, at: str) -> str:
    return "../" * at.count("/") + target


def _navigation(root: Path) -> list[dict[str, object]]:
    return [{name: _entries(entries, root)} for name, entries in ROOMS]


def _entries(entries: Sequence[Page | Section], root: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for name, what in entries:
        if not isinstance(what, str):
            found += [{name: inside}] if (inside := _entries(what, root)) else []
        elif (root / what).is_file():
            found.append({name: place(what)})
        if what == f"{DECISIONS}README.md":
            found += [{_title(path): f"decisions/{path.name}"} for path in _decisions(root)]
    return found


def _decisions(root: Path) -> list[Path]:
    return sorted((root / DECISIONS).glob("[0-9]*.md"))


def _title(path: Path) -> str:
    found = _TITLE.search(path.read_text(encoding="utf-8"))
    return found[1].replace("`", "") if found else path.stem


def _inline(value: object) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
