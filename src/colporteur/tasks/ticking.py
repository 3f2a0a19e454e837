"""The tick: what the calendar says, and hints for what is due.

Beat rings it each second; what is due stands in the database, and a batch that nobody took is
rung for again after ten seconds. So any number of beats, or none for a while, does no harm
(docs/rules.md, 1).
"""

from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.articles.pictures import store as picture_rows
from colporteur.articles.publishing import publish_due
from colporteur.articles.sources import store as source_rows
from colporteur.audience.importing import holding
from colporteur.db import alone, database_now, writing
from colporteur.db.tables.editions import editions, variants
from colporteur.delivery import ledger, preflighting
from colporteur.delivery.alerts import tell_of_failing_sources, tell_of_silent_webhooks
from colporteur.delivery.braking import close_lost, skip_too_late
from colporteur.delivery.set_back import stay_due
from colporteur.editions import scheduling
from colporteur.editions.brakes import in_force
from colporteur.editions.states import State
from colporteur.publication import revisions
from colporteur.publication.domains import connections_by_group
from colporteur.publication.identities import ids
from colporteur.syndication.documents import stale
from colporteur.syndication.hub import store as hub
from colporteur.tasks.application import BY_HAND, TICK, app, ring, runtime
from colporteur.tasks.elsewhere import deliver, picture, poll, tell, verify
from colporteur.tasks.feeds import build_feeds
from colporteur.tasks.lists import read_list
from colporteur.tasks.mail import preflight, render, ring_to_send
from colporteur.tasks.manners import calmly
from colporteur.vitals.pulse import note_pulse
from colporteur.webhooks.delivering import to_tell

RENDERED_A_TICK = 20


@app.task(name=TICK)
@calmly
def tick() -> None:
    """Do what the calendar says, then ring for what is due."""
    run = runtime()
    with writing(run.engine) as connection:
        revision = revisions.current(connection)
        if revision is None or not alone(connection, "tick"):
            return
        now = database_now(connection)
        names = ids(connection, revision.publication)
        stay_due(connection, now, run.settings.lease_seconds)
        publish_due(connection, now)
        real_relay = run.settings.outbox is None
        brake = in_force(connection, revision.publication, real_relay=real_relay)
        preflighting.stop_approved(connection, now)
        scheduling.advance(connection, revision, names, now, brake, preflighting.PATIENCE)
        skip_too_late(connection, revision.publication, names, now)
        close_lost(connection, now)
        scheduling.finish(connection, now)
        unchecked = preflighting.ring_due(connection, now)
        unrendered = _to_render(connection)
        places = connections_by_group(revision.publication.groups_in_force())
        due = ledger.ring_due(connection, now, places)
        feeds = _stale_feeds(connection, now)
        to_verify, to_deliver = hub.to_verify(connection, now), hub.to_deliver(connection, now)
        source_rows.sync(connection, revision, names, now)
        polled = source_rows.ring_due(connection, now)
        tell_of_failing_sources(connection, revision, names, now)
        pictured = picture_rows.ring_due(connection, now)
        given = holding.ring_due(connection, now)
        told = to_tell(connection, now)
        tell_of_silent_webhooks(connection, revision.publication, now)
    if feeds:
        ring(build_feeds)
    waiting = {verify: to_verify, deliver: to_deliver, preflight: unchecked, render: unrendered}
    for task, numbers in waiting.items():
        for number in numbers:
            ring(task, number)
    for one in due:
        ring_to_send(one)
    for task, numbers in {poll: polled, picture: pictured, tell: told, read_list: given}.items():
        for number in numbers:
            ring(task, number)


def _stale_feeds(connection: Connection, now: datetime) -> bool:
    """Whether any are to be built; noted with the tick, for whoever watches over both."""
    found = stale(connection)
    by_beat = not (tick.request.headers or {}).get(BY_HAND)
    note_pulse(connection, now, stale=found, by_beat=by_beat)
    return found


def _to_render(connection: Connection) -> list[int]:
    """Variants that will leave and are not rendered yet, those of most readers first.

    Some each tick: in the minutes of a freeze, or of a special's hold, that is all of them.
    """
    waiting = (
        select(variants.c.id)
        .join(editions, editions.c.id == variants.c.edition_id)
        .where(editions.c.state.in_([State.FROZEN, State.HELD]), variants.c.rendered_at.is_(None))
        .order_by(variants.c.readers.desc(), variants.c.id)
    )
    return list(connection.scalars(waiting.limit(RENDERED_A_TICK)))
