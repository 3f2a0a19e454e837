"""``colporteur feedback``, and the workers that look into the mailbox by themselves."""

import json
from pathlib import Path

import pytest
from house import House
from returns import DOMAIN, KEY, delivery_to, dsn, sent, state_of, verp
from running import wait_for
from sink import Sink
from sqlalchemy import select

from colporteur import tasks
from colporteur.cli.embedded import engine_running
from colporteur.config import Settings
from colporteur.db import reading
from colporteur.db.tables.vitals import metric_totals

pytestmark = [
    pytest.mark.smtp,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
AMINA = "amina@example.org"
FEEDBACK_TOTAL = "colporteur_feedback_total"


@pytest.fixture
def mailbox(house: House, smtp_sink: Sink, tmp_path: Path) -> Path:
    """A Maildir in which a bounce lies."""
    sent(house, smtp_sink, "amina")
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "box" / folder).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1.a.mx").write_bytes(dsn(verp(delivery_to(house, AMINA))))
    return tmp_path / "box"


@pytest.fixture
def settings(mailbox: Path, sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    values = {"database_url": sqlite_url, "data_dir": str(tmp_path / "var"), "secret_key": KEY}
    return values | {"bounce_domain": DOMAIN, "feedback_mailbox": f"maildir:{mailbox}"}


def test_workers_look_into_the_mailbox_by_themselves(house: House, settings: dict[str, str]):
    app = tasks.configure(Settings.model_validate(settings))
    with engine_running(app):
        tasks.care()
        wait_for(lambda: state_of(house, AMINA) == "bounced", 20)
    tasks.runtime().engine.dispose()


def test_a_mailbox_is_heard_now_and_what_came_is_summed(
    house: House, settings: dict[str, str], installation
):
    for what in (["fetch"], ["serve"]):
        refused = installation.run("feedback", *what)
        assert (refused.returncode, "is not set" in refused.stderr) == (2, True)
    given = {f"COLPORTEUR_{name.upper()}": value for name, value in settings.items()}
    installation.settings.update(given)
    done = installation.run("feedback", "fetch", "--json")
    assert json.loads(done.stdout) == {"heard": 1, "dropped": 0, "again": 0, "failed": 0}
    assert state_of(house, AMINA) == "bounced"
    with reading(house.engine) as connection:  # /metrics counts it, too
        counted = select(metric_totals.c.value).where(metric_totals.c.sample == FEEDBACK_TOTAL)
        assert connection.scalars(counted).all() == [1]
    assert "0 heard" in installation.run("feedback", "fetch").stdout
    domainless = {
        "COLPORTEUR_FEEDBACK_LISTEN": "lmtp://127.0.0.1:9",
        "COLPORTEUR_BOUNCE_DOMAIN": "",
    }
    installation.settings.update(domainless)
    assert "COLPORTEUR_BOUNCE_DOMAIN is not" in installation.run("feedback", "serve").stderr
    told = json.loads(installation.run("feedback", "summary", "--json").stdout)
    assert told == [{"way": "maildir", "what": "bounce, hard", "became": "bounced", "count": 1}]
