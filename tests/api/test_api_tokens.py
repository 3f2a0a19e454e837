"""A program looks at tokens, makes narrower ones, and ends them."""

import pytest
from api_house import Mint
from asking import Ask
from newsroom import ON_SQLITE

from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope

pytestmark = ON_SQLITE
TOKENS = (Scope.TOKENS, Scope.ARTICLES_READ)


def asking(ask: Ask, text: str):
    headers = {"Authorization": f"Bearer {text}"}
    return lambda method, path, **more: ask(method, f"/api/v1{path}", headers=headers, **more)


@pytest.fixture
def leila(ask: Ask, mint: Mint):
    return asking(ask, mint(*TOKENS, name="desk")[0])


def test_any_token_is_told_what_it_is_and_what_its_holder_may(ask: Ask, mint: Mint):
    text, known = mint(Scope.ARTICLES_READ, Scope.EDITIONS_APPROVE, role=Role.EDITOR)
    said = asking(ask, text)("GET", "/token").json()
    assert (said["hint"], said["holder"], said["role"]) == (
        *(known.hint, "leila@example.org"),
        "editor",
    )
    assert said["scopes"] == ["articles:read", "editions:approve"]
    assert said["allowed"] == ["articles:read"]
    assert asking(ask, "col_" + "a" * 43)("GET", "/token").status_code == 401


def test_a_narrower_token_is_made_shown_once_and_ended(ask: Ask, leila):
    made = leila(
        "POST", "/tokens", json={"name": "importer", "scopes": ["articles:read"], "days": 3}
    )
    assert made.status_code == 201
    said = made.json()
    one = asking(ask, said["token"])
    assert one("GET", "/articles").status_code == 200
    assert one("GET", "/tokens").status_code == 403
    listed = leila("GET", "/tokens")
    assert said["token"] not in listed.text
    assert {two["name"] for two in listed.json()["tokens"]} == {"desk", "importer"}
    for _ in range(2):
        assert leila("DELETE", f"/tokens/{said['hint']}").status_code == 204
    assert one("GET", "/articles").status_code == 401


def test_no_token_makes_a_wider_or_a_longer_one(ask: Ask, leila):
    wider = leila("POST", "/tokens", json={"name": "a", "scopes": ["sending"]})
    assert wider.status_code == 403
    body = {"name": "short", "scopes": ["tokens", "articles:read"], "days": 1}
    short = leila("POST", "/tokens", json=body).json()
    longer = {"name": "long", "scopes": ["articles:read"], "days": 300}
    made = asking(ask, short["token"])("POST", "/tokens", json=longer).json()
    assert made["expires_at"][:16] == short["expires_at"][:16]
    for odd in ({"name": ""}, {"scopes": []}, {"scopes": ["x"]}, {"days": 0}, {"name": "a\nb"}):
        assert leila("POST", "/tokens", json=longer | odd).status_code == 422


def test_others_tokens_are_for_admins_to_see_and_end(ask: Ask, mint: Mint, leila):
    _, theirs = mint(*TOKENS, name="theirs", address="amina@example.org", role=Role.APPROVER)
    assert leila("DELETE", f"/tokens/{theirs.hint}").status_code == 404
    assert [one["name"] for one in leila("GET", "/tokens").json()["tokens"]] == ["desk"]
    admin = asking(ask, mint(*TOKENS, address="root@example.org", role=Role.ADMIN)[0])
    assert len(admin("GET", "/tokens").json()["tokens"]) == 3
    assert admin("DELETE", f"/tokens/{theirs.hint}").status_code == 204
    assert admin("DELETE", "/tokens/%00").status_code == 404
