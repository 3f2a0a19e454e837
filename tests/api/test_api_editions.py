"""Editions over the API: looked at, arranged, let go, held back and stopped."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
from api_editing import Desk, desk, next_slot
from api_house import Mint
from asking import Ask, asker, make_app
from house import House, channel, digest, publication

from colporteur.articles.withdrawing import withdraw
from colporteur.db import database_now
from colporteur.db.tables.editions import editions
from colporteur.digests.preflight import ERROR, Finding
from colporteur.editions import brakes, scheduling
from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope

SEND = "/channels/actualites/cadences/matin/send"


@pytest.fixture
def leila(ask: Ask, mint: Mint) -> Desk:
    """An editor."""
    return desk(ask, mint)


@pytest.fixture
def amina(ask: Ask, mint: Mint) -> Desk:
    """An approver."""
    return desk(ask, mint, address="amina@example.org", role=Role.APPROVER)


def slot_path(house: House, slot: datetime | None = None) -> str:
    when = (slot or next_slot(house)).isoformat().replace("+00:00", "Z")
    return f"/channels/actualites/cadences/matin/editions/{when}"


def tick(house: House) -> None:
    with house.open() as (connection, revision, names):
        scheduling.advance(connection, revision, names, database_now(connection))


def fresh(house: House, *titles: str) -> None:
    """Articles of today, by the clock that the API goes by."""
    with house.open() as (connection, _revision, _names):
        house.now = database_now(connection)
    for title in titles:
        house.take(title, external_id=f"cms-{title.lower()}", body_html="<p>Un texte.</p>")


def test_an_edition_sent_now_tells_its_state_readers_and_history(leila: Desk, house: House):
    fresh(house, "Un")
    house.subscribe("a@example.org")
    found = leila("POST", SEND)
    assert found.status_code == 200, found.text
    view = found.json()
    assert (view["kind"], view["state"], view["readers"]) == ("regular", "frozen", 1)
    assert (view["channel"], view["cadence"], view["forced"]) == ("actualites", "matin", True)
    assert view["leaves_at"]
    assert view["withdrawable_until"] is None
    assert view["counts"] == {"pending": 1}
    assert [(one["by"], one["from_state"], one["to_state"]) for one in view["history"]] == [
        ("leila@example.org", None, "open"),
        ("leila@example.org", "open", "frozen"),
    ]
    assert leila("GET", f"/editions/{view['id']}").json() == view


def test_what_preflight_found_is_told(leila: Desk, house: House):
    fresh(house, "Un")
    house.subscribe("a@example.org")
    made = leila("POST", SEND).json()
    assert (made["checked_at"], made["findings"]) == (None, [])
    found = Finding(ERROR, "link", "It is dead.", "Correct it.", "https://ailleurs.example/")
    with house.open() as (connection, _revision, _names):
        kept = {"checked_at": house.now, "findings": [found.as_json()]}
        connection.execute(editions.update().values(**kept))
    view = leila("GET", f"/editions/{made['id']}").json()
    assert view["checked_at"] is not None
    assert view["findings"] == [asdict(found)]


def test_what_has_nothing_new_is_skipped_with_the_reason(leila: Desk, house: House):
    house.subscribe("a@example.org")
    view = leila("POST", SEND).json()
    assert (view["state"], view["reason"], view["readers"]) == ("skipped", "nothing new", 0)


def test_editions_are_listed_page_by_page_with_what_was_asked(leila: Desk, house: House):
    for days in range(1, 6):
        path = slot_path(house, next_slot(house, days=days))
        assert leila("PUT", path, json={"intro": "Bonjour."}).status_code == 201
    leila.does(1, "cancel", why="Férié.")
    since = next_slot(house, days=2).isoformat().replace("+00:00", "%2B00:00")
    seen: list[int] = []
    path = f"/editions?limit=2&state=open&state=held&channel=actualites&since={since}"
    while path:
        page = leila("GET", path).json()
        seen += [one["id"] for one in page["editions"]]
        path = (page["next"] or "").removeprefix("/api/v1")
    assert seen == [5, 4, 3, 2]
    assert leila("GET", "/editions?channel=nashra").json() == {"editions": [], "next": None}
    (gone,) = leila("GET", "/editions?state=cancelled").json()["editions"]
    assert (gone["id"], gone["reason"], gone["readers"]) == (1, "Férié.", 0)


def test_a_slot_is_arranged_by_the_callers_own_ids_or_slugs(leila: Desk, house: House):
    fresh(house, "Un", "Deux", "Trois")
    house.subscribe("a@example.org")
    path = slot_path(house)
    said = {"lead": "cms-deux", "left_out": ["trois"], "subject": "Deux, enfin"}
    made = leila("PUT", path, json=said)
    assert made.status_code == 201, made.text
    view = made.json()
    assert made.headers["location"] == f"/api/v1/editions/{view['id']}"
    assert view["readers"] == 1
    lead = {"id": "cms-deux", "slug": "deux", "title": "Deux"}
    arrangement = view["arrangement"]
    assert (arrangement["lead"], arrangement["subject"]) == (lead, "Deux, enfin")
    assert [one["id"] for one in arrangement["left_out"]] == ["cms-trois"]
    again = leila("PUT", path, json={"order": ["un"]})
    assert (again.status_code, again.json()["id"]) == (200, view["id"])
    part = leila("PATCH", f"/editions/{view['id']}", json={"intro": "Bonjour.", "lead": None})
    kept = part.json()["arrangement"]
    assert (kept["lead"], kept["intro"], kept["order"][0]["slug"]) == (lead, "Bonjour.", "un")
    bare = leila(
        "PATCH", f"/editions/{view['id']}", json={"remove": ["lead", "subject", "order"]}
    ).json()["arrangement"]
    assert (bare["lead"], bare["subject"], bare["order"]) == (None, "", [])
    assert (bare["intro"], len(bare["left_out"])) == ("Bonjour.", 1)


@pytest.mark.parametrize(
    "said",
    [
        {"lead": "rien"},
        {"lead": "ailleurs"},
        {"lead": "retire"},
        {"lead": "\0"},
        {"lead": "\ud800"},
        {"lead": 2**70},
        {"lead": ""},
        {"lead": True},
        {"lead": ["un"]},
        {"order": "un"},
        {"order": ["un"] * 101},
        {"order": ["un"], "left_out": ["un"]},
        {"subject": "Sans tête"},
        {"lead": "un", "subject": "x" * 151},
        {"lead": "un", "subject": "deux\nlignes"},
        {"intro": "\ud800"},
        {"intro": "a\0b"},
        {"intro": "x" * 20_001},
        {"remove": ["slot"]},
        {"remove": "lead"},
        {"titre": "Un"},
        {"\ud800": 1},
    ],
)
def test_wishes_that_cannot_be_are_refused_with_the_cure(
    leila: Desk, house: House, said: dict[str, Any]
):
    fresh(house, "Un", "Retire")
    house.take("Ailleurs", language="ar", body_html="<p>نص.</p>")
    with house.open() as (connection, _revision, _names):
        withdraw(connection, "retire", house.now)
    found = leila("PUT", slot_path(house), content=json.dumps(said))
    assert found.status_code == 422, found.text
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["detail"]
    assert found.json()["cure"]
    assert leila("GET", "/editions").json()["editions"] == []


SLOTS = [
    ("2999-11-23T07:00:00Z", 422),
    ("2026-11-23T07:00:00", 422),
    ("2026-11-23", 422),
    ("1795417200", 422),
    ("0001-01-01T00:00:00+14:00", 422),
    ("9999-12-31T23:59:59-12:00", 422),
    ("2026-11-31T07:00:00Z", 422),
    ("2026-11-23T07:00:00+99:99", 422),
    ("2020-11-23T06:00:00Z", 404),
    ("2100-11-23T06:00:01Z", 404),
    ("%00", 422),
    ("%FF", 422),
]


def test_a_slot_that_cannot_be_is_refused(leila: Desk):
    for slot, status in SLOTS:
        path = f"/channels/actualites/cadences/matin/editions/{slot}"
        found = leila("PUT", path, json={"intro": "Bonjour."})
        assert (found.status_code, bool(found.json()["cure"])) == (status, True)


NO_IDS = ["0", "-1", "9", "x", "1.0", "%00", "٣", str(2**63), "9" * 400]


def test_an_edition_that_is_not_there_is_404_whatever_is_asked(amina: Desk):
    for edition in NO_IDS:
        asked = [
            amina("GET", f"/editions/{edition}"),
            amina("PATCH", f"/editions/{edition}", json={}),
        ]
        for action in ("approve", "hold", "cancel", "withdraw", "confirm"):
            asked.append(amina("POST", f"/editions/{edition}/{action}"))  # noqa: PERF401
        said = {"note": "Erratum.", "subject": "Erratum"}
        asked.append(amina("POST", f"/editions/{edition}/corrections", "k", json=said))
        assert {one.status_code for one in asked} == {404}
        assert {one.json()["type"].rpartition(":")[2] for one in asked} == {"unknown-edition"}


UNKNOWN = [
    ("POST", "/channels/rien/cadences/matin/send"),
    ("POST", "/channels/actualites/cadences/soir/send"),
    ("POST", "/channels/%00/cadences/matin/send"),
    ("PUT", "/channels/rien/cadences/matin/editions/2100-01-01T06:00:00Z"),
    ("PUT", "/channels/actualites/cadences/%FF/editions/2100-01-01T06:00:00Z"),
]


def test_an_unknown_channel_or_cadence_is_404_and_says_those_there_are(leila: Desk):
    for method, path in UNKNOWN:
        found = leila(method, path, json={})
        assert found.status_code == 404, path
        assert "actualites" in found.json()["cure"] or "matin" in found.json()["cure"]


QUESTIONS = [
    "state=ouvert",
    "channel=rien",
    "since=hier",
    "until=2026-11-23T07:00:00+01:00",  # + is a blank in a question
    "since=9999-12-31T23:59:59Z",
    "limit=0",
    "before=0",
    "before=99999999999999999999",
]


def test_a_question_that_cannot_be_is_422(leila: Desk):
    for query in QUESTIONS:
        assert leila("GET", f"/editions?{query}").status_code == 422, query


def test_what_is_held_paused_and_cancelled_keeps_who_and_why(leila: Desk, house: House):
    fresh(house, "Un")
    house.subscribe("a@example.org")
    made = leila("POST", SEND).json()["id"]
    assert leila.does(made, "hold", why="Vérifier.").json()["state"] == "held"
    assert leila.does(made, "release", why="Vu.").json()["state"] == "frozen"
    tick(house)
    assert leila.does(made, "pause", why="Une faute.").json()["state"] == "paused"
    assert (
        leila("POST", f"/editions/{made}/resume").json()["state"] == "frozen"
    )  # to be looked over
    view = leila.does(made, "cancel", why="Trop tard.").json()
    assert (view["state"], view["counts"], view["reason"]) == (
        "cancelled",
        {"skipped": 1},
        "Trop tard.",
    )
    assert [one["why"] for one in view["history"]][2:] == [
        "Vérifier.",
        "Vu.",
        "",
        "Une faute.",
        "",
        "Trop tard.",
    ]


def test_a_change_that_the_table_does_not_have_is_409_and_says_what_it_has(
    leila: Desk, amina: Desk, house: House
):
    leila("PUT", slot_path(house), json={})
    for action in ("release", "pause", "resume"):
        found = leila.does(1, action)
        assert found.status_code == 409, action
        assert "It can: " in found.json()["cure"]
    assert leila.does(1, "withdraw").status_code == 409
    assert amina.does(1, "approve").status_code == 409
    leila.does(1, "cancel")
    found = leila.does(1, "cancel")
    assert (found.status_code, found.json()["cure"]) == (409, "It can: nothing any more.")
    closed = leila("PATCH", "/editions/1", json={"intro": "Bonjour."})
    assert closed.status_code == 409
    assert closed.json()["type"].endswith("arrangement-closed")


@pytest.fixture
def careful(house: House) -> House:
    """A house whose editions need an approver who had no hand in them."""
    house.apply(
        publication(
            four_eyes=True,
            channels=[
                channel("actualites", "fr", digest=digest(approval=True)),
                channel("nashra", "ar"),
            ],
        )
    )
    return house


def test_who_is_no_approver_may_not_approve_whatever_their_token_says(
    careful: House, leila: Desk, amina: Desk, ask: Ask, mint: Mint
):
    leila("PUT", slot_path(careful), json={})
    found = leila.does(1, "approve")
    assert (found.status_code, found.json()["type"].rpartition(":")[2]) == (403, "no-approver")
    view = amina.does(1, "approve", why="Lu.").json()
    assert view["approved_at"]
    assert (view["history"][-1]["by"], view["history"][-1]["why"]) == ("amina@example.org", "Lu.")
    admin = desk(ask, mint, address="root@example.org", role=Role.ADMIN)
    assert admin.does(1, "approve").status_code == 200


def test_who_arranged_an_edition_may_not_approve_it_too(careful: House, leila: Desk, amina: Desk):
    amina("PUT", slot_path(careful), json={"intro": "Bonjour."})
    found = amina.does(1, "approve")
    assert (found.status_code, found.json()["type"].rpartition(":")[2]) == (409, "approval-refused")
    assert "four_eyes" in found.json()["cure"]


def test_an_edition_that_waits_leaves_once_it_is_approved(careful: House, leila: Desk, amina: Desk):
    fresh(careful, "Un")
    careful.subscribe("a@example.org")
    made = leila("POST", SEND).json()
    assert made["state"] == "awaiting_approval"
    assert leila("PATCH", f"/editions/{made['id']}", json={"left_out": []}).status_code == 409
    assert leila("PATCH", f"/editions/{made['id']}", json={"intro": "Ah."}).status_code == 200
    assert amina.does(made["id"], "approve").json()["state"] == "frozen"


def test_nothing_is_sent_now_while_sending_is_suspended(leila: Desk, house: House):
    with house.open() as (connection, _revision, _names):
        brakes.suspend(connection, by="amina", why="Panne.", now=house.now)
    found = leila("POST", SEND)
    assert (found.status_code, "Panne." in found.json()["detail"]) == (409, True)
    assert leila("GET", "/editions").json()["editions"] == []


def test_in_rehearsal_an_edition_reaches_the_staff_alone(house: House, mint: Mint, tmp_path: Any):
    house.rehearse()
    ask = asker(make_app(house, tmp_path, mail_url="smtp://127.0.0.1:1"))
    leila = desk(ask, mint)
    fresh(house, "Un")
    for address in ("a@example.org", "leila@example.org"):
        house.subscribe(address)
    assert leila("POST", SEND).json()["readers"] == 1
    assert leila.drafts()["readers"] == 1


ROUTES: list[tuple[str, str, Scope]] = [
    ("GET", "/editions", Scope.EDITIONS_READ),
    ("GET", "/editions/1", Scope.EDITIONS_READ),
    ("PATCH", "/editions/1", Scope.EDITIONS_WRITE),
    ("POST", "/editions/specials", Scope.EDITIONS_WRITE),
    ("POST", "/editions/1/confirm", Scope.EDITIONS_WRITE),
    ("POST", "/editions/1/corrections", Scope.EDITIONS_WRITE),
    ("POST", SEND, Scope.EDITIONS_WRITE),
    ("PUT", "/channels/a/cadences/b/editions/c", Scope.EDITIONS_WRITE),
    ("POST", "/editions/1/approve", Scope.EDITIONS_APPROVE),
    *(
        ("POST", f"/editions/1/{action}", Scope.EDITIONS_WRITE)
        for action in ("hold", "release", "pause", "resume", "cancel", "withdraw")
    ),
]


def test_a_token_without_the_scope_is_403_and_says_which(ask: Ask, mint: Mint):
    tokens = {scope: {"Authorization": f"Bearer {mint(scope)[0]}"} for scope in Scope}
    for method, path, needed in ROUTES:
        for scope, headers in tokens.items():
            found = ask(method, f"/api/v1{path}", headers=headers)
            refused = found.json().get("type", "").endswith("insufficient_scope")
            assert refused is (scope is not needed), (path, scope)
            if refused:
                assert found.status_code == 403
                assert f'scope="{needed}"' in found.headers["www-authenticate"]
        assert ask(method, f"/api/v1{path}").status_code == 401


def test_the_description_shows_each_body_with_an_example(ask: Ask):
    said = ask("GET", "/api/openapi.json").json()
    bodies = [
        route["requestBody"]["content"]["application/json"]["schema"]
        for path, methods in said["paths"].items()
        if "/editions" in path
        for route in methods.values()
        if "requestBody" in route
    ]
    assert len(bodies) == 12
    assert all(one["examples"] and "$ref" not in str(one) for one in bodies)


def test_bodies_are_read_as_of_articles(leila: Desk):
    for content, status in ((b"{", 400), (b"[]", 422), (b"null", 422), (b'{"why": 1}', 422)):
        assert leila("POST", "/editions/1/hold", content=content).status_code == status
    assert leila("POST", "/editions/1/hold", json={"why": "x" * 501}).status_code == 422
    assert leila("POST", "/editions/1/hold", json={"why": "a\0"}).status_code == 422
