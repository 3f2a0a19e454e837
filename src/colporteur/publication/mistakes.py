"""Words for what pydantic finds in a publication's file: the problem, an example, the cure."""

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from colporteur.publication.cadences import Cadence
from colporteur.publication.look import Look, Palette
from colporteur.publication.model import (
    Channel,
    DigestRules,
    FeedRules,
    Publication,
    Sender,
    Source,
    SpecialRules,
    Topic,
)
from colporteur.publication.retention import Retention
from colporteur.publication.sending import OwnGroup, WarmUp
from colporteur.publication.subscribing import SignupLimits, Subscribing

Mistake = tuple[tuple[str | int, ...], str]
_TABLES: Mapping[str, type[BaseModel]] = {
    "sender": Sender,
    "feed": FeedRules,
    "digest": DigestRules,
    "specials": SpecialRules,
    "retention": Retention,
    "subscribing": Subscribing,
    "at_most": SignupLimits,
    "look": Look,
    "light": Palette,
    "dark": Palette,
}
_TABLES_IN: Mapping[tuple[type[BaseModel], str], type[BaseModel]] = {
    (Publication, "topics"): Topic,
    (Publication, "senders"): Sender,
    (Publication, "domain_groups"): OwnGroup,
    (Publication, "warm_up"): WarmUp,
    (DigestRules, "cadences"): Cadence,
    (Channel, "sources"): Source,
}
_WANTED = {
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, without quotes",
    "bool_parsing": "must be true or false, without quotes",
    "too_short": "is empty; add one",
    "string_too_short": "is empty; write a text",
    "string_too_long": "is longer than {max_length} characters; shorten it",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
}


def mistakes_of(model: type[BaseModel], error: ValidationError) -> list[Mistake]:
    """Each mistake in a file of that model: its key path, and its problem with the cure."""
    found = error.errors()
    paths = [mistake["loc"] for mistake in found]
    return [
        (mistake["loc"], _say(model, dict(mistake)))
        for mistake in found
        if mistake["type"] != "too_short" or not _has_mistake_inside(mistake["loc"], paths)
    ]


def as_toml(value: Any) -> str:
    """A value as one writes it in a TOML file, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {as_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(as_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)


def _has_mistake_inside(path: Sequence[str | int], paths: Sequence[Sequence[str | int]]) -> bool:
    """Whether an item is wrong: pydantic counts it as lacking, and says so a second time."""
    return any(len(one) > len(path) and one[: len(path)] == path for one in paths)


def _say(model: type[BaseModel], mistake: dict[str, Any]) -> str:
    path: Sequence[str | int] = mistake["loc"]
    holder, example = _place(model, path)
    kind, given = mistake["type"], mistake["input"]
    if kind == "missing":
        return f"is missing. Add it{_such_as(example)}"
    if kind == "extra_forbidden":
        return f"is an unknown key. {_hint(str(path[-1]), holder)}"
    shown = f" (given: {as_toml(given)})" if _is_short(given) else ""
    if kind not in _WANTED:
        return str(mistake["msg"]).removeprefix("Value error, ") + shown
    wanted = _WANTED[kind].format(**mistake.get("ctx", {}))
    if kind in {"literal_error", "string_too_long"}:  # they name what is right already
        return wanted + shown
    return wanted + _such_as(example) + shown


def _place(model: type[BaseModel], path: Sequence[str | int]) -> tuple[type[BaseModel], Any]:
    """The model that the path's last key belongs to, and an example of what stands there."""
    holder, example = model, None
    table: type[BaseModel] | None = model  # whose key comes next; None within a plain value
    entry: type[BaseModel] | None = None  # what each table in a table or list is
    for part in path:
        if table is None:
            example, table, entry = _first_of(example), entry, None
            continue
        holder = table
        field = holder.model_fields.get(str(part))
        example = (field.examples or [None])[0] if field else None
        entry = _TABLES_IN.get((holder, str(part)))
        table = None if entry else _TABLES.get(str(part))
    return holder, example


def _first_of(example: Any) -> Any:
    if isinstance(example, Mapping):
        return next(iter(example.values()))
    return example[0] if isinstance(example, list) else example


def _is_short(given: Any) -> bool:
    return isinstance(given, int | float) or (isinstance(given, str) and 0 < len(given) <= 60)  # noqa: PLR2004


def _such_as(example: Any) -> str:
    return "" if example is None else f", such as {as_toml(example)}"


def _hint(key: str, holder: type[BaseModel]) -> str:
    near = difflib.get_close_matches(key, holder.model_fields, 1)
    known = ", ".join(name for name in holder.model_fields if name != "slug")
    return f"Did you mean {near[0]}?" if near else f"Known here: {known}"
