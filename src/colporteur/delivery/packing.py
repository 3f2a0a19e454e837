"""Makes what goes over the wire of deliveries: each variant is compiled once in a process."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from colporteur.audience.addresses import on_the_wire
from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.editions import editions
from colporteur.delivery.composing import Compiled, Post, Recipient, compile_post
from colporteur.delivery.dkim import signer_of
from colporteur.delivery.ledger import Due
from colporteur.delivery.letters import letter_message, read_letter, render
from colporteur.delivery.message import Envelope, compose
from colporteur.delivery.outcomes import GIVE_UP_AFTER
from colporteur.delivery.staff_letters import with_staff_link
from colporteur.delivery.transports import Parcel
from colporteur.delivery.welcoming.asking import with_its_link
from colporteur.digests.variants import render_variant
from colporteur.publication import Publication
from colporteur.publication.revisions import frozen_channel, require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates
from colporteur.tokens import BOUNCE, make_tag

_COMPILED_AT_MOST = 64
"""Variants kept ready: with 80 KB of HTML each, a few megabytes."""
_POSTS_AT_MOST = 64
_IN_FORCE_LASTS_S = 5.0
"""New limits, and a new sender of letters, hold after that long."""
_POST_LASTS_S = 30.0
"""A new BASE_URL is in messages after that long: an edition's own words never change here."""


@dataclass(frozen=True)
class _Kept:
    post: Post
    until: float  # by the monotonic clock


class Packing:
    """Makes parcels of deliveries; one a process, for any number of threads."""

    def __init__(self, engine: Engine, settings: Settings, templates: Templates) -> None:
        self._engine = engine
        self._settings = settings
        self._templates = templates
        self._signer = signer_of(settings)
        self._lock = threading.Lock()
        self._publication: tuple[Publication, float] | None = None
        self._posts: OrderedDict[int, _Kept] = OrderedDict()
        self._compiled: OrderedDict[tuple[int, datetime | None, str], Compiled] = OrderedDict()

    def parcel(self, due: Due) -> Parcel:
        """What goes over the wire of one delivery.

        Raises:
            TemplateBroken: its variant or letter does not render.
            AddressRefused: nobody can write to its address.
        """
        address = on_the_wire(due.address or "")
        if due.letter_id is not None:
            return self._letter(due, due.letter_id, address)
        assert due.edition_id is not None
        assert due.subscription_id is not None
        post = self.post(due.edition_id)
        compiled = self._variant(post, due)
        assert due.subscriber_id is not None
        message = compiled.message(Recipient(due.subscriber_id, due.subscription_id, address))
        sender = self._returns_to(due, compiled.sender)
        return Parcel(due.id, Envelope(sender, address), message, plain=True)

    def post(self, edition_id: int) -> Post:
        """What all messages of an edition share."""
        with self._lock:
            kept = self._posts.get(edition_id)
        if kept is not None and kept.until > time.monotonic():
            return kept.post
        post = self._read_post(edition_id)
        with self._lock:
            self._posts[edition_id] = _Kept(post, time.monotonic() + _POST_LASTS_S)
            _forget(self._posts, _POSTS_AT_MOST)
        return post

    def publication(self, connection: Connection) -> Publication:
        """The publication in force, or as it was some seconds ago."""
        known = self._publication
        if known is None or known[1] < time.monotonic():
            known = (require(connection).publication, time.monotonic() + _IN_FORCE_LASTS_S)
            self._publication = known
        return known[0]

    def _read_post(self, edition_id: int) -> Post:
        with reading(self._engine) as connection:
            edition = connection.execute(select(editions).where(editions.c.id == edition_id)).one()
            publication, channel = frozen_channel(connection, edition.revision, edition.channel_id)
            site = site_in_force(connection, self._settings, publication)
        return Post(
            publication=publication,
            channel=channel,
            edition_public_id=edition.public_id,
            site=site,
            secret_key=self._settings.secret_key,
            date=edition.send_at or edition.slot,
            bounce_domain=self._settings.bounce_domain,
            max_errors=channel.digest.max_errors if channel.digest else 1,
            give_up=channel.digest.give_up if channel.digest else GIVE_UP_AFTER,
        )

    def _variant(self, post: Post, due: Due) -> Compiled:
        assert due.variant_id is not None
        key = (due.variant_id, due.rendered_at, post.site)
        with self._lock:
            if key in self._compiled:
                self._compiled.move_to_end(key)
                return self._compiled[key]
        with writing(self._engine) as connection:
            rendering = render_variant(
                connection,
                self._templates,
                due.variant_id,
                post.site,
                database_now(connection),
                secret_key=self._settings.secret_key,
            )
        compiled = compile_post(post, rendering, self._signer)
        if due.rendered_at is not None:  # else it is known by another key from now on
            with self._lock:
                self._compiled[key] = compiled
                _forget(self._compiled, _COMPILED_AT_MOST)
        return compiled

    def _letter(self, due: Due, letter_id: int, address: str) -> Parcel:
        with reading(self._engine) as connection:
            letter = read_letter(connection, letter_id)
            publication = require(connection).publication
            site = site_in_force(connection, self._settings, publication)
            now = database_now(connection)
        letter = with_its_link(letter, self._settings.secret_key, site, now)
        letter = with_staff_link(letter, self._settings.secret_keys, site)
        rendering = render(self._templates, letter, publication, site)
        message = letter_message(letter, address, rendering, publication, self._settings.secret_key)
        sender = self._returns_to(due, message.sender)
        return Parcel(due.id, Envelope(sender, address), compose(message, self._signer))

    def _returns_to(self, due: Due, sender: str) -> str:
        """The envelope's sender: an address of this delivery alone, where bounces are read."""
        domain = self._settings.bounce_domain
        if not domain:
            return sender
        return f"b+{make_tag(self._settings.secret_key, BOUNCE, due.id)}@{domain}"


def _forget(kept: OrderedDict[Any, Any], at_most: int) -> None:
    while len(kept) > at_most:
        kept.popitem(last=False)
