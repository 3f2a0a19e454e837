"""Each minute somebody looks whether all is well, and those in charge are told what is not."""

import logging
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from colporteur.db import alone, database_now, reading, writing
from colporteur.db.tables.publication import facts
from colporteur.publication import revisions
from colporteur.publication.site import note, site_in_force
from colporteur.tasks.application import ALERT, CARE_SECONDS, Runtime, app, ring, runtime, stopping
from colporteur.tasks.manners import calmly, in_a
from colporteur.vitals.alerting import heartbeat, keeping
from colporteur.vitals.alerting.asking import ask
from colporteur.vitals.alerting.bodies import Speaker
from colporteur.vitals.alerting.letters import write_letters
from colporteur.vitals.alerting.telling import tell_webhook, untold_since
from colporteur.vitals.judging import judge
from colporteur.vitals.looking_around import certificate, disks
from colporteur.vitals.problems import Problem
from colporteur.vitals.reading import read_vitals
from colporteur.vitals.surroundings import Certificate, Surroundings

TELLING_AT_ONCE = 1
_TURN_S = 30.0
_CERTIFICATE_EVERY = timedelta(hours=6)
_CERTIFICATE = "certificate"
_log = logging.getLogger(__name__)
_telling = threading.BoundedSemaphore(TELLING_AT_ONCE)


def watch_vitals(run: Runtime) -> None:
    """Look whether all is well, then have those told who are elsewhere."""
    site = look(run)
    settings = run.settings
    if settings.alert_webhook or settings.heartbeat_url or site.startswith("https:"):
        ring(tell_operators, expires=CARE_SECONDS)


def look(run: Runtime) -> str:
    """Keep what is wrong, note what the webhook is to be told, and write the letters.

    The address of the site, whose certificate is another matter; empty where nobody looked.
    """
    with reading(run.engine) as connection:
        problems = wrong(run, connection, database_now(connection))
    with writing(run.engine) as connection:
        revision = revisions.current(connection)
        if revision is None or not alone(connection, "vitals"):
            return ""
        now, hooked = database_now(connection), bool(run.settings.alert_webhook)
        notices = keeping.look(connection, problems, now, webhook=hooked)
        write_letters(connection, revision.publication, run.templates, notices, now)
        return site_in_force(connection, run.settings, revision.publication)


def wrong(run: Runtime, connection: Connection, now: datetime) -> tuple[Problem, ...]:
    """What is wrong now, as far as this machine can see."""
    untold = untold_since(connection) if run.settings.alert_webhook else None
    around = Surroundings(
        disks(run.settings),
        _known_certificate(connection),
        (now - untold).total_seconds() if untold else None,
    )
    vitals = read_vitals(connection, run.settings, now)
    return judge(vitals, around, run.settings.limits_of_alerts)


@app.task(name=ALERT)
@in_a(_telling)
@calmly
def tell_operators() -> None:
    """Ask the heartbeat's address, tell the webhook, look at the certificate: servers elsewhere."""
    tell_elsewhere(runtime())


def tell_elsewhere(run: Runtime) -> None:
    """Tell those who are not told by letter."""
    _beat(run)
    with reading(run.engine) as connection:
        publication = revisions.require(connection).publication
        site = site_in_force(connection, run.settings, publication)
    if run.settings.alert_webhook:
        until = time.monotonic() + _TURN_S
        speaker = Speaker(publication, run.templates, site)
        url = run.settings.alert_webhook
        tell_webhook(run.engine, url, speaker.body, until=until, stopping=stopping.is_set)
    _look_at_certificate(run, site)


def _beat(run: Runtime) -> None:
    """Say that all is well, if it is."""
    if not run.settings.heartbeat_url:
        return
    with writing(run.engine) as connection:
        now = database_now(connection)
        found, looked = keeping.standing(connection), keeping.looked_at(connection)
        well = heartbeat.well(found, looked, now)
        if not well or not alone(connection, "heartbeat"):
            return
        if not heartbeat.take_turn(connection, now):
            return
    answer = ask(run.settings.heartbeat_url)
    if not answer.taken:
        _log.warning("The heartbeat was not taken: %s", answer.said)
    with writing(run.engine) as connection:
        heartbeat.keep(connection, now, answer.said)


def _look_at_certificate(run: Runtime, site: str) -> None:
    """Look at it now and then; whoever looks next judges by what is noted."""
    with reading(run.engine) as connection:
        known, now = _noted(connection), database_now(connection)
    lately = known and now - datetime.fromisoformat(known["at"]) < _CERTIFICATE_EVERY
    if known and lately and known["site"] == site:
        return
    shown = certificate(site)
    told: dict[str, Any] = {"at": now.isoformat(), "site": site, "host": shown and shown.host}
    told["ends_at"] = shown.ends_at.isoformat() if shown and shown.ends_at else None
    told["problem"] = shown.problem if shown else ""
    with writing(run.engine) as connection:
        note(connection, _CERTIFICATE, told)


def _known_certificate(connection: Connection) -> Certificate | None:
    known = _noted(connection)
    if known is None or known["host"] is None:
        return None
    ends = known["ends_at"]
    return Certificate(
        known["host"], datetime.fromisoformat(ends) if ends else None, known["problem"]
    )


def _noted(connection: Connection) -> Mapping[str, Any] | None:
    return connection.scalar(select(facts.c.value).where(facts.c.name == _CERTIFICATE))
