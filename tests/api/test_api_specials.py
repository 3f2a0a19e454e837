"""Special editions over the API: drafted once, confirmed once, taken back in time."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from api_editing import Desk, desk
from api_house import Mint
from asking import Ask
from house import House, publication
from sqlalchemy import update

from colporteur.clock import utcnow
from colporteur.db import database_now, writing
from colporteur.db.tables.delivery import deliveries
from colporteur.staff.people import Role

SPECIALS = "/editions/specials"
BODY = {"channels": ["actualites"], "note": "Une grève.", "subject": "Grève"}


@pytest.fixture
def leila(ask: Ask, mint: Mint) -> Desk:
    """An editor."""
    return desk(ask, mint)


@pytest.fixture
def read(house: House) -> House:
    """A house with two readers and an article."""
    house.subscribe("a@example.org", topics_in=("health",))
    house.subscribe("b@example.org", topics_in=("law",))
    house.take("Un", external_id="cms-1", body_html="<p>Un texte.</p>", topics=("health",))
    return house


def instants(view: dict[str, Any], *names: str) -> list[datetime]:
    return [datetime.fromisoformat(view[name]) for name in names]


def test_a_draft_says_how_many_it_would_reach_and_that_it_does_not_leave(leila: Desk, read: House):
    found = leila(
        "POST", SPECIALS, '"8e03978e"', json=BODY | {"articles": ["cms-1"], "topics": ["health"]}
    )
    assert found.status_code == 201, found.text
    view = found.json()
    assert found.headers["location"] == f"/api/v1/editions/{view['id']}"
    assert (view["kind"], view["state"], view["channel"]) == ("special", "open", "actualites")
    assert (view["readers"], view["leaves_at"], view["withdrawable_until"]) == (1, None, None)
    assert view["audience"] == {"channels": ["actualites"], "topics": ["health"], "corrects": None}
    assert view["arrangement"]["order"] == [{"id": "cms-1", "slug": "un", "title": "Un"}]


def test_the_same_key_and_content_is_the_same_edition_and_other_content_422(
    leila: Desk, read: House
):
    first = leila("POST", SPECIALS, '"k-1"', json=BODY)
    again = leila("POST", SPECIALS, "k-1", json=BODY | {"topics": []})
    assert (again.status_code, again.json()) == (200, first.json())
    other = leila("POST", SPECIALS, "k-1", json=BODY | {"subject": "Autre"})
    assert other.status_code == 422
    assert "same key" in other.json()["detail"]
    assert leila("POST", SPECIALS, "k-2", json=BODY).status_code == 201


def test_a_key_is_found_again_when_its_articles_were_withdrawn_since(
    leila: Desk, read: House, bearer: dict[str, str], ask: Ask
):
    body = BODY | {"articles": ["un"]}
    first = leila("POST", SPECIALS, "k", json=body).json()
    assert ask("DELETE", "/api/v1/articles/cms-1", headers=bearer).status_code == 204
    again = leila("POST", SPECIALS, "k", json=body)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    fresh = leila("POST", SPECIALS, "k2", json=body)
    assert (fresh.status_code, "withdrawn" in fresh.json()["detail"]) == (422, True)


def test_the_key_of_another_person_is_another_key(leila: Desk, ask: Ask, mint: Mint, read: House):
    amina = desk(ask, mint, address="amina@example.org")
    assert leila.drafts("k")["id"] != amina.drafts("k", subject="Autre")["id"]


KEYS: list[Any] = ["", " ", '"', '""', '"a', 'a"b', "x" * 151, "é".encode()]


def test_without_a_key_that_can_be_nothing_is_drafted(leila: Desk, read: House):
    for key in KEYS:
        found = leila("POST", SPECIALS, key, json=BODY)
        assert (found.status_code, bool(found.json()["cure"])) == (400, True)
        assert leila("GET", "/editions").json()["editions"] == []


DRAFTS: list[dict[str, Any]] = [
    {"channels": []},
    {"channels": None},
    {"channels": ["rien"]},
    {"channels": ["\ud800"]},
    {"topics": ["sport"]},
    {"home": "rien"},
    {"home": "nashra", "articles": ["cms-1"]},
    {"articles": ["rien"]},
    {"articles": ["\0"]},
    {"note": ""},
    {"subject": ""},
    {"subject": "x" * 151},
    {"subject": "\ud800"},
    {"preheader": "deux\nlignes"},
    {"at": "2100-01-01T00:00:00Z"},
]


def test_a_draft_that_cannot_be_is_refused(leila: Desk, read: House):
    for said in DRAFTS:
        found = leila("POST", SPECIALS, "k", content=json.dumps(BODY | said))
        assert found.status_code == 422, found.text
        assert found.json()["cure"]
        assert leila("GET", "/editions").json()["editions"] == []


def test_a_confirmed_special_can_be_withdrawn_until_its_hold_ends(leila: Desk, read: House):
    made = leila.drafts()
    view = leila.does(made["id"], "confirm").json()
    assert (view["state"], view["readers"], view["counts"]) == ("held", 2, {"pending": 2})
    leaves, until = instants(view, "leaves_at", "withdrawable_until")
    assert leaves == until
    assert timedelta(minutes=4) < until - utcnow() < timedelta(minutes=6)
    back = leila.does(made["id"], "withdraw", why="Démenti.").json()
    assert (back["state"], back["counts"]) == ("cancelled", {"skipped": 2})
    assert (back["withdrawable_until"], back["reason"]) == (None, "Démenti.")
    for action in ("withdraw", "release", "hold"):
        assert leila.does(made["id"], action).status_code == 409


def test_a_special_for_later_waits_and_can_be_withdrawn(leila: Desk, read: House):
    made = leila.drafts()
    view = leila.does(made["id"], "confirm", at="2100-01-01T08:00:00+01:00").json()
    assert (view["state"], view["leaves_at"]) == ("open", "2100-01-01T07:00:00Z")
    assert view["withdrawable_until"] == "2100-01-01T07:00:00Z"
    assert leila.does(made["id"], "withdraw").json()["state"] == "cancelled"


CONFIRMATIONS: list[dict[str, Any]] = [
    {"at": "2020-01-01T00:00:00Z"},
    {"at": "2100-01-01T00:00:00"},
    {"at": "demain"},
    {"at": 4_102_444_800},
    {"at": "9999-12-31T23:59:59-12:00"},
    {"readers": -1},
    {"readers": True},
    {"readers": "2"},
    {"readers": 2.5},
    {"when": "2100-01-01T00:00:00Z"},
]


def test_a_confirmation_that_cannot_be_is_refused(leila: Desk, read: House):
    for said in CONFIRMATIONS:
        made = leila.drafts()
        assert leila.does(made["id"], "confirm", **said).status_code == 422, said
        assert leila("GET", f"/editions/{made['id']}").json()["state"] == "open"


def test_many_readers_ask_for_their_number(leila: Desk, read: House):
    read.apply(publication(specials={"confirm_above": 1}))
    made = leila.drafts()["id"]
    for said in ({}, {"readers": 1}, {"readers": 10**40}):
        found = leila.does(made, "confirm", **said)
        assert (found.status_code, found.json()["readers"]) == (409, 2)
        assert found.json()["type"].endswith("number-refused")
    assert leila.does(made, "confirm", readers=2).json()["state"] == "held"


def test_a_special_to_nobody_is_refused(leila: Desk, house: House):
    made = leila.drafts()
    assert made["readers"] == 0
    found = leila.does(made["id"], "confirm")
    assert (found.status_code, found.json()["detail"]) == (422, "Nobody would get this edition.")


def test_confirming_twice_even_at_once_is_one(leila: Desk, read: House):
    made = leila.drafts()["id"]
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(leila.does, made, "confirm") for _ in range(2)]
        found = [one.result() for one in both]
    assert [one.status_code for one in found] == [200, 200]
    assert found[0].json() == found[1].json()
    assert leila.does(made, "confirm", at="2100-01-01T00:00:00Z").json() == found[0].json()
    assert [one["to_state"] for one in found[0].json()["history"]] == ["open", "open", "held"]
    assert found[0].json()["counts"] == {"pending": 2}


def test_drafting_under_one_key_at_once_is_one(leila: Desk, read: House):
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(leila, "POST", SPECIALS, "k", json=BODY) for _ in range(8)]
        found = [one.result() for one in asked]
    assert sorted(one.status_code for one in found) == [*[200] * 7, 201]
    assert len({one.json()["id"] for one in found}) == 1


def test_a_special_waits_for_an_approver_where_the_publication_asks_for_one(
    leila: Desk, ask: Ask, mint: Mint, read: House
):
    read.apply(publication(specials={"approval": True}, four_eyes=True))
    amina = desk(ask, mint, address="amina@example.org", role=Role.APPROVER)
    made = leila.drafts()["id"]
    draft = amina.does(made, "approve")
    assert (draft.status_code, draft.json()["cure"]) == (409, "Confirm it first.")
    view = leila.does(made, "confirm").json()
    assert (view["state"], view["readers"]) == ("awaiting_approval", 2)
    assert view["withdrawable_until"] == view["leaves_at"]
    assert leila.does(made, "confirm").json()["state"] == "awaiting_approval"
    assert leila.does(made, "approve").status_code == 403
    assert amina.does(made, "approve").json()["approved_at"]
    mine = amina.drafts("mine")["id"]
    amina.does(mine, "confirm")
    assert amina.does(mine, "approve").status_code == 409


def test_a_correction_goes_to_those_who_received_the_edition(leila: Desk, read: House):
    wrong = leila.drafts()["id"]
    leila.does(wrong, "confirm")
    with writing(read.engine) as connection:
        one = update(deliveries).where(deliveries.c.subscriber_id == 1)
        connection.execute(one.values(status="sent", ended_at=database_now(connection)))
    said = {"note": "Il fallait lire 12.", "subject": "Erratum"}
    path = f"/editions/{wrong}/corrections"
    assert leila("POST", path, "c", json=said).status_code == 422  # it is leaving still
    leila.does(wrong, "cancel", why="faux")
    found = leila("POST", path, "c", json=said)
    assert found.status_code == 201, found.text
    view = found.json()
    assert (view["kind"], view["readers"], view["audience"]["corrects"]) == ("correction", 1, wrong)
    assert leila("POST", path, "c", json=said).status_code == 200
    assert leila.does(view["id"], "confirm").json()["readers"] == 1
    assert leila("POST", path, "d", json=said | {"note": " "}).status_code == 422
    assert leila("POST", path, json=said).status_code == 400


def test_a_special_is_not_arranged_and_a_regular_edition_neither_confirmed_nor_withdrawn(
    leila: Desk, read: House
):
    made = leila.drafts()["id"]
    assert leila("PATCH", f"/editions/{made}", json={"intro": "Autre."}).status_code == 422
    regular = leila("POST", "/channels/actualites/cadences/matin/send").json()["id"]
    assert leila.does(regular, "confirm").status_code == 422
    assert leila.does(regular, "withdraw").status_code == 409
