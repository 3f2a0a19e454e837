"""A reader's own feed: what they chose of their channels, in each format, made when it is asked for.

It is written by what writes all feeds, from the same entries. It is in no list, and the hub does
not tell of it; its address ends with the key that it was made with.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from colporteur.articles.store import topic_slugs
from colporteur.editions.choosing import Profile
from colporteur.publication.identities import Ids, publication_feed_id
from colporteur.publication.revisions import Revision
from colporteur.syndication import listing
from colporteur.syndication.building import WRITERS, retractions
from colporteur.syndication.feed import FORMATS, Head, head
from colporteur.syndication.fragments import Shape, fragments
from colporteur.syndication.scopes import Scope
from colporteur.templating import Templates

LIMIT = 50
PATH = "feeds/private"


@dataclass(frozen=True)
class Own:
    """Whose feed it is: their topics by channel (ids), and what its address ends with."""

    subscriber_id: int
    token: str
    language: str
    tastes: Mapping[int, Profile]


@dataclass(frozen=True)
class Made:
    """A document, its address and its validators; ``etag`` is strong, of the plain bytes."""

    content_type: str
    url: str
    body: bytes
    etag: str
    last_modified: datetime


def private_feed(
    connection: Connection,
    revision: Revision,
    names: Ids,
    templates: Templates,
    site: str,
    own: Own,
    suffix: str,
) -> Made:
    """A reader's own feed in a format; what was written for others is used, and nothing is kept.

    An entry that breaks a rule of feeds is left out, as it is elsewhere.
    """
    (written,) = (one for one in WRITERS if one.suffix == suffix)
    listed = listing.chosen(connection, LIMIT, own.tastes)
    updated = max((one.changed_at for one in listed), default=revision.made_at)
    top = _head(connection, revision, templates, site, own, updated)
    shape = Shape(
        publication=revision.publication,
        topics=topic_slugs(connection),
        site=site,
        full_text=all(
            one.feed.full_text
            for one in revision.publication.channels
            if names.channels[one.slug] in own.tastes
        ),
        retractions=retractions(revision.publication, templates),
    )
    parts = fragments(connection, listed, written, shape, top, keep=False)
    body = written.join(top, (one.body for one in parts if not one.faults))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kind = f"{FORMATS[suffix]}; charset=utf-8"
    return Made(kind, top.url(suffix), body, etag, updated)


def _head(
    connection: Connection,
    revision: Revision,
    templates: Templates,
    site: str,
    own: Own,
    updated: datetime,
) -> Head:
    publication = revision.publication
    words = templates.catalogue(own.language)
    scope = Scope(
        path=f"{PATH}/{own.token}",
        title=f"{publication.title_in(own.language)} · {words.gettext('My own feed')}",
        description=words.gettext("What you chose of our channels and topics, and nobody else’s."),
        language=own.language,
        home="",
        limit=LIMIT,
    )
    feed_id = f"{publication_feed_id(connection)}:reader:{own.subscriber_id}"
    return replace(head(scope, publication, site, feed_id, updated), private=True)
