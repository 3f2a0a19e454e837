"""Every operation of the API, from its own description (OpenAPI)."""

import tempfile
from pathlib import Path
from typing import Any

from colporteur.config import load_settings
from colporteur.db import make_engine
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.web.api.app import api_app
from colporteur.web.api.reference import Content, Operation, Property, chapters
from docs.making.reference.writing import code, page, table

_LEAD = (
    "Every operation of `/api/v1`, as `/api/openapi.json` describes it; a running installation shows "
    "it at `/api/docs`. How to ask, and what the answers mean: [The API](../api.md)."
)
_UNSAID = "Successful Response"
"""What FastAPI says where we say nothing."""


def api() -> str:
    """The page of operations, a section for each thing they are about."""
    written = []
    for chapter in chapters(described()):
        written.append(f"## {chapter.name.capitalize()}")
        written += [_section(one) for one in chapter.operations]
    return page("API", _LEAD, *written)


def described() -> dict[str, Any]:
    """The API's description of itself."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"COLPORTEUR_DATA_DIR": folder}, Path(folder) / ".env")
        engine = make_engine(settings.database)
        app = api_app(Runtime(settings, engine, Templates(settings.template_folders)))
        engine.dispose()
        return app.openapi()


def _section(one: Operation) -> str:
    asked = [
        (code(said.name), said.said, f"{said.kind}; in the {said.place}{_must(said.required)}")
        for said in one.parameters
    ]
    parts = [
        f"### {one.method} {one.path}",
        f"{one.summary}." if not one.summary.endswith(".") else one.summary,
        one.said,
        _scope(one.scope),
        table(("parameter", "what it is", "value"), asked),
        _body(one.body),
        *_answers(one),
        _statuses(one),
    ]
    return "\n\n".join(part for part in parts if part)


def _scope(scope: str) -> str:
    return {"": "Needs no token.", "any": "Needs a token of any scope."}.get(
        scope, f"Needs a token of the scope {code(scope)}."
    )


def _body(body: Content | None) -> str:
    if body is None:
        return ""
    return "\n\n".join(part for part in (f"The body: {body.said}".strip(), _held(body)) if part)


def _answers(one: Operation) -> list[str]:
    """Each answer that holds something; one that holds what another does only says so."""
    found: list[str] = []
    first: dict[tuple[Property, ...], str] = {}
    for said in (said for said in one.answers if said.properties):
        lead = f"{said.status}: {'' if said.said == _UNSAID else said.said}".strip()
        if said.properties in first:
            found.append(f"{lead} It holds the same as {first[said.properties]}.")
        else:
            first[said.properties] = said.status
            found.append(f"{lead}\n\n{_held(said)}")
    return found


def _held(said: Content) -> str:
    rows = [(code(one.name), one.said, one.kind + _must(one.required)) for one in said.properties]
    return table(("key", "what it is", "value"), rows)


def _must(required: object) -> str:
    return ", required" if required else ""


def _statuses(one: Operation) -> str:
    plain = [
        f"{said.status} ({'done' if said.said == _UNSAID else said.said})"
        for said in one.answers
        if not said.properties
    ]
    return f"Answers: {'; '.join(plain)}" if plain else ""
