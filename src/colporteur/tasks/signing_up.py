"""Letters to who signed up that waited, reminders, and forgetting who never confirmed."""

import logging

from sqlalchemy import Connection

from colporteur.audience.forgetting import forget_unconfirmed, unanswered_since
from colporteur.db import database_now, reading, writing
from colporteur.delivery.welcoming.asking import Office
from colporteur.delivery.welcoming.gates import Gates
from colporteur.delivery.welcoming.waiting import ask_those_who_wait, remind
from colporteur.publication import revisions
from colporteur.publication.identities import ids
from colporteur.publication.site import site_in_force
from colporteur.tasks.application import Runtime

_log = logging.getLogger(__name__)


def office_of(connection: Connection, run: Runtime) -> Office | None:
    """What letters to readers are written with; None before there is a publication."""
    revision = revisions.current(connection)
    if revision is None:
        return None
    publication = revision.publication
    site = site_in_force(connection, run.settings, publication)
    return Office(publication, ids(connection, publication), site, run.settings.secret_key)


def care_for_signups(run: Runtime) -> None:
    """Write what waited, and remind; then forget who never confirmed, each by themselves."""
    with writing(run.engine) as connection:
        office = office_of(connection, run)
        if office is None:
            return
        now = database_now(connection)
        rules = office.publication.subscribing
        ask_those_who_wait(connection, office, Gates(run.limits, rules.at_most), now)
        remind(connection, office, now)
    before = now - rules.forget_unconfirmed
    with reading(run.engine) as connection:
        stale = unanswered_since(connection, before)
    for one in stale:
        with writing(run.engine) as connection:
            forget_unconfirmed(connection, one, before)
    if stale:
        _log.info("%d who signed up and never confirmed are forgotten.", len(stale))
