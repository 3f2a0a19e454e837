"""Writes a letter to those in charge about what a look has to tell: one for all of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from colporteur.delivery.alerts import alert
from colporteur.publication import Publication
from colporteur.templating import Templates
from colporteur.vitals.alerting.following import Event
from colporteur.vitals.alerting.keeping import Notice
from colporteur.vitals.alerting.words import said
from colporteur.vitals.problems import TOLD_OTHERWISE

_ORDER = (Event.BEGAN, Event.WORSE, Event.LASTS, Event.ENDED, Event.TEST)


def write_letters(
    connection: Connection,
    publication: Publication,
    templates: Templates,
    notices: Sequence[Notice],
    now: datetime,
) -> int:
    """A letter to each who is to be told; how many were written."""
    mine = [one for one in notices if one.problem.kind not in TOLD_OTHERWISE]
    if not mine:
        return 0
    tag = publication.languages[0]
    words = templates.catalogue(tag)
    told = []
    for one in sorted(mine, key=lambda one: (_ORDER.index(one.event), one.id)):
        text = said(one.problem, words, tag)
        told.append(
            {
                "event": str(one.event),
                "severity": str(one.problem.severity),
                "text": text.text,
                "cure": "" if one.event is Event.ENDED else text.cure,
                "since": one.began_at.isoformat(),
            }
        )
    # A notice is told once; tests have no number of their own.
    purpose = f"vitals:{mine[0].id or now.isoformat()}"
    content = {"about": "vitals", "told": told, "command": "colporteur vitals"}
    return alert(connection, publication, purpose, content, now)
