"""Messages on disk: files, folders, Maildirs and mbox files, one message at a time."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from colporteur.exceptions import UnknownName
from colporteur.feedback.mail import AT_MOST

_MBOX = b"From "
_MAILDIR = ("cur", "new")


def messages_in(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each message below a path, ``-`` for standard input, with a name that finds it again.

    Only the beginning of one that is larger than what is taken is given.

    Raises:
        UnknownName: there is nothing at that path.
    """
    if str(path) == "-":
        yield from _in_file("-", sys.stdin.buffer)
        return
    if not path.exists():
        raise UnknownName(f"{path} does not exist.", cure="Name a file, an mbox or a Maildir.")
    if path.is_dir():
        for one in _files(path):
            with one.open("rb") as file:
                yield from _in_file(str(one), file)
        return
    with path.open("rb") as file:
        yield from _in_file(str(path), file)


def _files(folder: Path) -> list[Path]:
    """A Maildir's messages; of another folder the files in it and below."""
    boxes = [folder / name for name in _MAILDIR if (folder / name).is_dir()]
    found = (one for box in boxes or [folder] for one in box.rglob("*"))
    return sorted(one for one in found if one.is_file() and not one.name.startswith("."))


def _in_file(name: str, file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The one message of a file, or all of an mbox."""
    first = file.readline(AT_MOST)
    if not first.startswith(_MBOX):
        yield name, first + file.read(AT_MOST - len(first))
        return
    number, message, blank = 1, bytearray(first), False
    while line := file.readline(AT_MOST):
        if blank and line.startswith(_MBOX):
            yield f"{name}:{number}", bytes(message)
            number, message = number + 1, bytearray()
        if len(message) < AT_MOST:
            message += line
        blank = not line.strip()
    yield (f"{name}:{number}" if number > 1 else name), bytes(message)
