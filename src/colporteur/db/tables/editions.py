"""Editions: what a channel sends for one slot, frozen into variants."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from colporteur.db.tables.metadata import key, metadata, refers
from colporteur.db.types import Instant, Json

editions = Table(
    "editions",
    metadata,
    key(),
    Column("public_id", String(40), nullable=False, unique=True),
    refers("channel_id", "channels.id"),
    Column("kind", String(20), nullable=False),  # regular, special, correction
    Column("key", String(200), unique=True),  # a special's form nonce or Idempotency-Key
    Column("cadence", String(80)),  # None for specials
    Column("slot", Instant),
    Column("send_at", Instant),  # when its deliveries may leave; an editor may move it
    Column("forced", Boolean, nullable=False),  # sent by hand, outside the calendar
    Column("state", String(20), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("arrangement", Json, nullable=False),  # lead, order, left_out, intro, subject, preheader
    Column("arranged_by", Json, nullable=False, server_default="[]"),  # all who had a hand in it
    Column("audience", Json),  # a special's: channels and topics (ids), or the edition it corrects
    Column("revision", Integer),  # the publication's, at the freeze
    Column("number_to", BigInteger),  # the last article number that the freeze saw
    Column("opened_at", Instant, nullable=False),
    Column("approved_at", Instant),
    Column("approved_to", BigInteger),  # an early approval closes the candidates here
    Column("hold_until", Instant),
    Column("frozen_at", Instant),
    Column("resumed_at", Instant),  # when it was last let go: its lateness counts from there
    Column("ended_at", Instant),
    Column("check_rung_at", Instant),  # when its preflight was rung for
    Column("checked_at", Instant),  # when its preflight was done
    Column("findings", Json, nullable=False, server_default="[]"),  # what that found
    Column("first_left_at", Instant),  # from then on it can be read on the web
    UniqueConstraint("channel_id", "cadence", "slot"),
    Index("ix_editions_state", "state", "send_at"),
)

edition_events = Table(
    "edition_events",
    metadata,
    key(),
    refers("edition_id", "editions.id"),
    Column("at", Instant, nullable=False),
    Column("by", String(200), nullable=False),
    Column("from_state", String(20)),
    Column("to_state", String(20), nullable=False),
    Column("why", String(500), nullable=False),
    Index("ix_edition_events_edition_id", "edition_id", "id"),
)

# The versions that the freeze fixed; variants name articles, this says which version.
edition_articles = Table(
    "edition_articles",
    metadata,
    refers("edition_id", "editions.id", primary_key=True),
    refers("article_id", "articles.id", primary_key=True),
    Column("version", Integer, nullable=False),
    Column("taken_out_at", Instant),  # withdrawn since: no variant that has not left has it
    Index("ix_edition_articles_article_id", "article_id", "edition_id"),
)

# A variant is what readers with the same windows, choice and layout get. Its windows, written
# "3-5,10-20" for the article numbers (3, 5] and (10, 20], are what its deliveries settle; with
# all that was settled before, they make ``settled``. What a special brings instead, or what was
# withdrawn, is taken out of a copy: ``base_id`` is the variant it is a copy of, and ``without``
# says why ("edition 12", "article 7").
variants = Table(
    "variants",
    metadata,
    key(),
    refers("edition_id", "editions.id"),
    Column("key", String(64), nullable=False),
    Column("windows", Text, nullable=False),
    Column("settled", Text, nullable=False, server_default=""),
    refers("base_id", "variants.id", nullable=True),
    Column("without", Json, nullable=False, server_default="[]"),
    Column("number_to", BigInteger, nullable=False),
    Column("articles", Json, nullable=False),  # article ids, in order, the lead first
    Column("more", Integer, nullable=False),  # left out by max_items
    Column("layout", String(40), nullable=False),
    Column("readers", Integer, nullable=False),
    Column("rendered_at", Instant),
    Column("subject", Text),
    Column("text", Text),
    Column("html", Text),
    UniqueConstraint("edition_id", "key"),
)

# Specials that are being written, before there is an edition: their content as the form has it.
special_drafts = Table(
    "special_drafts",
    metadata,
    key(),
    Column("key", String(40), nullable=False, unique=True),  # the form's nonce, and the edition's
    Column("content", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_by", String(320), nullable=False),
    Column("changed_by", String(320), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    refers("edition_id", "editions.id", nullable=True),
)

# How often a link of an edition was followed, where the publisher counts that; never by whom.
clicks = Table(
    "clicks",
    metadata,
    refers("edition_id", "editions.id", primary_key=True),
    Column("url_key", String(64), primary_key=True),  # its hash: long URLs do not fit an index
    Column("url", String(2000), nullable=False),
    Column("count", Integer, nullable=False),
)
