from typing import Any

import pytest
from api_house import Mint
from asking import Ask, asker, make_app
from house import House

from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope


@pytest.fixture
def brake(ask: Ask, mint: Mint) -> Ask:
    """Asks /sending with a token that allows it."""
    header = {"Authorization": f"Bearer {mint(Scope.SENDING, name='alarm', role=Role.APPROVER)[0]}"}

    def asked(method: str, path: str = "", **options: Any):
        return ask(method, f"/api/v1/sending{path}", headers=header, **options)

    return asked


def test_all_sending_is_suspended_and_released(brake: Ask):
    assert brake("GET").json() == {"suspended": None, "rehearsal": False}
    held = brake("POST", "/suspend", json={"why": "Marked as spam."}).json()["suspended"]
    assert (held["by"], held["why"]) == ("API: alarm", "Marked as spam.")
    again = brake("POST", "/suspend", json={"why": "Another reason."})
    assert (again.status_code, again.json()["suspended"]) == (200, held)
    assert brake("GET").json()["suspended"] == held
    for _ in range(2):
        released = brake("POST", "/release")
        assert (released.status_code, released.json()["suspended"]) == (200, None)


@pytest.mark.parametrize(
    "body", [{}, {"why": ""}, {"why": 1}, {"why": "a\0"}, {"why": "a", "x": 1}]
)
def test_a_reason_that_says_nothing_is_refused(brake: Ask, body: object):
    found = brake("POST", "/suspend", json=body)
    assert (found.status_code, found.headers["content-type"]) == (422, "application/problem+json")
    assert brake("GET").json()["suspended"] is None


def test_a_token_for_articles_may_not_touch_the_brake(call: Ask, ask: Ask):
    for method, path in (("GET", ""), ("POST", "/suspend"), ("POST", "/release")):
        found = call(method, f"/sending{path}", json={"why": "No."})
        assert found.status_code == 403
        assert 'scope="sending"' in found.headers["www-authenticate"]
        assert ask(method, f"/api/v1/sending{path}").status_code == 401


def test_a_look_changes_nothing_and_there_is_no_get_that_does(brake: Ask):
    assert brake("GET", "/suspend").status_code == 405
    assert brake("GET").json()["suspended"] is None


def test_a_rehearsal_shows(house: House, mint: Mint, tmp_path: Any):
    house.rehearse()
    ask = asker(make_app(house, tmp_path, mail_url="smtp://127.0.0.1:9"))
    header = {"Authorization": f"Bearer {mint(Scope.SENDING)[0]}"}
    assert ask("GET", "/api/v1/sending", headers=header).json()["rehearsal"] is True
