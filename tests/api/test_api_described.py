"""The API answers as its own description says, whatever it is asked."""

from pathlib import Path

import pytest
from api_house import Mint
from asking import Ask
from described import ask_everything
from house import SITE, House
from newsroom import ON_SQLITE

from colporteur.config import Settings
from colporteur.staff.people import Role
from colporteur.staff.tokens import Scope
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.web.api import api_app
from colporteur.web.api.rates import Allowances

EXAMPLES = 3  # of each operation; hundreds were asked by hand


def generous(house: House, folder: Path):
    """An API that allows more than anybody asks."""
    settings = Settings(
        secret_key="k" * 32, base_url=SITE, data_dir=folder, mail_url=f"maildir:{folder}/outbox"
    )
    runtime = Runtime(settings, house.engine, Templates(settings.template_folders))
    return api_app(runtime, Allowances(writes=10**9, reads=10**9, failures=10**9))


def furnished(house: House) -> House:
    """A house with an article, readers and an edition to ask about."""
    house.take("Un", external_id="cms-1", body_html="<p>Un texte.</p>")
    for name in "ab":
        house.subscribe(f"{name}@example.org")
    return house


@pytest.mark.parametrize(
    "database_url",
    [pytest.param("postgresql", marks=pytest.mark.postgresql)],  # the one that refuses more
    indirect=True,
)
def test_no_answer_is_a_fault_of_ours_or_other_than_described(
    house: House, mint: Mint, tmp_path: Path
):
    app = generous(furnished(house), tmp_path)
    text, _ = mint(*(set(Scope) - {Scope.GHOST}), role=Role.ADMIN)
    answered = ask_everything(app, text, EXAMPLES)
    assert len(answered) >= 44
    assert all(sum(statuses.values()) for statuses in answered.values())


@ON_SQLITE
def test_the_page_of_the_description_names_every_request_and_loads_nothing_foreign(ask: Ask):
    page = ask("GET", "/api/docs")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "script" not in policy
    described = ask("GET", "/api/openapi.json").json()
    for path, methods in described["paths"].items():
        for one in methods.values():
            assert path in page.text
            assert one["summary"] in page.text
    assert "<script" not in page.text
    assert "https://" not in page.text.replace("https://news.example.org", "")
    for scope in set(Scope) - {Scope.GHOST}:
        assert f"scope {scope}" in page.text
    assert ask("GET", "/static/api.css").status_code == 200
