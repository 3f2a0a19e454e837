"""Fields of the settings' forms: where each stands in a publication, and what was typed there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from colporteur.publication.editing import Path, Tree, at, put
from colporteur.web.bodies import Form

Kind = Literal[
    "line",
    "area",
    "tick",
    "choice",
    "number",
    "duration",
    "list",
    "limits",
    "picks",
    "dates",
    "colour",
]
Value = str | bool | Sequence[str]
_MANY = {"list", "limits", "picks", "dates"}
_BETWEEN = re.compile(r"[\s,;،]+")


@dataclass(frozen=True)
class Field:
    """A field of a form; ``path`` leads on from the form's base.

    ``label`` and ``hint`` are messages of the catalogues, and so is ``group``, the heading that
    fields stand under; ``tag`` is the language of what is typed, where it has one of its own.
    """

    path: tuple[str, ...]
    label: str
    kind: Kind = "line"
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()
    own_words: bool = False  # of the options: texts of the publication, not messages
    tag: str = ""
    group: str = ""
    more: Mapping[str, str] = field(default_factory=dict)  # what stands in the label and hint

    @property
    def name(self) -> str:
        """Its name in the form."""
        return ".".join(self.path)


def shown(full: Any, base: Path, one: Field) -> Value:
    """What a field shows of what is in force; ``full`` is the whole publication's dump."""
    found = at(full, (*base, *one.path))
    if one.kind == "tick":
        return bool(found)
    if one.kind in _MANY:
        return [str(each) for each in found or ()]
    return "" if found is None else str(found)


def typed(form: Form, one: Field) -> Value:
    """What was typed into a field, to show it again."""
    if one.kind == "tick":
        return bool(form.one(one.name))
    if one.kind == "list":
        return [each for each in _BETWEEN.split(form.one(one.name)) if each]
    if one.kind == "limits":  # "20 per second" has spaces of its own
        return [each.strip() for each in form.one(one.name).split(",") if each.strip()]
    if one.kind == "picks":
        return list(dict.fromkeys(form.all(one.name)))
    if one.kind == "dates":
        return sorted({each.strip() for each in form.all(one.name) if each.strip()})
    text = form.one(one.name)
    return text.replace("\r\n", "\n") if one.kind == "area" else " ".join(text.split())


def write(tree: Tree, base: Path, fields: Sequence[Field], form: Form) -> None:
    """Have what was typed stand in a publication's tree; an empty field takes its key away."""
    for one in fields:
        value = typed(form, one)
        if isinstance(value, bool):
            put(tree, (*base, *one.path), value)
        else:
            put(tree, (*base, *one.path), value or None)
