"""Finds the line of a key in a TOML text, for messages that say where to look.

It reads only headers and keys at line starts: what the TOML parser accepted before.
"""

import re
from collections import Counter
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The 1-based line where the key path stands, or its nearest parent's; 1 if nothing does.

    A number in the path tells ``[[tables]]`` of one name apart, the first being 0.
    """
    wanted = [part if isinstance(part, int) else str(part) for part in path]
    best_depth, best_line = 0, 1
    table: list[str | int] = []
    seen: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        found: list[str | int]
        if header := _HEADER.fullmatch(line.partition("#")[0].rstrip()):
            table = found = [*_parts(header[2])]
            if header[1] == "[[":
                table = [*found, seen[header[2]]]
                seen[header[2]] += 1
        elif key := _KEY.match(line):
            found = [*table, *_parts(key[1])]
        else:
            continue
        for one in (found, table):
            if len(one) > best_depth and one == wanted[: len(one)]:
                best_depth, best_line = len(one), number
    return best_line


def _parts(dotted: str) -> list[str]:
    return ["".join(groups) for groups in _PART.findall(dotted)]
