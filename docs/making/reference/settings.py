"""Every setting, from the class that reads them."""

from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from colporteur.config import PREFIX, Settings
from docs.making.reference.writing import code, page, table

_LEAD = (
    "Every setting, as an environment variable or a line of `.env`. Any of them is read from a file "
    "where the name has `_FILE` at its end and the value is a path, which is the way for secrets. "
    "What goes with what, and why: [Settings](../settings.md)."
)


def settings() -> str:
    """The page of settings."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return page(
        "Settings", _LEAD, table(("variable", "what it is", "value", "default", "example"), rows)
    )


def _row(name: str, field: FieldInfo) -> tuple[str, ...]:
    example = str((field.examples or [""])[0])
    return (
        code(PREFIX + name.upper()),
        (field.description or "") + ("" if field.repr else " A secret."),
        _kind(field),
        code(_plain(field.default)),
        code(example) if " " not in example else example,
    )


def _kind(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(code(one) for one in get_args(kind))
    if kind is bool:
        return "`true`, `false`"
    bounds = {type(one): one for one in field.metadata}
    if Ge in bounds and Le in bounds:
        return f"{bounds[Ge].ge} to {bounds[Le].le}"
    return "a number" if kind in {int, float} else "a path" if kind.__name__ == "Path" else "text"


def _plain(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
