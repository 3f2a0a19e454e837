"""Operators are told what is wrong, once, each way; and the heartbeat falls silent meanwhile."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import asker, make_app
from certificates import certificate, server_context
from elsewhere import Elsewhere, elsewhere_running
from house import SITE, TEMPLATES, House, publication
from newsroom import sign_in
from sqlalchemy import Engine, func, select, update

from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.alerts import alert_notices, alerts
from colporteur.db.tables.delivery import letters
from colporteur.delivery.letters import read_letter, render
from colporteur.staff.people import Role
from colporteur.tasks import Runtime
from colporteur.tasks.alerting import look, tell_elsewhere
from colporteur.vitals.alerting import heartbeat
from colporteur.vitals.alerting.asking import ask
from colporteur.vitals.alerting.following import CALM
from colporteur.vitals.looking_around import certificate as shown_by
from colporteur.vitals.looking_around import disks
from colporteur.vitals.pulse import note_pulse

DESK = ("technique@relais.example", "redaction@relais.example")
SECRET = "T0123/B456/zyxwvut"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with elsewhere_running() as made:
        yield made


@dataclass
class Watch:
    """An installation on which nothing has ticked, and where its operators are told."""

    house: House
    elsewhere: Elsewhere
    run: Runtime

    def look(self, *, later: timedelta = MINUTE) -> None:
        """Look as if it were ``later`` than at the look before."""
        with writing(self.house.engine) as connection:
            for column in (alerts.c.began_at, alerts.c.seen_at, alerts.c.told_at):
                for row in connection.execute(select(alerts.c.id, column.label("at"))).all():
                    if row.at is not None:
                        mine = update(alerts).where(alerts.c.id == row.id)
                        connection.execute(mine.values({column.name: row.at - later}))
            if beat := heartbeat.last_beat(connection):
                heartbeat.keep(connection, beat.at - later, beat.answer)
        look(self.run)

    def tick(self) -> None:
        with writing(self.house.engine) as connection:
            note_pulse(connection, database_now(connection), stale=False)

    def told(self) -> list[dict[str, Any]]:
        """What the webhook was told of the beat; this machine's disk is its own."""
        tell_elsewhere(self.run)
        bodies = [json.loads(body) for how, _, _, body in self.elsewhere.asked if how == "POST"]
        return [one for one in bodies if one["kind"] == "beat"]

    def asked(self) -> int:
        """How often the heartbeat's address was."""
        return sum(path == "/beat" for _, path, _, _ in self.elsewhere.asked)


@pytest.fixture
def watch(house: House, elsewhere: Elsewhere) -> Watch:
    house.apply(publication(alerts_to=DESK))
    elsewhere.asked.clear()
    settings = Settings(
        secret_key="k" * 32,
        alert_webhook=elsewhere.says(f"/services/{SECRET}"),
        heartbeat_url=elsewhere.says("/beat"),
    )
    return Watch(house, elsewhere, Runtime(settings, house.engine, TEMPLATES))


def written(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(letters)) or 0)


def test_what_begins_is_told_once_each_way_and_told_again_when_it_ends(watch: Watch):
    for _ in range(2):
        watch.look()
    assert (written(watch.house.engine), watch.told()) == (0, [])
    before = watch.asked()
    at_once = [threading.Thread(target=watch.look) for _ in range(2)]
    for one in at_once:
        one.start()
    for one in at_once:
        one.join()
    (began,) = watch.told()
    assert (began["event"], began["key"], began["severity"]) == ("began", "beat", "critical")
    assert began["text"].startswith("Le Relais : quelque chose ne va pas\nRien n’a encore battu")
    assert began["url"] == f"{watch.run.settings.site(SITE)}/newsroom/"
    assert written(watch.house.engine) == len(DESK)
    assert watch.asked() == before
    watch.tick()
    watch.look(later=CALM + MINUTE)
    assert [one["event"] for one in watch.told()] == ["began", "ended"]
    assert written(watch.house.engine) == 2 * len(DESK)
    assert watch.asked() == before + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_letter_says_in_the_readers_language_what_is_wrong_and_since_when(watch: Watch):
    for _ in range(3):
        watch.look()
    with reading(watch.house.engine) as connection:
        letter = read_letter(connection, connection.scalar(select(letters.c.id).limit(1)))
        mail = render(TEMPLATES, letter, publication(), SITE)
    assert "quelque chose ne va pas" in mail.subject
    assert "Rien n’a encore battu" in mail.text
    assert "colporteur vitals" in mail.text
    assert "Critique" in mail.html


def test_a_webhook_that_does_not_take_it_is_told_again_and_its_secret_is_not_shown(
    watch: Watch, caplog: pytest.LogCaptureFixture
):
    watch.elsewhere.says(f"/services/{SECRET}", status=503)
    for _ in range(3):
        watch.look()
    watch.tick()
    watch.look(later=CALM + MINUTE)
    assert [one["event"] for one in watch.told()] == ["began"]
    with writing(watch.house.engine) as connection:
        (first,) = connection.execute(select(alert_notices).where(alert_notices.c.attempts > 0))
        due = update(alert_notices).values(next_at=database_now(connection))
        connection.execute(due.where(alert_notices.c.next_at.is_not(None)))
    assert f"127.0.0.1:{watch.elsewhere.port} answered 503" in first.answer
    assert SECRET not in first.answer + caplog.text
    watch.elsewhere.says(f"/services/{SECRET}")
    assert [one["event"] for one in watch.told()] == ["began", "began", "ended"]
    assert len(watch.told()) == 3


def test_a_webhook_that_says_much_was_told_all_the_same(watch: Watch):
    url = watch.elsewhere.says(f"/services/{SECRET}", body=b"x" * 200_000)
    assert ask(url, b"{}").taken
    assert ask(url).taken


def test_the_heartbeat_is_asked_once_a_minute_and_not_where_nobody_looked(watch: Watch):
    watch.tick()
    tell_elsewhere(watch.run)
    assert watch.asked() == 0
    watch.look()
    tell_elsewhere(watch.run)
    tell_elsewhere(watch.run)
    assert watch.asked() == 1
    with writing(watch.house.engine) as connection:
        heartbeat.keep(connection, database_now(connection) - MINUTE, "")
    watch.elsewhere.says("/beat", status=404)
    tell_elsewhere(watch.run)
    assert watch.asked() == 2
    with reading(watch.house.engine) as connection:
        last = heartbeat.last_beat(connection)
    assert last is not None
    assert "answered 404" in last.answer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_today_shows_admins_what_is_wrong_and_others_not(watch: Watch, tmp_path: Path):
    ask = asker(make_app(watch.house, tmp_path))
    admin, editor = (sign_in(watch.house, ask, role) for role in (Role.ADMIN, Role.EDITOR))
    for _ in range(3):
        watch.look()
    assert "Nothing has ticked yet" in admin.get("/newsroom/").text
    assert "Nothing has ticked" not in editor.get("/newsroom/").text
    watch.tick()
    watch.look(later=CALM + MINUTE)
    assert "Nothing has ticked" not in admin.get("/newsroom/").text
    with writing(watch.house.engine) as connection:  # and then nobody looks any more
        note_pulse(connection, database_now(connection) - 10 * MINUTE, stale=False)
    assert "Nothing has ticked for 10 minutes" in admin.get("/newsroom/").text


def test_a_certificate_that_browsers_would_not_take_is_seen(tmp_path: Path, elsewhere: Elsewhere):
    made = certificate(tmp_path, "localhost")
    with elsewhere_running(server_context(made)) as server:
        shown = shown_by(f"https://localhost:{server.port}")
    assert shown is not None
    assert (shown.ends_at, shown.problem) == (None, "self-signed certificate")
    assert shown_by(f"https://localhost:{elsewhere.port}") is None  # no TLS there
    assert shown_by("http://localhost") is None


def test_the_disks_are_those_that_an_installation_writes_to(tmp_path: Path):
    found = disks(Settings(data_dir=tmp_path / "not" / "yet", secret_key="k" * 32))
    assert found
    assert all(0 < one.free <= one.total for one in found)
