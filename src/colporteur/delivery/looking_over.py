"""Looks an edition over whenever an editor asks, as it would leave by now; nothing changes."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from colporteur.config import Settings
from colporteur.db import database_now, undoing
from colporteur.delivery.standing import require_offered
from colporteur.digests.preflight import Finding, Material, errors, judge
from colporteur.digests.preflight.gathering import chosen, gather, overrides_broken, render_one
from colporteur.digests.preflight.links import to_ask
from colporteur.digests.preflight.reaching import Asking, Told, nothing_told, reach
from colporteur.editions.arranging import Wishes, arrange
from colporteur.editions.brakes import in_force
from colporteur.editions.freezing.ahead import freeze_ahead, freeze_special_ahead
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.naming import Named, find_edition
from colporteur.editions.opening import BY
from colporteur.editions.states import State
from colporteur.editions.store import Edition, load_in_turn, render_anew
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates

_STOPPED = (State.PAUSED, State.AWAITING_APPROVAL)  # the latter is paused once it is approved


@dataclass(frozen=True)
class LookedOver:
    """An edition as it would leave. ``nothing`` says why there would be none of it."""

    edition: Edition
    findings: tuple[Finding, ...]
    nothing: str = ""


def look_over(
    engine: Engine,
    settings: Settings,
    templates: Templates,
    named: Named,
    told: Told = nothing_told,
    wishes: Wishes | None = None,
) -> LookedOver:
    """What preflight finds in an edition; one to come is frozen for that, and undone.

    Meanwhile others' writing waits, as it does for the freeze itself; not for the links. With
    ``wishes`` it is looked over as if they were saved.

    Raises:
        UnknownName: there is no such channel, cadence or edition.
        ChoiceRefused: the time is none, or the channel has several cadences and none was named.
        ArrangementRefused: the wishes contradict each other, or it is too late for them.
        NothingToSend: its cadence is not offered any more.
    """
    with undoing(engine) as connection:
        real = settings.outbox is None
        edition = _frozen(connection, named, wishes, real_relay=real)
        if edition.frozen_at is None or edition.state is State.SKIPPED:
            return LookedOver(edition, (), edition.reason or "it is not fixed for anybody")
        if edition.state is State.PAUSED or errors(edition.findings):
            _as_mended(connection, edition)
        material = material_of(connection, settings, templates, edition, real_relay=real)
    asking = Asking(material.letterhead.site, loopback=settings.fetch_loopback, told=told)
    return LookedOver(edition, tuple(judge(material, reach(to_ask(material), asking))))


def _frozen(
    connection: Connection, named: Named, wishes: Wishes | None, *, real_relay: bool
) -> Edition:
    now = database_now(connection)
    revision = require(connection)
    publication = revision.publication
    names = ids(connection, publication)
    whom = Whom(staff=in_force(connection, publication, real_relay=real_relay).staff_only)
    channel, edition = find_edition(connection, revision, names, named, by=BY, now=now)
    if wishes is not None:
        in_turn = load_in_turn(connection, edition.id)
        edition = arrange(connection, in_turn, wishes, by=BY, now=now)
    if not edition.regular:
        return freeze_special_ahead(connection, revision, edition, now, whom)
    require_offered(channel, edition)
    return freeze_ahead(connection, revision, names, channel, edition, now, whom)


def _as_mended(connection: Connection, edition: Edition) -> None:
    """Have what is stopped, and nobody has got, rendered as it will be once it is resumed."""
    stopped = load_in_turn(connection, edition.id)
    if stopped.first_left_at is None and stopped.state in _STOPPED:
        render_anew(connection, edition.id)


def material_of(
    connection: Connection,
    settings: Settings,
    templates: Templates,
    edition: Edition,
    *,
    real_relay: bool,
) -> Material:
    """What is to be judged of a frozen edition; what was not rendered yet is, and kept."""
    publication = require(connection).publication
    site = site_in_force(connection, settings, publication)
    now = database_now(connection)
    wanted, key = chosen(connection, edition.id), settings.secret_key
    rendered = [render_one(connection, templates, one, site, now, secret_key=key) for one in wanted]
    replaced = overrides_broken(connection, templates, wanted, site)
    return gather(connection, edition, site, rendered, real_relay=real_relay, replaced=replaced)
