"""Readers, what they chose, and what became of editions, as a program of the publication's sees."""

from datetime import timedelta

import pytest
from api_house import Mint
from asking import Ask
from house import House
from newsroom import ON_SQLITE
from sqlalchemy import func, select

from colporteur.db import database_now, reading, writing
from colporteur.db.tables.api import api_answers
from colporteur.db.tables.audience import consents, subscribers, wordings
from colporteur.db.tables.delivery import deliveries
from colporteur.editions import store
from colporteur.editions.freezing.regular import freeze
from colporteur.staff import audit
from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope

LEILA = {"address": "leila@example.org", "channel": "actualites"}


@pytest.fixture
def crm(ask: Ask, mint: Mint):
    """A program that reads and writes readers, and reads reports."""
    scopes = (Scope.SUBSCRIBERS_READ, Scope.SUBSCRIBERS_WRITE, Scope.REPORTS_READ)
    headers = {"Authorization": f"Bearer {mint(*scopes)[0]}"}

    def asked(method: str, path: str, key: str = "", **more: object):
        said = headers | ({"Idempotency-Key": key} if key else {})
        return ask(method, f"/api/v1{path}", headers=said, **more)

    return asked


def kind(found) -> tuple[int, str]:
    return found.status_code, found.json()["type"].rpartition(":")[2]


@ON_SQLITE
def test_who_is_added_is_subscribed_with_their_consent_on_record(crm, house: House):
    said = LEILA | {"wording": "Our morning digest.", "form_url": "https://shop.example/", "topics": ["health"],
                    "hour": "19:30", "timezone": "Africa/Casablanca", "name": "Leïla"}  # fmt: skip
    made = crm("POST", "/subscribers", json=said)
    assert made.status_code == 201
    view = made.json()
    assert made.headers["location"] == f"/api/v1/subscribers/{view['id']}"
    assert (view["state"], view["name"], view["language"]) == ("active", "Leïla", "fr")
    (one,) = view["subscriptions"]
    assert (one["channel"], one["cadence"], one["topics"]) == ("actualites", "matin", ["health"])
    assert (one["hour"], one["timezone"], one["state"]) == ("19:30", "Africa/Casablanca", "active")
    with reading(house.engine) as connection:
        kept = connection.execute(select(consents)).one()
        words = connection.scalar(select(wordings.c.text))
        noted = audit.noted(connection, limit=9)
    assert (kept.method, kept.form_url, words) == (
        *("api", "https://shop.example/"),
        "Our morning digest.",
    )
    assert kept.confirmed_at is not None
    assert [(row.action, row.subject) for row in noted] == [
        ("reader.added", f"reader:{view['id']}")
    ]
    assert "leila" not in str(noted[0].detail)
    again = crm("POST", "/subscribers", json=LEILA)
    assert (again.status_code, again.json()["subscriptions"][0]["topics"]) == (200, [])


@ON_SQLITE
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"address": "no address"}, "subscriber-refused"),
        ({"channel": "none"}, "subscriber-refused"),
        ({"cadence": "none"}, "subscriber-refused"),
        ({"topics": ["none"]}, "subscriber-refused"),
        ({"weekday": "mon"}, "subscriber-refused"),  # of a daily cadence
        ({"hour": "25:00"}, "subscriber-refused"),
        ({"timezone": "Mars/Base"}, "subscriber-refused"),
        ({"language": "tlh"}, "subscriber-refused"),
        ({"layout": "none"}, "subscriber-refused"),
        ({"state": "active"}, "invalid"),
        ({"name": "a\nb"}, "invalid"),
        ({"name": "\0"}, "invalid"),
    ],
)
def test_what_cannot_be_of_a_reader_is_refused_with_the_cure(crm, said: dict, why: str):
    found = crm("POST", "/subscribers", json=LEILA | said)
    assert kind(found) == (422, why)
    assert found.json()["cure"]
    assert crm("GET", "/subscribers").json()["subscribers"] == []


def test_readers_are_listed_page_by_page_and_found_by_address_channel_and_state(crm, house: House):
    for number in range(5):
        house.subscribe(f"r{number}@example.org", channel="nashra" if number > 3 else "actualites")
    seen, path = [], "/subscribers?limit=2"
    while path:
        page = crm("GET", path.removeprefix("/api/v1")).json()
        seen += [one["address"] for one in page["subscribers"]]
        path = page["next"]
    assert seen == [f"r{number}@example.org" for number in (4, 3, 2, 1, 0)]
    assert crm("DELETE", "/subscribers/1/subscriptions/actualites").status_code == 204

    def found(query: str) -> list[int]:
        return [one["id"] for one in crm("GET", f"/subscribers?{query}").json()["subscribers"]]

    assert found("address=R2@EXAMPLE.org") == [3]
    assert found("channel=nashra") == [5]
    assert found("state=unsubscribed") == [1]
    assert found("state=active&channel=actualites") == [4, 3, 2]
    assert kind(crm("GET", "/subscribers?channel=none"))[0] == 422
    assert kind(crm("GET", "/subscribers?address=x"))[0] == 422
    held = crm("GET", "/subscriptions?state=unsubscribed").json()
    assert [(one["subscriber"], one["state"]) for one in held["subscriptions"]] == [
        (1, "unsubscribed")
    ]
    first = crm("GET", "/subscriptions?limit=3&channel=actualites").json()
    rest = crm("GET", first["next"].removeprefix("/api/v1")).json()
    assert [len(one["subscriptions"]) for one in (first, rest)] == [3, 1]
    assert rest["next"] is None


@ON_SQLITE
def test_a_subscription_is_set_paused_resumed_and_ended(crm, house: House):
    number = house.subscribe("leila@example.org").subscriber_id
    one = f"/subscribers/{number}/subscriptions"
    changed = crm("PUT", f"{one}/actualites", json={"without": ["law"], "specials": False})
    assert changed.status_code == 200
    assert changed.json()["subscriptions"][0]["without"] == ["law"]
    joined = crm("PUT", f"{one}/nashra", json={})
    assert (joined.status_code, len(joined.json()["subscriptions"])) == (201, 2)
    until = {"until": "2199-01-01T00:00:00Z", "backlog": True}
    paused = crm("POST", f"{one}/nashra/pause", json=until).json()["subscriptions"][1]
    assert (paused["state"], paused["backlog"]) == ("paused", True)
    assert (
        kind(crm("POST", f"{one}/nashra/pause", json={"until": "2001-01-01T00:00:00Z"}))[0] == 422
    )
    assert crm("PUT", f"{one}/nashra", json={}).json()["subscriptions"][1]["state"] == "paused"
    resumed = crm("POST", f"{one}/nashra/resume").json()["subscriptions"][1]
    assert (resumed["state"], resumed["paused_until"]) == ("active", None)
    for _ in range(2):  # again is no mistake
        assert crm("DELETE", f"{one}/nashra").status_code == 204
    assert crm("PUT", f"{one}/nashra", json={}).status_code == 201  # on their word they come back
    with reading(house.engine) as connection:
        actions = [row.action.partition(".")[2] for row in audit.noted(connection, limit=20)]
    assert actions[::-1] == [
        "chose",
        "added",
        "paused",
        "resumed",
        "unsubscribed",
        "added",
    ]


@ON_SQLITE
def test_what_is_not_there_is_404_and_whom_nothing_is_sent_is_refused(crm, house: House):
    number = house.subscribe("leila@example.org").subscriber_id
    for path in ("/subscribers/9", "/subscribers/0", f"/subscribers/{10**18}"):
        assert kind(crm("GET", path)) == (404, "unknown-subscriber")
        assert kind(crm("POST", f"{path}/erase")) == (404, "unknown-subscriber")
    assert crm("GET", f"/subscribers/{10**40}").status_code in {404, 422}
    one = f"/subscribers/{number}/subscriptions"
    assert kind(crm("POST", f"{one}/nashra/resume")) == (404, "unknown-subscription")
    assert kind(crm("PUT", f"{one}/none", json={})) == (404, "unknown-channel")
    assert crm("POST", f"/subscribers/{number}/erase").status_code == 204
    assert kind(crm("GET", f"/subscribers/{number}")) == (404, "unknown-subscriber")
    assert crm("GET", "/subscribers").json()["subscribers"] == []
    assert kind(crm("POST", "/subscribers", json=LEILA)) == (422, "subscriber-refused")


def test_a_report_says_what_became_of_an_edition_and_names_nobody(crm, house: House):
    house.take("Un", body_html="<p>Un texte.</p>")
    for name in "abc":
        house.subscribe(f"{name}@example.org")
    slot = house.now + timedelta(hours=18)
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        made = store.open_edition(
            connection, names.channels["actualites"], "matin", slot, by="test", now=house.now
        )
        assert made
        freeze(connection, made, revision, channel, now=slot, by="calendar")
        one = select(func.min(deliveries.c.id)).scalar_subquery()
        connection.execute(deliveries.update().where(deliveries.c.id == one).values(status="sent"))
    found = crm("GET", f"/editions/{made.id}/report")
    assert "@" not in found.text
    said = found.json()
    assert said["counts"] == [
        {"outcome": "sent", "why": "", "readers": 1},
        {"outcome": "pending", "why": "", "readers": 2},
    ]
    assert [(one["readers"], one["articles"]) for one in said["variants"]] == [(3, ["un"])]
    (listed,) = crm("GET", "/reports?channel=actualites").json()["reports"]
    assert (listed["id"], listed["readers"], listed["unsubscribed"]) == (made.id, 3, 0)
    crm("DELETE", "/subscribers/1/subscriptions/actualites")
    assert kind(crm("GET", "/editions/9/report")) == (404, "unknown-edition")
    assert kind(crm("GET", "/reports?since=yesterday"))[0] == 422


@ON_SQLITE
def test_channels_are_told_with_cadences_topics_and_feeds(ask: Ask, mint: Mint):
    headers = {"Authorization": f"Bearer {mint(Scope.CHANNELS_READ, role=Role.AUTHOR)[0]}"}
    every = ask("GET", "/api/v1/channels", headers=headers).json()["channels"]
    assert [one["slug"] for one in every] == ["actualites", "nashra"]
    one = ask("GET", "/api/v1/channels/actualites", headers=headers).json()
    assert one == every[0]
    assert [two["slug"] for two in one["topics"]] == ["health", "law"]
    (cadence,) = one["cadences"]
    assert (cadence["name"], cadence["at"], cadence["timezone"]) == (
        *("matin", ["07:00"]),
        "Europe/Paris",
    )
    assert one["feeds"]["atom"].endswith("/feeds/actualites.atom")
    assert ask("GET", "/api/v1/channels/none", headers=headers).status_code == 404


def test_the_same_key_is_answered_the_same_and_does_nothing_again(crm, house: House):
    first = crm("POST", "/subscribers", key='"k1"', json=LEILA)
    crm("DELETE", "/subscribers/1/subscriptions/actualites")
    again = crm("POST", "/subscribers", key="k1", json=dict(reversed(LEILA.items())))
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert crm("GET", "/subscribers/1").json()["state"] == "unsubscribed"
    other = crm("POST", "/subscribers", key="k1", json=LEILA | {"name": "Autre"})
    assert kind(other) == (422, "key-reused")
    assert kind(crm("POST", "/subscribers", key="k" * 151, json=LEILA)) == (400, "key-missing")
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(subscribers)) == 1


@ON_SQLITE
def test_a_refusal_is_not_kept_under_its_key(crm):
    wrong = crm("POST", "/subscribers", key="k1", json=LEILA | {"channel": "none"})
    assert wrong.status_code == 422
    assert crm("POST", "/subscribers", key="k1", json=LEILA).status_code == 201


@ON_SQLITE
def test_a_holders_key_is_no_other_holders(crm, ask: Ask, mint: Mint):
    assert crm("POST", "/subscribers", key="k1", json=LEILA).status_code == 201
    other = mint(Scope.SUBSCRIBERS_WRITE, address="amina@example.org")[0]
    headers = {"Authorization": f"Bearer {other}", "Idempotency-Key": "k1"}
    body = LEILA | {"address": "b@example.org"}
    assert ask("POST", "/api/v1/subscribers", headers=headers, json=body).status_code == 201


@ON_SQLITE
def test_who_may_not_ask_any_more_is_not_answered_from_what_was_kept(crm, ask: Ask, mint: Mint):
    assert crm("POST", "/subscribers", key="k1", json=LEILA).status_code == 201
    reader = mint(Scope.SUBSCRIBERS_READ)[0]  # another token of the same person
    headers = {"Authorization": f"Bearer {reader}", "Idempotency-Key": "k1"}
    assert ask("POST", "/api/v1/subscribers", headers=headers, json=LEILA).status_code == 403
    mint(Scope.SUBSCRIBERS_READ, role=Role.AUTHOR)  # and the person is an author from now on
    assert crm("POST", "/subscribers", key="k1", json=LEILA).status_code == 403


def test_while_the_first_is_being_answered_the_second_is_told_to_wait(crm, house: House):
    assert crm("POST", "/subscribers", key="k1", json=LEILA).status_code == 201
    with writing(house.engine) as connection:  # as it stands until it is answered
        soon = database_now(connection) + timedelta(minutes=1)
        connection.execute(api_answers.update().values(status=None, leased_until=soon))
    found = crm("POST", "/subscribers", key="k1", json=LEILA)
    assert kind(found) == (409, "in-flight")
    assert found.headers["retry-after"] == "1"
    with writing(house.engine) as connection:  # the process died: its time is over
        past = soon - timedelta(minutes=2)
        connection.execute(api_answers.update().values(leased_until=past))
    assert crm("POST", "/subscribers", key="k1", json=LEILA).status_code == 200


@ON_SQLITE
def test_answers_say_what_is_left_of_a_minute(crm):
    found = crm("GET", "/subscribers")
    assert found.headers["ratelimit-policy"] == '"read";q=3000;w=60'
    name, left, seconds = found.headers["ratelimit"].split(";")
    assert (name, left) == ('"read"', "r=2999")
    assert 0 < int(seconds.removeprefix("t=")) <= 60
    assert crm("POST", "/subscribers", json={}).headers["ratelimit-policy"].startswith('"write"')
