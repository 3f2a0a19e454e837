"""Opens a file of articles and hands it to the reader of its format."""

import codecs
import shlex
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from colporteur.articles.formats.markdown import read_markdown
from colporteur.articles.formats.page import read_page
from colporteur.articles.formats.plain import read_plain
from colporteur.articles.formats.records import read_records
from colporteur.articles.submission import Submission
from colporteur.exceptions import ArticleRefused

MAX_BYTES = 2 * 1024 * 1024
Reader = Callable[[str, datetime], list[Submission]]
SUFFIXES: dict[str, Reader] = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_page,
    ".htm": read_page,
    ".json": read_records,
}


def read_file(path: Path, now: datetime) -> list[Submission]:
    """The articles in a file; relative dates count from ``now``.

    Raises:
        ArticleRefused: unreadable, empty, too large, not UTF-8, or not what its name says.
    """
    try:
        _check_kind(path)
        reader = _reader(path)
        data = _bytes(path)
    except OSError as error:
        raise ArticleRefused(
            f"The file cannot be read: {error.strerror}.", cure="Check the path and permissions."
        ) from None
    return reader(_text(data, path.name), now)


def _reader(path: Path) -> Reader:
    reader = SUFFIXES.get(path.suffix.lower())
    if reader is None:
        known = " ".join(SUFFIXES)
        raise ArticleRefused(
            f"{path.suffix or 'no suffix'} is no kind of article.", cure=f"Use one of: {known}."
        )
    return reader


def _check_kind(path: Path) -> None:
    """Refuse what cannot be read to an end, such as a pipe or a device, before opening it."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ArticleRefused(
            "The file cannot be read: it is no regular file.", cure="Name the file itself."
        )


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size <= MAX_BYTES:
        with path.open("rb") as file:  # a file may hold more than its size says, as in /proc
            data = file.read(MAX_BYTES + 1)
        if len(data) <= MAX_BYTES:
            return data
        size = len(data)
    raise ArticleRefused(
        f"The file has {size / 1_048_576:.0f} MB; an article has at most 2.",
        cure="Split it, or leave out what is embedded in it.",
    )


def _text(data: bytes, name: str) -> str:
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ArticleRefused("The file is empty.", cure="Give it a title and a text.")
    quoted = shlex.quote(name)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ArticleRefused(
            "The file is UTF-16, not UTF-8.",
            cure=f"Convert it: iconv -f utf-16 -t utf-8 {quoted}",
        )
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ArticleRefused(
            f"The file is not UTF-8 (byte {error.start}).",
            cure=f"Convert it: iconv -f latin1 -t utf-8 {quoted}",
        ) from None
