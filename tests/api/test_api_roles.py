"""A token does what its scopes and its holder's role both allow, and what it changes is noted."""

import pytest
from api_house import Mint
from asking import Ask
from house import House
from newsroom import ON_SQLITE

from colporteur.db import database_now, reading, writing
from colporteur.staff import audit, people
from colporteur.staff.people import Role
from colporteur.staff.permissions import ALLOWED, ASKED_BY_SCOPE
from colporteur.staff.tokens import Scope

pytestmark = ON_SQLITE
AN_ADDRESS = {
    Scope.CHANNELS_READ: ("GET", "/channels"),
    Scope.ARTICLES_READ: ("GET", "/articles"),
    Scope.ARTICLES_WRITE: ("DELETE", "/articles/none"),
    Scope.EDITIONS_READ: ("GET", "/editions"),
    Scope.EDITIONS_WRITE: ("POST", "/editions/9/hold"),
    Scope.EDITIONS_APPROVE: ("POST", "/editions/9/approve"),
    Scope.REPORTS_READ: ("GET", "/reports"),
    Scope.SUBSCRIBERS_READ: ("GET", "/subscribers"),
    Scope.SUBSCRIBERS_WRITE: ("POST", "/subscribers/9/erase"),
    Scope.SENDING: ("GET", "/sending"),
    Scope.SIGNUPS: ("POST", "/signups"),
    Scope.TOKENS: ("GET", "/tokens"),
}
"""An address for each scope but Ghost's, which has a test of its own."""


def asking(ask: Ask, text: str):
    headers = {"Authorization": f"Bearer {text}"}
    return lambda method, path, **more: ask(method, f"/api/v1{path}", headers=headers, **more)


def test_every_scope_asks_for_something_of_its_holder(house: House):
    assert set(ASKED_BY_SCOPE) == set(Scope)
    assert set(AN_ADDRESS) == set(Scope) - {Scope.GHOST}


@pytest.mark.parametrize("role", list(Role))
def test_a_scope_and_a_role_must_both_allow_it(ask: Ask, mint: Mint, role: Role):
    everything, _ = mint(*(set(Scope) - {Scope.GHOST}), role=role)
    for scope, (method, path) in AN_ADDRESS.items():
        found = asking(ask, everything)(method, path)
        allowed = ASKED_BY_SCOPE[scope] in ALLOWED[role]
        assert (found.status_code != 403) == allowed, (scope, found.text)
        if not allowed:
            kind = found.json()["type"].rpartition(":")[2]
            assert kind == ("no-approver" if scope is Scope.EDITIONS_APPROVE else "not-allowed")


def test_without_its_scope_nothing_is_answered(ask: Ask, mint: Mint):
    for scope, (method, path) in AN_ADDRESS.items():
        others, _ = mint(*(set(Scope) - {scope}), role=Role.ADMIN)
        found = asking(ask, others)(method, path)
        assert found.status_code == 403, (scope, found.text)
        assert f'scope="{scope}"' in found.headers["www-authenticate"]


def test_a_role_that_was_taken_away_counts_at_once(ask: Ask, mint: Mint, house: House):
    text, token = mint(Scope.SUBSCRIBERS_READ)
    assert asking(ask, text)("GET", "/subscribers").status_code == 200
    with writing(house.engine) as connection:
        holder = people.by_id(connection, token.user_id)
        now = database_now(connection)
        people.add(connection, holder.address, name=None, role=Role.AUTHOR, now=now)
    assert asking(ask, text)("GET", "/subscribers").status_code == 403


def test_who_may_suspend_may_not_release_unless_their_role_allows_it(ask: Ask, mint: Mint):
    editor = asking(ask, mint(Scope.SENDING, role=Role.EDITOR)[0])
    assert editor("POST", "/sending/suspend", json={"why": "Spam."}).status_code == 200
    assert editor("POST", "/sending/release").status_code == 403
    assert editor("GET", "/sending").json()["suspended"]
    other = mint(Scope.SENDING, role=Role.APPROVER, address="amina@example.org")[0]
    assert asking(ask, other)("POST", "/sending/release").json()["suspended"] is None


def test_an_authors_program_changes_only_what_is_the_authors(ask: Ask, mint: Mint, house: House):
    author = asking(ask, mint(role=Role.AUTHOR, address="nadia@example.org")[0])
    editor = asking(ask, mint(role=Role.EDITOR)[0])
    one = {"id": "a", "title": "Le sien", "teaser": "Un extrait."}
    assert author("POST", "/articles", json=one).status_code == 201
    assert author("PATCH", "/articles/a", json={"title": "Le sien, corrigé"}).status_code == 200
    house.take("Autre", external_id="b", body_html="<p>Un texte.</p>")
    for method, json in (("PATCH", {"title": "Pris"}), ("PUT", one | {"id": "b"})):
        found = author(method, "/articles/b", json=json)
        assert (found.status_code, found.json()["type"].rpartition(":")[2]) == (403, "not-allowed")
    assert author("DELETE", "/articles/b").status_code == 403
    many = author("POST", "/articles/bulk", json=[{"id": "b", "title": "Pris"}, one]).json()
    assert [two["outcome"] for two in many["results"]] == ["refused", "updated"]
    kept = editor("GET", "/articles/b").json()
    assert (kept["title"], kept["state"]) == ("Autre", "published")
    assert editor("DELETE", "/articles/a").status_code == 204


def test_what_a_program_changes_is_noted_under_its_holder(ask: Ask, mint: Mint, house: House):
    text, token = mint(Scope.ARTICLES_WRITE, Scope.SENDING, Scope.EDITIONS_WRITE)
    cms = asking(ask, text)
    one = {"id": "a", "title": "Un", "teaser": "Un extrait."}
    for said in (one, one, one | {"title": "Deux"}):
        cms("PUT", "/articles/a", json=said)
    cms("DELETE", "/articles/a")
    cms("DELETE", "/articles/a")
    cms("POST", "/sending/suspend", json={"why": "Spam."})
    cms("POST", "/editions/9/hold")  # there is none: nothing is noted of what was refused
    with reading(house.engine) as connection:
        found = audit.noted(connection, limit=20)[::-1]
    assert [(row.action, row.by) for row in found] == [
        ("article.written", "leila@example.org"),
        ("article.changed", "leila@example.org"),
        ("article.withdrawn", "leila@example.org"),
        ("sending.suspended", "leila@example.org"),
    ]
    assert {row.detail["token"] for row in found} == {token.hint}
    assert found[-1].detail["why"] == "Spam."
