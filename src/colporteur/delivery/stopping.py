"""Stops an edition that goes wrong while it is being sent, and tells people (rule 9)."""

from datetime import datetime

from sqlalchemy import Connection

from colporteur.delivery.alerts import tell_of_edition
from colporteur.delivery.braking import pause
from colporteur.digests.preflight import ERROR
from colporteur.editions.store import load


def stop(connection: Connection, edition_id: int, why: str, cure: str, now: datetime) -> bool:
    """Pause an edition and write to those in charge; False if it was stopped before."""
    if not pause(connection, edition_id, why, now):
        return False
    finding = {"severity": ERROR, "text": why, "cure": cure}
    said = {
        "stopped": True,
        "command": f"colporteur editions report {edition_id}",
        "resume": f"colporteur editions resume {edition_id}",
    }
    mark = f"stopped:{now:%Y-%m-%dT%H:%M:%S}"
    tell_of_edition(connection, load(connection, edition_id), [finding], said, mark, now)
    return True
