"""How much may be asked in a minute, counted in this process or in Redis."""

import logging
import secrets

import pytest
from api_house import Mint
from asking import Ask, asker
from house import SITE, House
from servers import free_port

from colporteur.config import Settings
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.web.api import api_app
from colporteur.web.api.rates import Allowances

DATABASES = ("sqlite",)  # the stores below have their tests on both

ONE = {"title": "Un", "teaser": "Un extrait."}
FEW = Allowances(writes=3, reads=2, failures=2)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def broker(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else str(request.getfixturevalue("redis_url"))


def process(house: House, broker: str, client: str = "127.0.0.1") -> Ask:
    """Asks an API that allows little; each call of this is another web process."""
    settings = Settings(secret_key="k" * 32, base_url=SITE, broker_url=broker)
    templates = Templates(settings.template_folders)
    return asker(api_app(Runtime(settings, house.engine, templates), FEW), client)


def bearer(mint: Mint) -> dict[str, str]:
    return {"Authorization": f"Bearer {mint()[0]}"}


def somewhere() -> str:
    """An address that no other test counts in the Redis that all share."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::"


def too_many(found) -> None:
    assert found.status_code == 429, found.text
    assert found.headers["content-type"] == "application/problem+json"
    assert 1 <= int(found.headers["retry-after"]) <= 60
    assert found.json()["type"].endswith("too-many")


def test_a_token_writes_and_reads_so_much_in_a_minute(house: House, mint: Mint, broker: str):
    ask, headers = process(house, broker), bearer(mint)
    for number in range(3):
        path = f"/api/v1/articles/{number}"
        assert ask("PUT", path, json=ONE, headers=headers).status_code == 201
    too_many(ask("POST", "/api/v1/articles", json=ONE, headers=headers))
    for _ in range(2):  # what is read is counted apart
        assert ask("GET", "/api/v1/articles", headers=headers).status_code == 200
    too_many(ask("GET", "/api/v1/articles", headers=headers))
    assert ask("GET", "/api/v1/articles", headers=bearer(mint)).status_code == 200


def test_of_many_articles_each_counts(house: House, mint: Mint, broker: str):
    ask, headers = process(house, broker), bearer(mint)
    many = [ONE | {"id": str(number)} for number in range(4)]
    too_many(ask("POST", "/api/v1/articles/bulk", json=many, headers=headers))
    for number in range(2):  # of what was refused only the asking counts
        path = f"/api/v1/articles/{number}"
        assert ask("PUT", path, json=ONE, headers=headers).status_code in {200, 201}
    headers = bearer(mint)
    found = ask("POST", "/api/v1/articles/bulk", json=many[:3], headers=headers)
    assert [one["outcome"] for one in found.json()["results"]] == ["unchanged"] * 2 + ["added"]
    too_many(ask("POST", "/api/v1/articles/bulk", json=[], headers=headers))


def test_who_fails_too_often_is_told_to_wait_and_a_valid_token_is_not(
    house: House, mint: Mint, broker: str
):
    place = somewhere()
    ask = process(house, broker, f"{place}1")
    for _ in range(2):
        assert ask("GET", "/api/v1/articles").status_code == 401
    too_many(ask("GET", "/api/v1/articles"))
    too_many(ask("POST", "/api/v1/ghost/col_nothing0"))
    assert ask("GET", "/api/v1/articles", headers=bearer(mint)).status_code == 200
    assert process(house, broker, f"{somewhere()}1")("GET", "/api/v1/articles").status_code == 401


@pytest.mark.redis
def test_processes_that_share_redis_share_the_count(house: House, mint: Mint, redis_url: str):
    headers, place = bearer(mint), somewhere()
    for _ in range(3):
        found = process(house, redis_url)("POST", "/api/v1/articles", json=ONE, headers=headers)
        assert found.status_code in {200, 201}
    too_many(process(house, redis_url)("POST", "/api/v1/articles", json=ONE, headers=headers))
    # Whoever has an IPv6 site has all its addresses.
    for number in range(2):
        ask = process(house, redis_url, f"{place}{number:x}")
        assert ask("GET", "/api/v1/articles").status_code == 401
    too_many(process(house, redis_url, f"{place}ffff")("GET", "/api/v1/articles"))


def test_redis_away_stops_no_intake(house: House, mint: Mint, caplog: pytest.LogCaptureFixture):
    ask, headers = process(house, f"redis://:secret@127.0.0.1:{free_port()}/0"), bearer(mint)
    for number in range(5):
        path = f"/api/v1/articles/{number}"
        assert ask("PUT", path, json=ONE, headers=headers).status_code == 201
    said = [one.getMessage() for one in caplog.records if "Rates are not counted" in one.message]
    assert len(said) == 1  # and it is not asked again with each request
    assert "secret" not in caplog.text
    assert logging.getLevelName(caplog.records[0].levelno) == "WARNING"
