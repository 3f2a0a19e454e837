"""Asks the API whatever its own description (OpenAPI) allows, and things that it does not."""

from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from starlette.types import ASGIApp

KNOWN = {
    "key": ["cms-1", "un", "a/b"],
    "edition": ["1", "2"],
    "channel": ["actualites", "nashra"],
    "cadence": ["matin"],
    "slot": ["2100-01-01T06:00:00Z"],
    "subscriber": [1, 2],
    "hint": ["col_nothing0"],
}
"""What addresses may name that is there, in most of the questions."""
HOLDS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def ask_everything(
    app: ASGIApp, token: str, examples: int, only: str = ""
) -> dict[str, Counter[int]]:
    """Ask each operation so many times; how often each answered with what status.

    Raises:
        AssertionError: an answer is a fault of ours, or not as the description says.
    """
    described = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    found: dict[str, Counter[int]] = {}
    for result in described.get_all_operations():
        operation = result.ok()
        if only and only not in operation.label:
            continue
        found[operation.label] = _ask(operation, token, examples)
    return found


def _ask(operation: Any, token: str, examples: int) -> Counter[int]:
    seen: Counter[int] = Counter()
    usual = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    odd = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    named = st.fixed_dictionaries({name: st.sampled_from(KNOWN[name]) for name in KNOWN})

    @settings(
        max_examples=examples,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data(), st.integers(0, 3), named)
    def asked(data: st.DataObject, which: int, names: dict[str, Any]) -> None:
        case: Case = data.draw(odd if which == 0 else usual)
        if which > 1:
            case.path_parameters = {name: names[name] for name in case.path_parameters or {}}
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(answer, checks=HOLDS)
        seen[answer.status_code] += 1

    asked()
    return seen
