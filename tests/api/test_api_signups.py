from collections.abc import Callable
from typing import Any

import pytest
from api_house import Mint
from asking import Ask
from house import House, publication
from signing import confirm_path, states, written
from sqlalchemy import select

from colporteur.db import reading
from colporteur.db.tables.audience import consents, wordings
from colporteur.staff.tokens import Scope

LEA = {"address": "lea@example.org", "channels": ["actualites"]}
Call = Callable[..., Any]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One is enough here; what is written is tried on both in tests/delivery."""
    return sqlite_url


@pytest.fixture
def call(ask: Ask, mint: Mint) -> Call:
    token, _ = mint(Scope.SIGNUPS)

    def asked(**said: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return ask("POST", "/api/v1/signups", json=LEA | said, headers=headers)

    return asked


def test_a_program_signs_a_reader_up_who_confirms_as_any_does(call: Call, ask: Ask, house: House):
    answer = call(ip="192.0.2.7", wording="Yes.", form_url="https://shop.example/me")
    assert (answer.status_code, answer.json()) == (202, {"accepted": True, "meant": None})
    assert states(house) == ["pending", "pending"]
    assert ask("POST", confirm_path(house)).status_code == 200
    assert states(house) == ["active", "active"]
    with reading(house.engine) as connection:
        kept = connection.execute(select(consents)).one()
        assert connection.scalar(select(wordings.c.text)) == "Yes."
    assert (kept.method, kept.ip, kept.form_url) == ("api", "192.0.2.7", "https://shop.example/me")


def test_the_answer_tells_nothing_of_the_address(call: Call, house: House):
    house.subscribe("lea@example.org")
    answers = {call(address=one).text for one in ("lea@example.org", "mia@example.org")}
    assert len(answers) == 1
    assert [one for one, _ in written(house)] == ["known", "confirm"]


def test_one_address_gets_no_more_letters_than_its_limit(call: Call, house: House):
    assert [call().status_code for _ in range(5)] == [202] * 5
    assert len(written(house)) == 3


def test_visitors_of_the_program_are_counted_where_they_are_named(call: Call, house: House):
    house.apply(publication(subscribing={"at_most": {"ip": "1/hour"}}))
    for ip, status in (("192.0.2.7", 202), ("192.0.2.7", 429), ("192.0.2.9", 202)):
        answer = call(ip=ip, address=f"a{status}-{ip[-1]}@example.org")
        assert answer.status_code == status
    assert len(written(house)) == 2


def test_a_slip_is_told_and_taken_all_the_same(call: Call, house: House):
    assert call(address="lea@gmial.com").json()["meant"] == "lea@gmail.com"
    assert len(written(house)) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"address": "nobody"}, "is no e-mail address"),
        ({"address": "a@yopmail.com"}, "some minutes"),
        ({"channels": ["nothing"]}, "There is no channel"),
        ({"channels": []}, "No channel is named"),
        ({"language": "de"}, "There is no language"),
        ({"ip": "here"}, "ip:"),
        ({"ip": "fe80::1%\x00"}, "ip:"),
        ({"ip": "fe80::1%" + "x" * 50}, "ip:"),
        ({"name": "Léa\r\nBcc: all@example.org"}, "name:"),
        ({"form_url": "javascript:alert(1)"}, "form_url:"),
        ({"adress": "x"}, "adress"),
        ({"wording": "\x00"}, "wording"),
        ({"last_edition": "perhaps"}, "last_edition"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(
    call: Call, house: House, said: dict[str, Any], words: str
):
    answer = call(**said)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert answer.json()["cure"]
    assert written(house) == []


def test_a_token_for_articles_signs_nobody_up(ask: Ask, bearer: dict[str, str], house: House):
    assert ask("POST", "/api/v1/signups", json=LEA, headers=bearer).status_code == 403
    assert ask("POST", "/api/v1/signups", json=LEA).status_code == 401
    assert written(house) == []
