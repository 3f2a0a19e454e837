"""What a row says, by our names: in its cells, or as a JSON object. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from colporteur.audience.cells import unescape
from colporteur.audience.importing.columns import KNOWN, Columns, name_key
from colporteur.audience.importing.sniffing import damaged, mend
from colporteur.audience.importing.terms import CHOICES
from colporteur.exceptions import ColporteurError

_MAY_BE_LONG = frozenset(["email", "attributes"])
_INHERITED = frozenset([*CHOICES, "language"])


class RowRefused(ColporteurError):  # noqa: N818 - named for what it is
    """A row cannot be read in; the message says why, to stand beside it."""


def said_in_cells(cells: Sequence[str], columns: Columns, *, mixed: bool = False) -> dict[str, str]:
    """The cells of a row by our names, as they were before a spreadsheet's apostrophes.

    Raises:
        RowRefused: it has cells beyond the columns, or swallowed rows between two quotes.
    """
    width = len(columns.header)
    if width and len(cells) > width and any(cells[width:]):
        raise RowRefused(
            f"the row has {len(cells)} cells and the header {width}: quote what holds a delimiter"
        )
    count = len(cells)
    said = {field: cells[at] for field, at in columns.places.items() if at < count and cells[at]}
    for field, cell in said.items():
        if cell[0] == "'":
            said[field] = unescape(cell)
        if "@" in cell and ("\n" in cell or "\r" in cell) and field not in _MAY_BE_LONG:
            raise RowRefused(
                "a quotation mark opens a cell with addresses on several lines: rows are lost in it"
            )
    if mixed and not damaged(said.get("email", "")):
        return {field: mend(cell) for field, cell in said.items()}
    return said


def said_in_object(
    found: Mapping[str, Any], columns: Mapping[str, str], unwanted: Sequence[str] = ()
) -> dict[str, str]:
    """What an object says, by our names; those of ``columns`` go before what is recognised.

    Raises:
        RowRefused: a value that we would read lies too deep within others.
    """
    said: dict[str, str] = {}
    taken = set(columns.values())
    for key, value in found.items():
        field = KNOWN.get(name_key(key))
        if field and field not in columns and field not in unwanted and key not in taken:
            said.setdefault(field, _text(value))
    for field, key in columns.items():
        if key and key in found:
            said[field] = _text(found[key])
    return {field: text for field, text in said.items() if text}


def _text(value: Any) -> str:
    """A JSON value as a cell would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        if any(isinstance(one, list) for one in value):
            raise RowRefused("a value is a list of lists")
        return ", ".join(_text(one) for one in value)
    try:
        return json.dumps(value) if isinstance(value, dict) else str(value)
    except RecursionError:
        raise RowRefused("a value lies too deep within others") from None


def with_attributes(said: Mapping[str, str]) -> Mapping[str, str]:
    """What listmonk does not know of somebody it keeps in one cell, as JSON."""
    if len(said.get("attributes", "")) <= len("{}"):
        return said
    try:
        found = json.loads(said["attributes"])
    except (ValueError, RecursionError):
        return said
    if not isinstance(found, dict):
        return said
    ours = {key: value for key, value in found.items() if KNOWN.get(name_key(key)) in _INHERITED}
    return said_in_object(ours, {}) | dict(said)
