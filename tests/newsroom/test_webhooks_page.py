"""Admins say which programs are told what happens, and see what those were told."""

import re

import pytest
from asking import Ask
from elsewhere import Elsewhere
from hooked import Program
from house import House
from newsroom import ON_SQLITE, Editor, sign_in

from colporteur.db import reading
from colporteur.staff import audit
from colporteur.staff.people import Role
from colporteur.webhooks import endpoints

pytestmark = ON_SQLITE
HERE = "/newsroom/webhooks"


@pytest.fixture
def root(house: House, ask: Ask) -> Editor:
    return sign_in(house, ask, Role.ADMIN)


def listed(house: House) -> list[endpoints.Webhook]:
    with reading(house.engine) as connection:
        return endpoints.listing(connection)


def added(root: Editor, url: str, **more: object) -> str:
    page = root.get(HERE).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    said = {"url": url, "key": key[1], "kind": ["article.published"]} | more
    answer = root.post(HERE, said)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    secret = re.search(r'value="(whsec_[^"]+)"', answer.text)
    assert secret
    again = root.post(HERE, said)  # the browser's reload
    assert again.headers["location"] == f"{HERE}?done=added"
    return secret[1]


def test_a_program_is_added_once_told_and_its_secret_shown_once(
    house: House, root: Editor, elsewhere: Elsewhere
):
    program = Program(house, elsewhere)
    program.answers(500)
    secret = added(root, elsewhere.url("/hook"), name="CRM")
    (one,) = listed(house)
    assert (one.name, one.kinds, one.addresses) == ("CRM", ("article.published",), False)
    assert secret not in root.get(HERE).text + root.get(f"{HERE}/{one.id}").text
    house.take("Un", body_html="<p>Un.</p>")
    program.deliver()
    page = root.get(f"{HERE}/{one.id}").text
    assert "It answered 500." in page
    assert "Does not take it" in page
    program.answers(204)
    number = re.search(r"/messages/(\d+)/again", page)
    assert number
    path = f"{HERE}/{one.id}/messages/{number[1]}/again"
    assert root.post(path).headers["location"] == f"{HERE}/{one.id}?done=again"
    program.deliver()
    assert len(program.told(secret)) == 2
    assert "taken" in root.get(f"{HERE}/{one.id}").text


def test_what_cannot_be_is_said_beside_its_field_and_stays_typed(house: House, root: Editor):
    for said, why in (
        ({"url": "", "kind": "edition.sent"}, "Say where it takes messages."),
        ({"url": "ftp://a.example/", "kind": "edition.sent"}, "This cannot be asked."),
        ({"url": "https://a.example/"}, "Choose at least one."),
        ({"url": "https://a.example/", "kind": "x" * 10_000}, "Choose at least one."),
        (
            {"url": "https://a.example/", "kind": "edition.sent", "name": "n" * 10_000},
            "Write a name",
        ),
        ({"url": "https://a.example/" + "a" * 10_000, "kind": "edition.sent"}, "This cannot"),
    ):
        answer = root.post(HERE, said | {"addresses": "yes"})
        assert (answer.status_code, why in answer.text) == (422, True), said
        assert str(said["url"])[:100] in answer.text
    assert listed(house) == []


def test_it_is_switched_off_and_on_and_removed_and_each_is_noted(house: House, root: Editor):
    added(root, "https://crm.example/hook?<script>")
    (one,) = listed(house)
    assert one.name == "crm.example"
    assert "<script>" not in root.get(HERE).text
    for action, state in (("off", "off"), ("on", "on")):
        answer = root.post(f"{HERE}/{one.id}/{action}")
        assert answer.headers["location"] == f"{HERE}/{one.id}?done={action}"
        assert listed(house)[0].state == state
        assert root.get(f"{HERE}/{one.id}?done={action}").status_code == 200
    for path in (f"{HERE}/9", f"{HERE}/x", f"{HERE}/{10**30}"):
        assert root.get(path).status_code == 404
    assert root.post(f"{HERE}/{one.id}/messages/7/again").status_code == 404
    assert root.post(f"{HERE}/{one.id}/remove").headers["location"] == f"{HERE}?done=removed"
    assert listed(house) == []
    with reading(house.engine) as connection:
        noted = [row.action for row in audit.noted(connection, limit=9)][::-1]
    assert noted == ["webhook.added", "webhook.off", "webhook.on", "webhook.removed"]


def test_only_admins_get_there(house: House, ask: Ask):
    approver = sign_in(house, ask, Role.APPROVER)
    for answer in (approver.get(HERE), approver.post(HERE, {"url": "https://a.example/"})):
        assert answer.status_code == 403
    assert listed(house) == []
