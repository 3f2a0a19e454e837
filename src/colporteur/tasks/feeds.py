"""Feeds: built where articles or channels changed, and announced to the hub's subscribers."""

import threading

from colporteur.db import alone, database_now, writing
from colporteur.publication import revisions
from colporteur.publication.identities import ids
from colporteur.publication.site import site_in_force
from colporteur.syndication.building import build_stale, lock_stale
from colporteur.syndication.hub import distributing
from colporteur.tasks.application import Runtime, app, runtime
from colporteur.tasks.manners import calmly, in_a

BUILT_AT_ONCE = 4  # channels in a transaction
_builds = threading.BoundedSemaphore()  # a build is rung for each second until it is done


@app.task(name="colporteur.syndication.build")
@in_a(_builds)
@calmly
def build_feeds() -> None:
    """Build the feeds of the channels that changed, unless another worker does."""
    run = runtime()
    while _build_group(run, waits=False) is not None:
        pass


def build_and_announce(run: Runtime) -> list[str]:
    """Build the feeds of the channels that changed, and have the hub tell; the paths written."""
    written: list[str] = []
    while (group := _build_group(run, waits=True)) is not None:
        written += group
    return written


def _build_group(run: Runtime, *, waits: bool) -> list[str] | None:
    """Build the feeds of a few channels; None when there is nothing left for us to build.

    A few in each transaction: others' writing waits for one, and not for all.
    """
    with writing(run.engine) as connection:
        if not waits and not alone(connection, "build"):
            return None
        if not lock_stale(connection, BUILT_AT_ONCE):  # before the publication is read
            return None
        revision = revisions.require(connection)
        names = ids(connection, revision.publication)
        site = site_in_force(connection, run.settings, revision.publication)
        now = database_now(connection)
        written = build_stale(
            connection, revision, names, run.templates, site, now, at_most=BUILT_AT_ONCE
        )
        distributing.announce(connection, written, now)
        return written
