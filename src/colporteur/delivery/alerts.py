"""Tells people that something is wrong, once each time it is.

They are those in ``alerts_to``; where that is empty, those who may approve or administer.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from colporteur.articles.sources import store
from colporteur.articles.sources.polling import SourceState
from colporteur.delivery.letters import write_letter
from colporteur.digests.letters import ALERT
from colporteur.editions.store import Edition
from colporteur.publication import Publication
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision, frozen_channel
from colporteur.staff.people import Role, listing
from colporteur.webhooks.endpoints import to_alert

_TOLD_AT_MOST = 20
_IN_CHARGE = (Role.APPROVER, Role.ADMIN)
_log = logging.getLogger(__name__)


def tell_of_failing_sources(
    connection: Connection, revision: Revision, names: Ids, now: datetime
) -> int:
    """A letter to each address about each source that is gone or fails for a day; how many."""
    publication = revision.publication
    titles = {names.channels[one.slug]: one.title for one in publication.channels}
    written = 0
    for source in store.to_alert(connection, now):
        assert source.failing_since is not None
        gone = source.course.state is SourceState.GONE
        what = "is gone for good" if gone else "has been failing for a day"
        _log.error("The source %s %s: %s", source.url, what, source.problem)
        content = {
            "channel": titles.get(source.channel_id, ""),
            "url": source.url,
            "problem": source.problem,
            "gone": gone,
            "failures": source.failures,
            "since": source.failing_since.isoformat(),
        }
        purpose = f"source:{source.id}:{source.failing_since:%Y-%m-%dT%H:%M:%S}"
        written += alert(connection, publication, purpose, content, now)
    return written


def tell_of_edition(
    connection: Connection,
    edition: Edition,
    findings: Sequence[Mapping[str, Any]],
    said: Mapping[str, Any],
    mark: str,
    now: datetime,
) -> int:
    """A letter to each about an edition that is kept back, once for this mark; how many.

    ``said`` is what the letter says beside the findings: the commands that look and let go.
    """
    publication, named = _named(connection, edition)
    content = {
        "about": "edition",
        **named,
        "slot": edition.slot.isoformat() if edition.slot else None,
        "findings": [
            {name: one[name] for name in ("severity", "text", "cure")}
            for one in findings[:_TOLD_AT_MOST]
        ],
        **said,
    }
    kind, _, what = mark.partition(":")
    return alert(connection, publication, f"{kind}:{edition.id}:{what}", content, now)


def tell_of_bounces(
    connection: Connection, edition: Edition, hard: int, sent: int, now: datetime
) -> int:
    """A letter to each that much of an edition came back, once; how many."""
    publication, named = _named(connection, edition)
    content = {
        "about": "bounces",
        **named,
        "hard": hard,
        "sent": sent,
        "command": f"colporteur editions report {edition.id}",
    }
    return alert(connection, publication, f"bounces:{edition.id}", content, now)


def tell_of_silent_webhooks(connection: Connection, publication: Publication, now: datetime) -> int:
    """A letter to each about each program that is told nothing any more; how many."""
    written = 0
    for one in to_alert(connection, now):
        content = {
            "about": "webhook",
            "name": one.name,
            "url": one.url.partition("?")[0],
            "problem": one.disabled_why,
            "command": f"colporteur webhooks on {one.id}",
        }
        assert one.disabled_at is not None
        purpose = f"webhook:{one.id}:{one.disabled_at:%Y-%m-%dT%H:%M:%S}"
        written += alert(connection, publication, purpose, content, now)
    return written


def _named(connection: Connection, edition: Edition) -> tuple[Publication, dict[str, str]]:
    """The publication of an edition, and what people call both edition and channel."""
    assert edition.revision is not None
    publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
    rules = channel.digest.cadences.get(edition.cadence or "") if channel.digest else None
    name = rules.name.get(channel.language, "") if rules else edition.arrangement.subject
    called = name or edition.cadence or edition.kind
    return publication, {"edition": called, "channel": channel.title}


def alert(
    connection: Connection,
    publication: Publication,
    purpose: str,
    content: Mapping[str, Any],
    now: datetime,
) -> int:
    """A letter to each who is to be told, once for this purpose; how many were written."""
    told = those_told(connection, publication)
    if not publication.alerts_to:
        content = {**content, "unlisted": True}
    if not told:
        _log.error("Nobody is told: alerts_to is empty, and nobody approves or administers.")
    language = publication.languages[0]
    return sum(
        write_letter(
            connection, f"{purpose}:{_mark(one)}", ALERT, one, language, dict(content), now
        )
        for one in told
    )


def those_told(connection: Connection, publication: Publication) -> tuple[str, ...]:
    """The addresses that alerts go to."""
    return publication.alerts_to or _in_charge(connection)


def _in_charge(connection: Connection) -> tuple[str, ...]:
    active = (one for one in listing(connection) if one.disabled_at is None)
    return tuple(one.address for one in active if one.role in _IN_CHARGE)


def _mark(address: str) -> str:
    return hashlib.sha256(address.casefold().encode()).hexdigest()[:40]
