"""Fixtures of the API's tests: a web with the API, and tokens to ask it with."""

from pathlib import Path

import pytest
from api_house import Mint
from asking import Ask, asker, make_app
from house import House

from colporteur import tasks
from colporteur.config import Settings


@pytest.fixture(autouse=True)
def _embedded(tmp_path: Path) -> None:
    """What the API rings after an intake is heard by nobody here."""
    tasks.configure(Settings(data_dir=tmp_path / "var")).control.purge()


@pytest.fixture
def mint(house: House) -> Mint:
    """Makes tokens on the house's database."""
    return Mint(house)


@pytest.fixture
def bearer(mint: Mint) -> dict[str, str]:
    """The header of a token that reads and writes."""
    return {"Authorization": f"Bearer {mint()[0]}"}


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    """Asks the web of the house, without a token."""
    return asker(make_app(house, tmp_path))


@pytest.fixture
def call(ask: Ask, bearer: dict[str, str]) -> Ask:
    """Asks the API with a token."""

    def asked(method: str, path: str, headers: dict[str, str] | None = None, **options: object):
        said = bearer | {"Content-Type": "application/json"} | (headers or {})
        return ask(method, f"/api/v1{path}", headers=said, **options)

    return asked
