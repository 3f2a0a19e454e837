"""Every key of a publication's files, from the models that read them."""

import json
import tomllib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic.fields import FieldInfo

from colporteur.config.limit import Limit
from colporteur.publication.model import Channel, Publication
from colporteur.publication.sending import QuietHours
from colporteur.publication.values import Frozen, format_duration
from docs.making.reference.writing import code, page, table

_LEAD = (
    "Every key of `publication.toml` and of a channel's file. `colporteur check` names each mistake "
    "with its file, line, key and cure. How they work together: "
    "[A publication's files](../publication.md)."
)
_HEADS = ("key", "what it is", "value", "default", "example")
_FILES: Mapping[str, type[Frozen]] = {
    "publication.toml": Publication,
    "<channel>.toml": Channel,
}
_WORDS: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("keys.toml").read_text(encoding="utf-8")
)
_BY_FILE_NAME = {"slug"}
"""A channel's short name is its file's."""
_PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "a number",
    float: "a number",
    bool: "`true`, `false`",
    date: "a date",
    time: "an hour",
    timedelta: "a duration",
    Limit: "a limit",
    QuietHours: "hours",
}


@dataclass(frozen=True)
class Key:
    """A key of a table of a file, and what is decided about it."""

    file: str
    table: str
    model: str
    name: str
    field: FieldInfo

    @property
    def words(self) -> str:
        """What it is; a KeyError where nobody has said it."""
        return _WORDS[self.model][self.name]

    @property
    def inside(self) -> type[Frozen] | None:
        """The table that it holds, if it holds one; channels are only named."""
        found = next((one for one in _kinds(self.field.annotation) if _is_table(one)), None)
        return None if found is Channel else found


def publication() -> str:
    """The page of keys, a section for each table of each file."""
    sections: dict[tuple[str, str], list[Key]] = {}
    said: dict[tuple[str, str], str] = {}
    for key in every():
        sections.setdefault((key.file, key.table), []).append(key)
        if key.inside:
            said[key.file, _table(key)] = key.words + _must(key.field)
    written = []
    for (file, name), keys in sections.items():
        written.append(f"### `{name}`" if name else f"## `{file}`")
        written.append(said.get((file, name), ""))
        written.append(table(_HEADS, [_row(key) for key in keys if not key.inside]))
    return page("A publication's keys", _LEAD, *written)


def _must(field: FieldInfo) -> str:
    return " Required." if field.is_required() else ""


def every() -> Iterator[Key]:
    """Each key of each file, a table's after those of the table that holds it."""
    for file, model in _FILES.items():
        yield from _below(file, "", model)


def _below(file: str, above: str, model: type[Frozen]) -> Iterator[Key]:
    keys = [
        Key(file, above, model.__name__, name, field)
        for name, field in model.model_fields.items()
        if name not in _BY_FILE_NAME
    ]
    yield from keys
    for key in keys:
        if key.inside:
            yield from _below(file, _table(key), key.inside)


def _table(key: Key) -> str:
    """The heading of the table that a key holds, as a file writes it."""
    origin = get_origin(_held(key.field.annotation))
    name = f"{key.table.strip('[]')}.{key.name}".lstrip(".")
    if origin is tuple:
        return f"[[{name}]]"
    return f"[{name}.<name>]" if origin is dict else f"[{name}]"


def _row(key: Key) -> tuple[str, ...]:
    field = key.field
    required = field.is_required()
    return (
        code(key.name),
        key.words,
        _value(field),
        "required" if required else code(_written(field.default)),
        code(_written((field.examples or [""])[0])),
    )


def _value(field: FieldInfo) -> str:
    kind = _held(field.annotation)
    inside = _held(next(iter(get_args(kind)), str))
    if get_origin(kind) is Literal:
        return _choices(kind)
    if get_origin(kind) is tuple:
        return f"a list of {_choices(inside)}" if get_origin(inside) is Literal else "a list"
    if get_origin(kind) is dict:
        return "by name or language"
    return _bounded(_PLAIN.get(kind, "text"), {type(one): one for one in field.metadata})


def _choices(kind: Any) -> str:
    return ", ".join(code(one) for one in get_args(kind))


def _bounded(said: str, bounds: Mapping[type, Any]) -> str:
    if Ge in bounds:
        least = bounds[Ge].ge
        return f"{least} to {bounds[Le].le}" if Le in bounds else f"{said} from {least}"
    if MaxLen in bounds:
        most = f"at most {bounds[MaxLen].max_length} characters"
        return f"{said}, {most}" if MinLen not in bounds else f"{said}, not empty, {most}"
    return said


def _held(kind: Any) -> Any:
    """A kind without the None that it may be instead, and without its checks."""
    if get_origin(kind) in {Union, types.UnionType}:
        kind = next(one for one in get_args(kind) if one is not type(None))
    return getattr(kind, "__origin__", kind) if hasattr(kind, "__metadata__") else kind


def _kinds(kind: Any) -> Iterator[Any]:
    yield kind
    for one in get_args(kind):
        yield from _kinds(one)


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Frozen)


def _written(value: Any) -> str:
    """A value as a file of TOML writes it; nothing of None, and of what is empty."""
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(name)} = {_written(one)}" for name, one in value.items())
        return f"{{ {inside} }}" if inside else ""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]" if value else ""
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    shown = format_duration(value) if isinstance(value, timedelta) else str(value or "")
    return json.dumps(shown, ensure_ascii=False) if shown else ""


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else json.dumps(name)
