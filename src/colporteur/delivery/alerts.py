"""Tells those in ``alerts_to`` that something is wrong, once each time it is."""

import hashlib
import logging
from datetime import datetime

from sqlalchemy import Connection

from colporteur.articles.sources import store
from colporteur.articles.sources.polling import SourceState
from colporteur.delivery.letters import write_letter
from colporteur.digests.letters import ALERT
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

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
        for address in publication.alerts_to:
            whom = hashlib.sha256(address.casefold().encode()).hexdigest()[:40]
            purpose = f"source:{source.id}:{source.failing_since:%Y-%m-%dT%H:%M:%S}:{whom}"
            written += write_letter(
                connection, purpose, ALERT, address, publication.languages[0], content, now
            )
    return written
