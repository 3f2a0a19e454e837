"""``/api/docs``: the API's description (OpenAPI) as a page, made here: no script, nothing foreign."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from colporteur.tasks import Runtime

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_DEEP = 4  # an example goes no deeper
Described = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """Something that an address or a header says."""

    name: str
    place: str
    required: bool
    kind: str
    said: str


@dataclass(frozen=True)
class Property:
    """Something that a body or an answer holds."""

    name: str
    kind: str
    required: bool
    said: str


@dataclass(frozen=True)
class Content:
    """A body or an answer: what it holds, and an example of it."""

    status: str
    said: str
    properties: tuple[Property, ...] = ()
    example: str = ""


@dataclass(frozen=True)
class Operation:
    """Something that can be asked."""

    anchor: str
    method: str
    path: str
    summary: str
    said: str
    scope: str
    parameters: tuple[Parameter, ...]
    body: Content | None
    answers: tuple[Content, ...]


@dataclass(frozen=True)
class Chapter:
    """What can be asked about one thing."""

    name: str
    operations: tuple[Operation, ...]


def reference_routes(runtime: Runtime, describe: Callable[[], Described]) -> APIRouter:
    """The page; ``describe`` gives the description, which is worked out once."""
    routes = APIRouter()

    @routes.get("/api/docs", include_in_schema=False)
    def page() -> HTMLResponse:
        said = describe()
        html = runtime.templates.render(
            "api/reference.html.j2", "en", chapters=chapters(said), version=said["info"]["version"]
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})

    return routes


def chapters(described: Described) -> list[Chapter]:
    """A description by what it is about, in its own order. Pure."""
    found: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            name = one.get("tags", ["other"])[0]
            found.setdefault(name, []).append(_operation(described, path, method, one))
    return [Chapter(name, tuple(ones)) for name, ones in found.items()]


def _operation(described: Described, path: str, method: str, one: Described) -> Operation:
    security = one.get("security", [])
    scopes = [scope for two in security for held in two.values() for scope in held]
    return Operation(
        anchor=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=one["summary"],
        said=one.get("description", ""),
        scope=scopes[0] if scopes else "any" if security else "",
        parameters=tuple(_parameter(two) for two in one.get("parameters", [])),
        body=_body(described, one.get("requestBody")),
        answers=tuple(
            _answer(described, status, answer)
            for status, answer in one["responses"].items()
            if status != "default"
        ),
    )


def _parameter(said: Described) -> Parameter:
    return Parameter(
        said["name"],
        said["in"],
        bool(said.get("required")),
        _kind(said.get("schema", {})),
        said.get("description", "") or said.get("schema", {}).get("description", ""),
    )


def _body(described: Described, said: Described | None) -> Content | None:
    if said is None:
        return None
    schema = said["content"]["application/json"]["schema"]
    return _content(described, "", "" if said.get("required") else "May be left out.", schema)


def _answer(described: Described, status: str, said: Described) -> Content:
    schema = said.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return Content(status, said["description"])
    return _content(described, status, said["description"], schema)


def _content(described: Described, status: str, said: str, schema: Described) -> Content:
    found = _resolved(described, schema)
    if found.get("type") == "array":
        found = _resolved(described, found.get("items", {}))
        said = f"{said} A list of these.".strip()
    required = set(found.get("required", []))
    properties = tuple(
        Property(
            name,
            _kind(_resolved(described, one)),
            name in required,
            one.get("description", "") or _resolved(described, one).get("description", ""),
        )
        for name, one in found.get("properties", {}).items()
    )
    examples = found.get("examples") or []
    example = examples[0] if examples else _example(described, found) if status else None
    text = "" if example is None else json.dumps(example, ensure_ascii=False, indent=2)
    return Content(status, said, properties, text)


def _resolved(described: Described, schema: Described) -> Described:
    """What a reference leads to; of what may be null too, what else it is."""
    while "$ref" in schema:
        place: Any = described
        for name in schema["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        schema = place
    others = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if len(others) == 1:
        return {**_resolved(described, others[0]), "nullable": True}
    return schema


def _kind(schema: Described) -> str:
    """What a schema allows, in a few words."""
    if "anyOf" in schema or "oneOf" in schema:
        kinds = dict.fromkeys(_kind(one) for one in schema.get("anyOf", schema.get("oneOf", [])))
        return " or ".join(kinds)
    if "enum" in schema:
        return ", ".join(str(one) for one in schema["enum"])
    kind = schema.get("format") or schema.get("type") or schema.get("title") or "object"
    if kind == "array":
        kind = f"list of {_kind(schema.get('items', {}))}"
    return f"{kind} or null" if schema.get("nullable") else str(kind)


def _example(described: Described, schema: Described, depth: int = 0) -> Any:
    found = _resolved(described, schema)
    if found.get("nullable") and depth:
        return None
    if found.get("type") == "array":
        return [_example(described, found["items"], depth + 1)] if depth < _DEEP else []
    if "properties" in found:
        return {
            name: _example(described, one, depth + 1) for name, one in found["properties"].items()
        }
    usual = {"integer": 1, "boolean": False, "number": 1.0, "object": {}}
    dated = found.get("format") == "date-time"
    return usual.get(found.get("type", ""), "2026-11-23T06:00:00Z" if dated else "…")
