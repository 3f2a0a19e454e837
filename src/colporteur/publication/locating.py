"""Finds the line of a key in a TOML text, for messages that say where to look.

It reads only headers and keys at line starts: what the TOML parser accepted before.
"""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The 1-based line where the key path stands, or its nearest parent's; 1 if nothing does."""
    names = [str(part) for part in path if not isinstance(part, int)]
    best_depth, best_line = 0, 1
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line.partition("#")[0].rstrip()):
            table = _parts(header[1])
            found = table
        elif key := _KEY.match(line):
            found = [*table, *_parts(key[1])]
        else:
            continue
        if len(found) > best_depth and found == names[: len(found)]:
            best_depth, best_line = len(found), number
    return best_line


def _parts(dotted: str) -> list[str]:
    return ["".join(groups) for groups in _PART.findall(dotted)]
