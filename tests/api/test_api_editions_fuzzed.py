"""Whatever a program sends about editions, the fault is never ours."""

import json
from typing import Any

from api_editing import EVERYTHING, Desk
from api_house import Mint
from asking import Ask
from house import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colporteur.staff.people import Role

ODD = ["\0", "\ud800", "", " ", "actualites", "health", "un", "2100-01-01T00:00:00Z", "lead", "é"]
texts = st.sampled_from(ODD) | st.text(st.characters(), max_size=20)
names = st.lists(st.sampled_from(["cms-1", "un", "actualites", "health"]) | texts, max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
SLOT = "/channels/actualites/cadences/matin/editions/2100-01-01T06:00:00Z"
ARRANGING = ("lead", "order", "left_out", "intro", "subject", "preheader", "remove")
PLACES: list[tuple[str, str, tuple[str, ...]]] = [
    ("PATCH", "/editions/1", ARRANGING),
    ("PUT", SLOT, ARRANGING),
    (
        *("POST", "/editions/specials"),
        ("channels", "topics", "articles", "home", "note", "subject", "preheader"),
    ),
    ("POST", "/editions/1/corrections", ("note", "subject", "preheader")),
    ("POST", "/editions/2/confirm", ("readers", "at")),
    *(
        ("POST", f"/editions/1/{action}", ("why",))
        for action in ("approve", "hold", "release", "cancel", "withdraw", "confirm")
    ),
]


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """A request whose body has keys that it may have, mostly of their kind."""
    method, path, keys = draw(st.sampled_from(PLACES))
    body = draw(st.dictionaries(st.sampled_from(keys), texts | names | values))
    return method, path, body


latin = st.characters(max_codepoint=255)


def test_no_body_is_answered_with_a_fault_of_ours(ask: Ask, mint: Mint, house: House):
    house.take("Un", external_id="cms-1", body_html="<p>Un texte.</p>")
    house.subscribe("a@example.org")
    leila = Desk(ask, mint(*EVERYTHING, role=Role.ADMIN)[0])
    assert leila("PUT", SLOT, json={}).status_code == 201
    leila.drafts("first")

    seen: set[int] = set()

    @settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(requests(), st.sampled_from(["k", '"k"']) | st.text(latin, max_size=9))
    def anything(request: tuple[str, str, dict[str, Any]], key: str) -> None:
        method, path, body = request
        headers = {
            b"Authorization": f"Bearer {leila.token}".encode(),
            b"Content-Type": b"application/json",
            b"Idempotency-Key": key.encode("latin-1"),
        }
        content = json.dumps(body)
        found = ask(method, f"/api/v1{path}", headers=list(headers.items()), content=content)
        assert found.status_code < 500, found.text
        if found.status_code >= 400:
            assert found.json()["cure"]
        seen.add(found.status_code)

    anything()
    assert {200, 422} <= seen  # some came as far as the engine
