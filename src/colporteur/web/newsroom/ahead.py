"""What the calendar has ahead, as somebody of the newsroom sees it."""

from datetime import timedelta

from colporteur.editions.foresight import Outing
from colporteur.editions.foretelling import foretell
from colporteur.web.desk import Desk


def outings_ahead(desk: Desk, ahead: timedelta) -> list[Outing]:
    """What leaves in the time ``ahead``, and what was due and has not ended."""
    return foretell(
        desk.connection,
        desk.revision,
        desk.names,
        now=desk.now,
        ahead=ahead,
        back=timedelta(0),
        whom=desk.whom,
    )
