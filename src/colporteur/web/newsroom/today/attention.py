"""What needs a person, each with where it is dealt with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from colporteur.articles.sources import store as sources
from colporteur.articles.sources.polling import SourceState
from colporteur.config.alerting import AlertLimits
from colporteur.db.tables.articles import refusals
from colporteur.delivery.spikes import spikes
from colporteur.digests.preflight import errors
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state, load
from colporteur.staff.permissions import May
from colporteur.vitals.alerting.keeping import standing
from colporteur.vitals.judging import beat_silent
from colporteur.vitals.problems import TOLD_OTHERWISE, Kind, Problem
from colporteur.vitals.pulse import read_pulse
from colporteur.web.desk import Desk

_FAILS_FOR = timedelta(hours=1)  # sites are away for a moment
_HEARD_SINCE = timedelta(days=2)
_WAITING = (State.AWAITING_APPROVAL, State.PAUSED, State.HELD)
_SOURCES = "/newsroom/articles/sources"


@dataclass(frozen=True)
class Need:
    """Something that needs a person.

    ``what`` is a message of the catalogues with ``values``; ``edition`` it is about, if one; and
    ``said``, a word of the house or of somebody, that is shown as it is. A ``problem`` of the
    installation has words and values of its own. ``to`` may be empty: then no page deals with it.
    """

    what: str
    to: str
    may: May
    edition: Edition | None = None
    said: str = ""
    values: tuple[tuple[str, int], ...] = ()
    problem: Problem | None = None


def needs(desk: Desk, limits: AlertLimits) -> list[Need]:
    """What needs a person now, the most urgent first; from ``limits`` on something is wrong."""
    return [
        *_installation(desk, limits),
        *_editions(desk),
        *_spikes(desk),
        *_sources(desk),
        *_refused(desk),
    ]


def _installation(desk: Desk, limits: AlertLimits) -> Iterator[Need]:
    """What is wrong with the installation, as admins were told of it too."""
    found = [one.problem for one in standing(desk.connection) if one.told_at]
    pulse = read_pulse(desk.connection)
    silent = desk.now - pulse.at if pulse and pulse.at else timedelta(0)
    if silent > limits.beat and all(one.kind is not Kind.BEAT for one in found):
        found.insert(0, beat_silent(silent.total_seconds()))  # then nobody looks any more either
    for one in found:
        if one.kind not in TOLD_OTHERWISE:
            yield Need(one.message, one.path, May.SETTINGS, problem=one)


def _editions(desk: Desk) -> Iterator[Need]:
    for one in in_state(desk.connection, *_WAITING, State.FROZEN, State.OPEN):
        to, mistakes = f"/newsroom/editions/{one.id}", errors(one.findings)
        if mistakes:
            said = str(mistakes[0].get("message", ""))
            yield Need("The check found mistakes", to, May.LOOK, one, said)
        elif one.state is State.AWAITING_APPROVAL:
            yield Need("Waits for approval", to, May.LOOK, one)
        elif one.state is State.PAUSED:
            yield Need("Paused", to, May.LOOK, one, one.reason)
        elif one.state is State.HELD and one.hold_until is None:
            yield Need("Held back", to, May.LOOK, one, one.reason)


def _spikes(desk: Desk) -> Iterator[Need]:
    for one in spikes(desk.connection, desk.now, _HEARD_SINCE):
        yield Need(
            "%(hard)s of %(sent)s messages came back for good",
            f"/newsroom/reports/{one.edition}",
            May.LOOK,
            load(desk.connection, one.edition),
            values=(("hard", one.hard), ("sent", one.sent)),
        )


def _sources(desk: Desk) -> Iterator[Need]:
    for one in sources.listing(desk.connection):
        since = one.failing_since
        if one.state == SourceState.GONE:
            yield Need("A source is gone", _SOURCES, May.WRITE, said=f"{one.url} – {one.problem}")
        elif since is not None and desk.now - since > _FAILS_FOR:
            yield Need("A source fails", _SOURCES, May.WRITE, said=f"{one.url} – {one.problem}")


def _refused(desk: Desk) -> Iterator[Need]:
    count = int(desk.connection.scalar(select(func.count()).select_from(refusals)) or 0)
    if count:
        yield Need(
            "Articles that were not taken in: %(count)s",
            "/newsroom/articles/refused",
            May.WRITE,
            values=(("count", count),),
        )
