"""How commands say when an edition will have left, and whom a limit keeps waiting too long."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from colporteur.cli.braking import brake_of
from colporteur.cli.house import House
from colporteur.cli.moments import both_clocks
from colporteur.delivery.forecasting import Forecast, forecast
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.store import Edition
from colporteur.tasks import Runtime

_MINUTE = timedelta(minutes=1)


def expected(run: Runtime, inside: House, edition: Edition) -> Forecast | None:
    """What to expect of an edition that has not left; None where nobody would get it."""
    return forecast(
        inside.connection,
        inside.revision,
        inside.names,
        run.settings.relays,
        edition,
        inside.now,
        Whom(staff=brake_of(run, inside).staff_only),
    )


def in_words(found: Forecast, zone: str) -> Iterator[str]:
    """A line that says when it is done, and one for each reason to worry."""
    slowest = f"; slowest: {found.finish.slowest}" if found.finish.slowest else ""
    if found.finish.at is None:
        yield f"At this rate it is never done{slowest}."
    else:
        yield f"Expected to be done by {both_clocks(_minute(found.finish.at), zone)}{slowest}."
    if found.cut_short:
        yield (
            "Warning: it lasts longer than the channel's catch_up. Whom it has not reached by then "
            "does not get it; its articles come to them with their next edition."
        )
    if found.overtaken and found.following is not None:
        yield f"Warning: the next edition comes before that, at {both_clocks(found.following, zone)}."


def as_json(found: Forecast | None) -> dict[str, Any] | None:
    """A forecast as JSON tells it."""
    if found is None:
        return None
    return {
        "readers": found.readers,
        "begins": found.begins,
        "done_by": found.finish.at,
        "slowest": found.finish.slowest,
        "next_edition": found.following,
        "overtaken": found.overtaken,
        "cut_short": found.cut_short,
    }


def _minute(moment: datetime) -> datetime:
    """The minute that a moment lies before the end of."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE
